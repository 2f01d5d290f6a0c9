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
import { backUpFile } from './backup.ts'
import type { Host } from './host.ts'
import { JournalFile, type OpenFile } from './journal-file.ts'
import { type HeldRun, Leases } from './leases.ts'
import { Processes } from './processes.ts'
import { type PruneQuery, type PruneReport, pruneFile } from './prune.ts'
import { type EncodedBatch, encodeBatch } from './record-codec.ts'
import type { PrunedRun, RunRow } from './run-table.ts'
import { type JournalReport, verifyFile } from './verify.ts'

/** How often a reader that follows looks for what other processes have written, in milliseconds. */
const LOOK_EVERY_MS = 150

/** A journal in a SQLite file, which several processes may share. */
export interface SqliteJournal extends Journal {
  /** Its file. */
  readonly path: string
  /** Bytes of the file, with what is on its way into it. */
  readonly size: number
  /**
   * Looks for what is wrong with the file: damage, numbers that are missing or given twice, records that
   * cannot be read or contradict each other, listings that differ from the records, sealed values that do
   * not open (where the key is at hand). Reads everything.
   */
  verify(): Promise<JournalReport>
  /**
   * Deletes whole runs that have ended and meet all that the query says, and gives their room back. What
   * they have kept in threads stays. Their ids stay taken: see `pruned`. Throws an `InvalidOptionError`
   * for a query that says nothing.
   */
  prune(query: PruneQuery): Promise<PruneReport>
  /** What is left of a run that was pruned; `undefined` where it was not. */
  pruned(runId: string): Promise<PrunedRun | undefined>
  /** The process that has a run, and goes on with it; `undefined` where nobody does. */
  holder(runId: string): Promise<RunHolder | undefined>
  /**
   * Copies the journal as it is now into a new file of mode 0600, while others write to it. The key is not
   * copied: without it the copy has no values of secrets. Throws where the file exists.
   */
  backup(to: string): Promise<void>
}

/** A process that has a run. */
export interface RunHolder {
  readonly pid: number
  /** The name of its machine. */
  readonly host: string
}

/** What a journal needs beside its file. */
export interface JournalPlace {
  readonly leaseMs: number
  readonly host: Host
}

/** The journal of an open file. */
export class FileJournal implements SqliteJournal {
  readonly path: string
  readonly features: JournalFeatures
  readonly memory: JournalMemory
  readonly #file: JournalFile
  readonly #processes: Processes
  readonly #leases: Leases
  readonly #wakers = new Set<() => void>()
  /** The highest number that was given, and the generation of the file up to which that is so. */
  #seq = 0
  #seen = -1

  constructor(open: OpenFile, { leaseMs, host }: JournalPlace) {
    const file = new JournalFile(open, () => this.#wake())
    this.path = file.path
    this.features = { durability: 'power-loss', multiProcess: true, leaseMs }
    this.memory = file.memories
    this.#file = file
    this.#processes = new Processes(file, host, leaseMs)
    this.#leases = new Leases({ file, processes: this.#processes, host, leaseMs })
  }

  get size(): number {
    return this.#file.size
  }

  /** Enters the process among those that share the file. */
  enter(): void {
    this.#file.commits.now(() => this.#processes.enter())
  }

  append(batch: readonly RecordDraft[], lease: Lease): Promise<readonly JournalRecord[]> {
    try {
      const held = this.#admit(batch, lease)
      const encoded = encodeBatch(batch, this.#file.sealer)
      this.#check(held, batch)
      return this.#file.write({
        write: () => this.#store(held, batch, encoded),
        failed: (error) => this.#leases.fail(held, error),
      })
    } catch (error) {
      return Promise.reject(error)
    }
  }

  async *read({ runId, after = 0, last }: StoredQuery = {}): AsyncIterable<JournalRecord> {
    const run =
      runId === undefined ? undefined : this.#file.look(() => this.#file.runs.find(runId)?.n)
    if (runId !== undefined && run === undefined) return
    if (last !== undefined) {
      yield* this.#file.look(() => this.#file.batches.last(last, after, run))
      return
    }
    const pages = this.#file.batches.pages(after, run)
    for (;;) {
      const page = this.#file.look(() => pages.next())
      if (page.done === true) return
      yield* page.value
    }
  }

  async *follow(query: ReadQuery & { readonly signal: AbortSignal }): AsyncIterable<JournalRecord> {
    const { signal, runId } = query
    let after = query.after ?? 0
    while (!signal.aborted && !this.#file.isClosed) {
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
    return this.#file.look(() => this.#file.batches.lastSeq())
  }

  async *runs(query: RunsQuery = {}): AsyncIterable<RunEntry> {
    let last: RunRow | undefined
    for (;;) {
      const page = this.#file.look(() => this.#file.runs.page(query, last))
      for (const { entry } of page) yield entry
      last = page.at(-1)
      if (last === undefined) return
    }
  }

  acquire(runId: string, owner: string): Promise<Lease | undefined> {
    return this.#file.write({ write: () => this.#leases.acquire(runId, owner) })
  }

  async renew(lease: Lease): Promise<boolean> {
    if (this.#file.isClosed) return false
    const held = this.#leases.held(lease)
    if (held === undefined || held.failure !== undefined) return false
    this.#file.look(() => this.#file.commits.look())
    if (!this.#file.look(() => this.#leases.confirm(held))) return false
    held.renewedAt = this.#file.runtime.elapsed()
    if (this.#processes.isDue) {
      await this.#file.write({ write: () => this.#processes.renewIfDue() })
    }
    return !held.isGone
  }

  async release(lease: Lease): Promise<void> {
    if (this.#file.isClosed) return
    const held = this.#leases.held(lease)
    await this.#file.write({
      write: () => this.#leases.release(lease),
      failed: (error) => held !== undefined && this.#leases.fail(held, error),
    })
  }

  verify(): Promise<JournalReport> {
    return verifyFile(this.#file)
  }

  prune(query: PruneQuery): Promise<PruneReport> {
    return pruneFile(this.#file, this.#leases, query)
  }

  async pruned(runId: string): Promise<PrunedRun | undefined> {
    return this.#file.look(() => this.#file.runs.tombstone(runId))
  }

  async holder(runId: string): Promise<RunHolder | undefined> {
    return this.#file.look(() => {
      const run = this.#file.runs.find(runId)
      const found = run === undefined ? undefined : this.#leases.holder(run)
      return found === undefined ? undefined : { pid: found.pid, host: found.host }
    })
  }

  backup(to: string): Promise<void> {
    return backUpFile(this.#file, to)
  }

  async close(): Promise<void> {
    if (this.#file.isClosed) return
    if (this.#file.mode === 'write') this.#leave()
    this.#file.close()
    this.#wake()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  /** Gives back what is held; what cannot be given back is free once this process is gone. */
  #leave(): void {
    try {
      this.#file.commits.now(() => {
        this.#leases.releaseAll()
        this.#processes.leave()
      })
    } catch (error) {
      if (!(error instanceof JournalFileError)) throw error
    }
  }

  /** The run that a batch is for, which is a new one where the batch opens it. */
  #admit(batch: readonly RecordDraft[], lease: Lease): HeldRun {
    if (batch[0]?.kind === 'run.opened') return this.#leases.open(lease)
    let held = this.#leases.held(lease)
    if (held === undefined) {
      this.#file.commits.flush()
      held = this.#file.look(() => this.#leases.adopt(lease, batch))
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
    const { batches, commits } = this.#file
    commits.flush()
    return this.#file.look(() => settledIn(batches.recordsOf(n)))
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
    const file = this.#file
    file.batches.add(this.#seq, held.n, text)
    if (parts.size > 0) file.parts.add(held.n, parts)
    file.memories.add(held.n, batch)
    if (file.runs.noteStatus(held.n, batch)) this.#leases.lose(held)
    return batch
  }

  #openRow(held: HeldRun, batch: readonly RecordDraft[]): void {
    const [opened] = batch
    if (held.n !== 0 || opened?.kind !== 'run.opened') return
    this.#processes.renewIfDue()
    const { runId, epoch, owner } = held.lease
    const n = this.#file.runs.add(opened, epoch, owner, this.#processes.self)
    if (n === undefined) {
      this.#leases.lose(held)
      throw new JournalConflictError(runId, 'a run of this id exists')
    }
    held.n = n
    held.seen = this.#file.commits.generation
  }

  #lastSeq(): number {
    const generation = this.#file.commits.generation
    if (generation !== this.#seen) {
      this.#seq = this.#file.batches.lastSeq()
      this.#seen = generation
    }
    return this.#seq
  }

  #page(after: number, runId: string | undefined): readonly JournalRecord[] {
    const { runs, batches } = this.#file
    return this.#file.look(() => {
      if (runId === undefined) return batches.page(after)
      const run = runs.find(runId)
      return run === undefined ? [] : batches.page(after, run.n)
    })
  }

  #nextLook(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const wake = () => {
        this.#wakers.delete(wake)
        timer.cancel()
        signal.removeEventListener('abort', wake)
        resolve()
      }
      const timer = this.#file.runtime.setTimer(LOOK_EVERY_MS, wake)
      this.#wakers.add(wake)
      signal.addEventListener('abort', wake, { once: true })
    })
  }

  #wake(): void {
    for (const wake of this.#wakers) wake()
  }
}
