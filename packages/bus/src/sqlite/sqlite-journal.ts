import type { DatabaseSync } from 'node:sqlite'
import { JournalConflictError, JournalFileError, StaleEpochError } from '../errors.ts'
import type {
  Journal,
  JournalFeatures,
  JournalMemory,
  Lease,
  ReadQuery,
  RunEntry,
  RunsQuery,
  StoredQuery,
} from '../journal.ts'
import { checkBatch, type Settled, settledIn } from '../journals/batch-rules.ts'
import { type JournalRecord, numberRecords, type RecordDraft } from '../records.ts'
import type { Runtime } from '../runtime.ts'
import { Batches } from './batches.ts'
import type { Sealer } from './codec.ts'
import { sizeOf } from './database.ts'
import { toFileError } from './file-errors.ts'
import { GroupCommit, type Write } from './group-commit.ts'
import type { Host } from './host.ts'
import { type JournalKey, SEALED } from './key-file.ts'
import { type HeldRun, Leases } from './leases.ts'
import { Memories } from './memories.ts'
import { PartStore } from './parts.ts'
import { Processes } from './processes.ts'
import { type EncodedBatch, encodeBatch, type RecordDecoding } from './record-codec.ts'
import { maybeText } from './rows.ts'
import { RunTable } from './run-table.ts'

/** How often a reader that follows looks for what other processes have written, in milliseconds. */
const LOOK_EVERY_MS = 150

/** A journal in a SQLite file, which several processes may share. */
export interface SqliteJournal extends Journal {
  /** Its file. */
  readonly path: string
  /** Bytes of the file, with what is on its way into it. */
  readonly size: number
}

/** An open file, and what its journal is told. */
export interface JournalParts {
  readonly path: string
  readonly mode: 'write' | 'read'
  readonly database: DatabaseSync
  /** Absent where only secrets cannot be read. */
  readonly key: JournalKey | undefined
  readonly leaseMs: number
  readonly runtime: Runtime
  readonly host: Host
}

/** The journal of an open file. */
export class FileJournal implements SqliteJournal {
  readonly path: string
  readonly features: JournalFeatures
  readonly memory: JournalMemory
  readonly #parts: JournalParts
  readonly #sealer: Sealer
  readonly #batches: Batches
  readonly #memories: Memories
  readonly #large: PartStore
  readonly #runs: RunTable
  readonly #processes: Processes
  readonly #leases: Leases
  readonly #commits: GroupCommit
  readonly #wakers = new Set<() => void>()
  /** The highest number that was given, and the foreign writes up to which that is so. */
  #seq = 0
  #seen = -1
  #isClosed = false

  constructor(parts: JournalParts) {
    const { path, database, key, leaseMs } = parts
    this.path = path
    this.features = { durability: 'power-loss', multiProcess: true, leaseMs }
    this.#parts = parts
    this.#sealer = key ?? SEALED
    this.#large = new PartStore(database)
    const values = database.prepare('SELECT value FROM memories WHERE id = ?')
    const decoding: RecordDecoding = {
      sealer: this.#sealer,
      part: (hash) => this.#large.read(hash),
      memoryValue: (id) => maybeText(values.get(id) ?? { value: null }, 'value'),
    }
    this.#batches = new Batches(database, decoding)
    this.#runs = new RunTable(database)
    this.#commits = new GroupCommit(path, database, () => this.#wake())
    this.#memories = new Memories({
      database,
      decoding,
      sealer: this.#sealer,
      look: (read) => this.#look(read),
      write: (write) => this.#write({ write }),
      scrub: () => this.#scrub(),
      fingerprint: (value) => this.#keyOrThrow().fingerprint(value),
    })
    this.memory = this.#memories
    this.#processes = new Processes(parts)
    const foreignWrites = () => this.#commits.foreignWrites()
    this.#leases = new Leases({
      ...parts,
      runs: this.#runs,
      processes: this.#processes,
      foreignWrites,
    })
  }

  get size(): number {
    return (sizeOf(this.path) ?? 0) + (sizeOf(`${this.path}-wal`) ?? 0)
  }

  /** Enters the process among those that share the file. */
  async enter(): Promise<this> {
    await this.#write({ write: () => this.#processes.enter() })
    return this
  }

  append(batch: readonly RecordDraft[], lease: Lease): Promise<readonly JournalRecord[]> {
    try {
      const held = this.#admit(batch, lease)
      const encoded = encodeBatch(batch, this.#sealer)
      this.#check(held, batch)
      return this.#write({
        write: () => this.#store(held, batch, encoded),
        failed: (error) => this.#leases.fail(held, error),
      })
    } catch (error) {
      return Promise.reject(error)
    }
  }

  async *read({ runId, after = 0, last }: StoredQuery = {}): AsyncIterable<JournalRecord> {
    const run = runId === undefined ? undefined : this.#look(() => this.#runs.find(runId)?.n)
    if (runId !== undefined && run === undefined) return
    if (last !== undefined) {
      yield* this.#look(() => this.#batches.last(last, after, run))
      return
    }
    const pages = this.#batches.pages(after, run)
    for (;;) {
      const page = this.#look(() => pages.next())
      if (page.done === true) return
      yield* page.value
    }
  }

  async *follow(query: ReadQuery & { readonly signal: AbortSignal }): AsyncIterable<JournalRecord> {
    const { signal, runId } = query
    let after = query.after ?? 0
    while (!signal.aborted && !this.#isClosed) {
      const page = this.#page(after, runId)
      for (const record of page) {
        after = record.seq
        yield record
        if (signal.aborted) return
      }
      if (page.length === 0) await this.#nextLook(signal)
    }
  }

  async lastSeq(): Promise<number> {
    return this.#look(() => this.#batches.lastSeq())
  }

  async *runs(query: RunsQuery = {}): AsyncIterable<RunEntry> {
    let before: number | undefined
    for (;;) {
      const page = this.#look(() => this.#runs.page(query, before))
      for (const { entry } of page) yield entry
      before = page.at(-1)?.n
      if (before === undefined) return
    }
  }

  acquire(runId: string, owner: string): Promise<Lease | undefined> {
    return this.#write({ write: () => this.#leases.acquire(runId, owner) })
  }

  async renew(lease: Lease): Promise<boolean> {
    if (this.#isClosed) return false
    const held = this.#leases.held(lease)
    if (held === undefined || held.failure !== undefined) return false
    if (!this.#look(() => this.#leases.confirm(held))) return false
    held.renewedAt = this.#parts.runtime.elapsed()
    const renew = () => {
      if (this.#processes.isDue) this.#processes.renew()
    }
    if (this.#processes.isDue) await this.#write({ write: renew })
    return !held.isGone
  }

  async release(lease: Lease): Promise<void> {
    if (this.#isClosed) return
    const held = this.#leases.held(lease)
    await this.#write({
      write: () => this.#leases.release(lease),
      failed: (error) => held !== undefined && this.#leases.fail(held, error),
    })
  }

  async close(): Promise<void> {
    if (this.#isClosed) return
    const { database, mode } = this.#parts
    if (mode === 'write') {
      const leave = () => {
        this.#leases.releaseAll()
        this.#processes.leave()
      }
      // What cannot be given back is free once this process is gone.
      const left = this.#write({ write: leave }).catch(() => {})
      this.#commits.flush()
      await left
    }
    this.#isClosed = true
    this.#wake()
    if (database.isOpen) database.close()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  /** The run that a batch is for, which is a new one where the batch opens it. */
  #admit(batch: readonly RecordDraft[], lease: Lease): HeldRun {
    if (batch[0]?.kind === 'run.opened') return this.#leases.open(lease)
    let held = this.#leases.held(lease)
    if (held === undefined) {
      this.#commits.flush()
      held = this.#look(() => this.#leases.adopt(lease, batch))
    }
    if (held.failure !== undefined) throw held.failure
    return held
  }

  /** Throws where the batch breaks a rule of its run's log. */
  #check(held: HeldRun, batch: readonly RecordDraft[]): void {
    const { runId } = held.lease
    try {
      const settled = held.settled ?? this.#settled(held)
      held.settled = settled
      held.ended = checkBatch({ runId, ended: held.ended }, settled, batch)
    } catch (error) {
      // It has noted a part of what is not stored now.
      held.settled = undefined
      if (held.n === 0) this.#leases.lose(held)
      throw error
    }
  }

  #settled({ n }: HeldRun): Settled {
    this.#commits.flush()
    return this.#look(() => settledIn(this.#batches.ofRun(n)))
  }

  /** Stores a batch that has kept the rules. In a transaction. */
  #store(
    held: HeldRun,
    batch: readonly RecordDraft[],
    { text, parts }: EncodedBatch,
  ): readonly JournalRecord[] {
    const { runId, epoch } = held.lease
    if (!this.#leases.confirm(held)) throw new StaleEpochError(runId, epoch)
    this.#openRow(held, batch)
    const first = this.#lastSeq() + 1
    numberRecords(batch, first)
    if (batch.length === 0) return batch
    this.#seq = first + batch.length - 1
    this.#batches.add(this.#seq, held.n, text)
    if (parts.size > 0) this.#large.add(held.n, parts)
    this.#memories.add(held.n, batch)
    this.#runs.noteStatus(held.n, batch)
    if (batch.at(-1)?.kind === 'run.ended') {
      this.#runs.hold(held.n, epoch)
      this.#leases.lose(held)
    }
    return batch
  }

  #openRow(held: HeldRun, batch: readonly RecordDraft[]): void {
    const [opened] = batch
    if (held.n !== 0 || opened?.kind !== 'run.opened') return
    if (this.#processes.isDue) this.#processes.renew()
    const { runId, epoch, owner } = held.lease
    const n = this.#runs.add(opened, epoch, owner, this.#processes.self)
    if (n === undefined) {
      this.#leases.lose(held)
      throw new JournalConflictError(runId, 'a run of this id exists')
    }
    held.n = n
    held.seen = this.#commits.foreignWrites()
  }

  #lastSeq(): number {
    const writes = this.#commits.foreignWrites()
    if (writes !== this.#seen) {
      this.#seq = this.#batches.lastSeq()
      this.#seen = writes
    }
    return this.#seq
  }

  #page(after: number, runId: string | undefined): readonly JournalRecord[] {
    return this.#look(() => {
      if (runId === undefined) return this.#batches.page(after)
      const run = this.#runs.find(runId)
      return run === undefined ? [] : this.#batches.page(after, run.n)
    })
  }

  /** Reads; throws what is wrong with the journal where that is so. */
  #look<T>(read: () => T): T {
    if (this.#isClosed) throw this.#closed()
    try {
      return read()
    } catch (error) {
      throw toFileError(this.path, error)
    }
  }

  #write<T>(write: Write<T>): Promise<T> {
    if (this.#isClosed) return Promise.reject(this.#closed())
    if (this.#parts.mode === 'write') return this.#commits.run(write)
    const message = 'the journal is open for reading only: open it for writing'
    return Promise.reject(new JournalFileError('journal_read_only', this.path, message))
  }

  #closed(): JournalFileError {
    return new JournalFileError('journal_closed', this.path, 'the journal is closed: open it again')
  }

  #keyOrThrow(): JournalKey {
    const { key } = this.#parts
    if (key !== undefined) return key
    const message = 'the journal was opened without its key, which fingerprints are made with'
    throw new JournalFileError('no_journal_key', this.path, message)
  }

  /** Empties the WAL file into the database, so that nothing erased is left in it. */
  #scrub(): void {
    const row = this.#look(() =>
      this.#parts.database.prepare('PRAGMA wal_checkpoint(TRUNCATE)').get(),
    )
    if (row?.busy === 0) return
    const message =
      'what was to be forgotten is erased, but another process still reads what was there before: end it'
    throw new JournalFileError('journal_locked', this.path, message)
  }

  #nextLook(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const wake = () => {
        this.#wakers.delete(wake)
        timer.cancel()
        signal.removeEventListener('abort', wake)
        resolve()
      }
      const timer = this.#parts.runtime.setTimer(LOOK_EVERY_MS, wake)
      this.#wakers.add(wake)
      signal.addEventListener('abort', wake, { once: true })
    })
  }

  #wake(): void {
    for (const wake of this.#wakers) wake()
  }
}
