import { JournalConflictError, StaleEpochError } from '../errors.ts'
import type { Lease } from '../journal.ts'
import type { Settled } from '../journals/batch-rules.ts'
import type { RecordDraft } from '../records.ts'
import type { Host, ProcessIdentity } from './host.ts'
import type { JournalFile } from './journal-file.ts'
import type { Processes } from './processes.ts'
import type { RunRow } from './run-table.ts'

/** A run that an owner in this process holds. */
export interface HeldRun {
  readonly lease: Lease
  /** Its number; 0 until it is stored. */
  n: number
  /** Read from the records once they are needed. */
  settled: Settled | undefined
  /** Whether its log is over. */
  ended: boolean
  /** When it was last renewed, by the runtime's `elapsed`. */
  renewedAt: number
  /** Somebody else has it, or nobody. */
  isGone: boolean
  /** Why nothing more of this lease is stored; absent where nothing has failed. */
  failure?: unknown
  /** The generation of the file up to which it is known to be held. */
  seen: number
}

/** What leases need of their journal. */
export interface LeasesHost {
  readonly file: JournalFile
  readonly processes: Processes
  readonly host: Host
  readonly leaseMs: number
}

/** The leases of one open journal: which runs are held here, and which can be taken. */
export class Leases {
  readonly #host: LeasesHost
  readonly #held = new Map<string, HeldRun>()

  constructor(host: LeasesHost) {
    this.#host = host
  }

  /** The run of a lease, where it was granted here and has not been given back. */
  held({ runId, epoch, owner }: Lease): HeldRun | undefined {
    const held = this.#held.get(runId)
    if (held === undefined || held.isGone) return undefined
    return held.lease.epoch === epoch && held.lease.owner === owner ? held : undefined
  }

  /** A new run, which is held from now on. Throws where its id is taken here. */
  open(lease: Lease): HeldRun {
    const { runId, epoch } = lease
    const known = this.#held.get(runId)
    if (known?.failure !== undefined) throw known.failure
    if (known !== undefined) throw new JournalConflictError(runId, 'a run of this id exists')
    if (epoch !== 1) throw new JournalConflictError(runId, 'it was never opened')
    return this.#add(lease, 0, false, new Map())
  }

  /**
   * The run of a lease that is not known here, as the file has it. Throws what a batch of it is refused
   * with where it is not held so.
   */
  adopt(lease: Lease, batch: readonly RecordDraft[]): HeldRun {
    const { runId, epoch, owner } = lease
    const { processes, file } = this.#host
    const known = this.#held.get(runId)
    if (known?.failure !== undefined && known.lease.epoch === epoch) throw known.failure
    const row = file.runs.find(runId)
    if (row === undefined) throw new JournalConflictError(runId, 'it was never opened')
    const ended = row.entry.status !== 'open'
    const [first] = batch
    if (ended && first?.kind !== 'run.reopened') {
      throw new JournalConflictError(runId, `it has ended, a ${first?.kind} is too late`)
    }
    const isHeld = row.epoch === epoch && row.owner === owner && row.process === processes.self
    if (!isHeld) throw new StaleEpochError(runId, epoch)
    return this.#add(lease, row.n, ended)
  }

  /** Takes a run that is free, or whose holder is gone. In a transaction. */
  acquire(runId: string, owner: string): Lease | undefined {
    const { processes, file } = this.#host
    const row = file.runs.find(runId)
    if (row === undefined || this.isHeld(row)) return undefined
    const isLost = row.owner !== undefined
    const epoch = row.epoch + 1
    const lease: Lease = { runId, epoch, owner, ...(isLost ? { isLost } : {}) }
    processes.renewIfDue()
    file.runs.hold(row.n, epoch, owner, processes.self)
    const former = this.#held.get(runId)
    if (former !== undefined) this.lose(former)
    this.#add(lease, row.n, row.entry.status !== 'open')
    return lease
  }

  /** Whether the file still says that it is held, which only others could have changed. */
  confirm(held: HeldRun): boolean {
    if (held.isGone) return false
    const { processes, file } = this.#host
    const { runs, commits } = file
    const generation = commits.generation
    if (held.seen === generation || held.n === 0) return true
    const { epoch, owner } = held.lease
    if (runs.isHeld(held.n, epoch, owner, processes.self)) {
      held.seen = generation
      return true
    }
    this.lose(held)
    return false
  }

  /** Gives a lease back. In a transaction. */
  release(lease: Lease): void {
    const { runId, epoch, owner } = lease
    const { processes, file } = this.#host
    const held = this.held(lease)
    if (held !== undefined) this.lose(held)
    const row = file.runs.find(runId)
    if (row?.epoch === epoch && row.owner === owner && row.process === processes.self) {
      file.runs.hold(row.n, epoch)
    }
  }

  /** Gives all of them back. In a transaction. */
  releaseAll(): void {
    for (const { lease } of [...this.#held.values()]) this.release(lease)
  }

  /** It is not held here any more. */
  lose(held: HeldRun): void {
    held.isGone = true
    const { runId } = held.lease
    if (this.#held.get(runId) === held) this.#held.delete(runId)
  }

  /** Nothing more of the lease is stored: what was to be stored is lost. */
  fail(held: HeldRun, error: unknown): void {
    held.failure ??= error
    const { runId } = held.lease
    if (!this.#held.has(runId)) this.#held.set(runId, held)
  }

  /** Whether somebody has a run. */
  isHeld({ entry, process, owner }: RunRow): boolean {
    if (process === undefined || owner === undefined) return false
    const { processes, file, host, leaseMs } = this.#host
    if (process !== processes.self) return processes.isThere(process)
    const held = this.#held.get(entry.runId)
    if (held === undefined || held.isGone || !host.isOwnerAlive(owner)) return false
    return file.runtime.elapsed() - held.renewedAt < leaseMs
  }

  /** The process that has a run; `undefined` where nobody has it. */
  holder(run: RunRow): ProcessIdentity | undefined {
    if (run.process === undefined || !this.isHeld(run)) return undefined
    return this.#host.processes.identity(run.process)
  }

  #add(lease: Lease, n: number, ended: boolean, settled?: Settled): HeldRun {
    const { runtime, commits } = this.#host.file
    const held: HeldRun = {
      lease,
      n,
      settled,
      ended,
      renewedAt: runtime.elapsed(),
      isGone: false,
      seen: commits.generation,
    }
    this.#held.set(lease.runId, held)
    return held
  }
}
