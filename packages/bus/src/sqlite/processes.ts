import type { StatementSync } from 'node:sqlite'
import type { Host, ProcessIdentity } from './host.ts'
import type { JournalFile } from './journal-file.ts'
import { number, type Row, text } from './rows.ts'

/** One of them as its row says. */
interface Shared extends ProcessIdentity {
  readonly n: number
  readonly leaseMs: number
  /** When it was heard of last: by the wall clock, and in milliseconds since its system booted. */
  readonly renewedAt: number
  readonly renewedUp: number
}

/**
 * The processes that have a journal open for writing, and whether they are still there.
 *
 * - One that is dead, on this system, or was there before it was booted, is known to be dead at once.
 * - One that lives on this system has its leases as long as it renews them by the system's own count of
 *   time, which no clock changes.
 * - One elsewhere has them until they have run out by the wall clock, or nothing was heard of it for as
 *   long while this process watched; so a clock that jumps keeps no dead lease.
 */
export class Processes {
  readonly #file: JournalFile
  readonly #host: Host
  readonly #leaseMs: number
  readonly #find: StatementSync
  readonly #store: StatementSync
  /** What was heard last of those elsewhere, and since when by this process's `elapsed`. */
  readonly #heard = new Map<number, { readonly renewedAt: number; readonly since: number }>()
  #self = 0
  #renewedAt = Number.NEGATIVE_INFINITY

  constructor(file: JournalFile, host: Host, leaseMs: number) {
    this.#file = file
    this.#host = host
    this.#leaseMs = leaseMs
    const { database } = file
    this.#find = database.prepare('SELECT * FROM processes WHERE n = ?')
    this.#store = database.prepare(
      `INSERT OR REPLACE INTO processes
         (n, host, boot, space, pid, started, lease_ms, renewed_at, renewed_up)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    )
  }

  /** The number of this process. */
  get self(): number {
    return this.#self
  }

  /** Whether it is time to renew what this process holds. */
  get isDue(): boolean {
    return this.#file.runtime.elapsed() - this.#renewedAt > this.#leaseMs / 6
  }

  /** Enters this process, and forgets those that are known to be dead. In a transaction. */
  enter(): void {
    for (const row of this.#file.database.prepare('SELECT * FROM processes').all()) {
      const process = processOf(row)
      if (this.#isDead(process)) this.#forget(process.n)
    }
    this.#renew()
  }

  /** Says that this process is there, where it is time. In a transaction. */
  renewIfDue(): void {
    if (this.isDue) this.#renew()
  }

  #renew(): void {
    const { runtime } = this.#file
    const { host: name, boot, space, pid, started } = this.#host.self
    const { lastInsertRowid } = this.#store.run(
      this.#self === 0 ? null : this.#self,
      name,
      boot,
      space,
      pid,
      started,
      this.#leaseMs,
      Math.floor(runtime.now()),
      Math.floor(this.#host.uptime()),
    )
    this.#self = Number(lastInsertRowid)
    this.#renewedAt = runtime.elapsed()
  }

  /** This process has it open no longer. In a transaction. */
  leave(): void {
    this.#forget(this.#self)
  }

  /** Who one of them is; `undefined` where it has gone. */
  identity(n: number): ProcessIdentity | undefined {
    const row = this.#find.get(n)
    return row === undefined ? undefined : processOf(row)
  }

  /** Whether the leases of another process last. */
  isThere(n: number): boolean {
    const row = this.#find.get(n)
    if (row === undefined) return false
    const other = processOf(row)
    if (this.#isDead(other)) return false
    const { runtime } = this.#file
    const { leaseMs, renewedAt, renewedUp } = other
    if (other.boot === this.#host.self.boot) return this.#host.uptime() - renewedUp < leaseMs
    const heard = this.#heard.get(n)
    const elapsed = runtime.elapsed()
    if (heard?.renewedAt !== renewedAt) this.#heard.set(n, { renewedAt, since: elapsed })
    else if (elapsed - heard.since >= leaseMs) return false
    return runtime.now() - renewedAt < leaseMs
  }

  #isDead(other: Shared): boolean {
    const { self } = this.#host
    if (other.boot !== self.boot) return other.host === self.host
    return other.space === self.space && !this.#host.isAlive(other)
  }

  #forget(n: number): void {
    this.#file.database.prepare('DELETE FROM processes WHERE n = ?').run(n)
  }
}

function processOf(row: Row): Shared {
  return {
    n: number(row, 'n'),
    host: text(row, 'host'),
    boot: text(row, 'boot'),
    space: text(row, 'space'),
    pid: number(row, 'pid'),
    started: text(row, 'started'),
    leaseMs: number(row, 'lease_ms'),
    renewedAt: number(row, 'renewed_at'),
    renewedUp: number(row, 'renewed_up'),
  }
}
