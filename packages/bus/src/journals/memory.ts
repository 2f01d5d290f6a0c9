import { DEFAULTS } from '../defaults.ts'
import { InvalidOptionError, JournalConflictError, StaleEpochError } from '../errors.ts'
import { Fifo } from '../fifo.ts'
import type {
  Journal,
  JournalFeatures,
  Lease,
  ReadQuery,
  RunEntry,
  RunsQuery,
  StoredQuery,
} from '../journal.ts'
import {
  type JournalRecord,
  type MemoryRecord,
  numberRecords,
  type RecordDraft,
} from '../records.ts'
import { type Runtime, systemRuntime } from '../runtime.ts'
import { checkBatch, type Settled, settledIn } from './batch-rules.ts'
import { RememberedRecords } from './remembered-records.ts'
import { entryOf, isListed } from './run-entry.ts'

/** What a memory journal can be told. */
export interface MemoryJournalOptions {
  /** Closed runs that are kept; the oldest go first. Default 1,000. Live runs are always kept. */
  readonly closedRuns?: number
  /** How long a lease lasts without renewal. Default: until it is released. */
  readonly leaseMs?: number
  /** Whether the holder of a lease still lives; the run of a dead one can be taken at once. */
  readonly isAlive?: (owner: string) => boolean
  readonly runtime?: Runtime
}

/**
 * A journal in this process's memory: gone with the process, shared by the buses that it is passed
 * to. A reader that falls behind the closed runs that are kept misses the ones that are gone.
 */
export function createMemoryJournal(options: MemoryJournalOptions = {}): Journal {
  return new MemoryJournal(options)
}

/** What the journal knows of one run. */
interface RunLog {
  readonly runId: string
  readonly records: JournalRecord[]
  /** Read from the records once they are needed; a run that has ended needs them no more. */
  settled: Settled | undefined
  epoch: number
  owner: string | undefined
  renewedAt: number
  ended: boolean
}

class MemoryJournal implements Journal {
  readonly features: JournalFeatures
  readonly memory = new RememberedRecords((record) => this.#forgotten(record))
  readonly #runs = new Map<string, RunLog>()
  /** Those that have ended, oldest first. One that goes on is another log from then on. */
  readonly #closed = new Fifo<RunLog>()
  #reopened = 0
  readonly #closedRuns: number
  readonly #wakers = new Set<() => void>()
  readonly #isAlive: (owner: string) => boolean
  readonly #runtime: Runtime
  #seq = 0
  #isClosed = false

  constructor(options: MemoryJournalOptions) {
    const { closedRuns = DEFAULTS.closedRuns, leaseMs } = options
    if (!Number.isInteger(closedRuns) || closedRuns < 0) {
      throw new InvalidOptionError('closedRuns', closedRuns, 'a whole number from 0')
    }
    if (leaseMs !== undefined && !(leaseMs > 0)) {
      throw new InvalidOptionError('leaseMs', leaseMs, 'a number of milliseconds above 0')
    }
    this.#closedRuns = closedRuns
    this.#isAlive = options.isAlive ?? (() => true)
    this.#runtime = options.runtime ?? systemRuntime
    this.features = {
      durability: 'memory',
      multiProcess: false,
      ...(leaseMs === undefined ? {} : { leaseMs }),
    }
  }

  /** Not asynchronous, which would cost more than all that it does. */
  append(batch: readonly RecordDraft[], lease: Lease): Promise<readonly JournalRecord[]> {
    try {
      return Promise.resolve(this.#store(batch, lease))
    } catch (error) {
      return Promise.reject(error)
    }
  }

  #store(batch: readonly RecordDraft[], lease: Lease): readonly JournalRecord[] {
    const admitted = this.#admit(batch, lease)
    const isOver = this.#check(admitted, batch)
    const log = admitted.ended ? this.#reopen(admitted) : admitted
    if (log.records.length === 0) this.#runs.set(log.runId, log)
    numberRecords(batch, this.#seq + 1)
    this.#seq += batch.length
    for (const record of batch) {
      log.records.push(record)
      if (record.kind === 'memory') this.memory.add(record)
    }
    if (isOver) this.#end(log)
    if (this.#wakers.size > 0) for (const wake of this.#wakers) wake()
    return batch
  }

  async *read(query: StoredQuery = {}): AsyncIterable<JournalRecord> {
    const records = this.#after(query)
    const first = query.last === undefined ? 0 : Math.max(0, records.length - query.last)
    for (const record of records.slice(first)) yield Object.freeze(record)
  }

  async *follow(query: ReadQuery & { readonly signal: AbortSignal }): AsyncIterable<JournalRecord> {
    const { signal } = query
    let after = query.after ?? 0
    while (!signal.aborted) {
      const records = this.#after({ ...query, after })
      for (const record of records) {
        if (signal.aborted) return
        after = record.seq
        yield Object.freeze(record)
      }
      if (this.#isClosed) return
      if (records.length === 0) await this.#nextAppend(signal)
    }
  }

  async lastSeq(): Promise<number> {
    return this.#seq
  }

  async *runs(query: RunsQuery = {}): AsyncIterable<RunEntry> {
    for (const { records } of [...this.#runs.values()].reverse()) {
      const entry = entryOf(records)
      if (entry !== undefined && isListed(entry, query)) yield entry
    }
  }

  async acquire(runId: string, owner: string): Promise<Lease | undefined> {
    const log = this.#runs.get(runId)
    if (log === undefined || this.#isHeld(log)) return undefined
    const isLost = log.owner !== undefined
    log.epoch++
    log.owner = owner
    log.renewedAt = this.#runtime.elapsed()
    return { runId, epoch: log.epoch, owner, ...(isLost ? { isLost } : {}) }
  }

  async renew(lease: Lease): Promise<boolean> {
    const log = this.#runs.get(lease.runId)
    if (log === undefined || log.epoch !== lease.epoch || log.owner !== lease.owner) return false
    log.renewedAt = this.#runtime.elapsed()
    return true
  }

  async release(lease: Lease): Promise<void> {
    const log = this.#runs.get(lease.runId)
    if (log?.epoch === lease.epoch && log.owner === lease.owner) log.owner = undefined
  }

  async close(): Promise<void> {
    this.#isClosed = true
    for (const wake of this.#wakers) wake()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  /** The log of the lease's run, which is a new one where the batch opens it. */
  #admit(batch: readonly RecordDraft[], lease: Lease): RunLog {
    const { runId, epoch } = lease
    let log = this.#runs.get(runId)
    const opens = batch[0]?.kind === 'run.opened'
    if (log === undefined) {
      if (!opens || epoch !== 1) throw new JournalConflictError(runId, 'it was never opened')
      log = {
        runId,
        records: [],
        settled: undefined,
        epoch,
        owner: lease.owner,
        renewedAt: this.features.leaseMs === undefined ? 0 : this.#runtime.elapsed(),
        ended: false,
      }
    } else if (opens) {
      throw new JournalConflictError(runId, 'a run of this id exists')
    } else if (
      (!log.ended || batch[0]?.kind === 'run.reopened') &&
      (log.epoch !== epoch || log.owner !== lease.owner)
    ) {
      throw new StaleEpochError(runId, epoch)
    }
    return log
  }

  /** Says whether the run is over by the batch's end. Throws where the batch breaks a rule of its log. */
  #check(log: RunLog, batch: readonly RecordDraft[]): boolean {
    try {
      log.settled ??= settledIn(log.records)
      return checkBatch(log, log.settled, batch)
    } catch (error) {
      // It has noted a part of what is not stored now.
      log.settled = undefined
      throw error
    }
  }

  #reopen(closed: RunLog): RunLog {
    const log = { ...closed, ended: false }
    this.#runs.set(log.runId, log)
    this.#reopened++
    return log
  }

  #end(log: RunLog): void {
    log.ended = true
    log.owner = undefined
    log.settled = undefined
    this.#closed.push(log)
    while (this.#closed.size - this.#reopened > this.#closedRuns) {
      const oldest = this.#closed.shift()
      if (oldest === undefined) return
      if (this.#runs.get(oldest.runId) === oldest) this.#drop(oldest)
      else this.#reopened--
    }
  }

  #drop({ runId, records }: RunLog): void {
    this.#runs.delete(runId)
    for (const record of records) {
      if (record.kind === 'memory' && record.thread === undefined) this.memory.remove(record)
    }
  }

  /** A memory is in its run's log as well. */
  #forgotten(blank: MemoryRecord): void {
    const records = this.#runs.get(blank.runId)?.records ?? []
    const at = records.findIndex((record) => record.kind === 'memory' && record.id === blank.id)
    const record = records[at]
    if (record !== undefined) records[at] = Object.freeze({ ...blank, seq: record.seq })
  }

  #isHeld(log: RunLog): boolean {
    if (log.owner === undefined || !this.#isAlive(log.owner)) return false
    const { leaseMs } = this.features
    return leaseMs === undefined || this.#runtime.elapsed() - log.renewedAt < leaseMs
  }

  #after({ runId, after = 0 }: ReadQuery): JournalRecord[] {
    const logs = runId === undefined ? [...this.#runs.values()] : [this.#runs.get(runId)]
    const found: JournalRecord[] = []
    for (const log of logs) {
      if (log === undefined) continue
      const { records } = log
      let first = records.length
      while (first > 0 && (records[first - 1]?.seq ?? 0) > after) first--
      for (let index = first; index < records.length; index++) {
        const record = records[index]
        if (record !== undefined) found.push(record)
      }
    }
    return runId === undefined ? found.sort((a, b) => a.seq - b.seq) : found
  }

  #nextAppend(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const wake = () => {
        this.#wakers.delete(wake)
        signal.removeEventListener('abort', wake)
        resolve()
      }
      this.#wakers.add(wake)
      signal.addEventListener('abort', wake, { once: true })
    })
  }
}
