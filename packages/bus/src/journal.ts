import { JournalFeatureError } from './errors.ts'
import type { JournalRecord, RecordDraft } from './records.ts'

/** What an acknowledged append survives, from least to most. */
export const DURABILITY = ['memory', 'process-crash', 'power-loss'] as const
export type Durability = (typeof DURABILITY)[number]

/** What a journal offers. */
export interface JournalFeatures {
  readonly durability: Durability
  /** Whether several processes may share the journal. */
  readonly multiProcess: boolean
  /** How long a lease lasts without renewal, in milliseconds; absent where it needs none. */
  readonly leaseMs?: number
}

/** The right to append to one run. A higher epoch makes every lower one stale. */
export interface Lease {
  readonly runId: string
  readonly epoch: number
  /** Who holds it: one live bus. */
  readonly owner: string
}

/** Which records to read. */
export interface ReadQuery {
  /** Only this run's records; absent for all runs. */
  readonly runId?: string
  /** Only records with a higher number than this. Default 0. */
  readonly after?: number
}

/**
 * Where every record is kept.
 *
 * - `append` is atomic: the whole batch is stored, in its order and without gaps between, or nothing
 *   is. All records of a batch belong to the lease's run. Batches of one process are stored in the
 *   order of the calls, and acknowledged in that order. The batch that has `run.opened` grants its
 *   lease, which must have epoch 1; the run must be new. The batch that has `run.ended` gives it back.
 * - A batch with a stale epoch is refused with a `StaleEpochError`; one that would store a message
 *   id twice, settle a delivery again, reuse a run's id or follow the run's end, with a
 *   `JournalConflictError`.
 * - Once a batch of a lease could not be stored for another reason, every later one of that lease is
 *   refused: steps are appended without being awaited, and nothing may follow a lost one.
 * - `acquire` hands an existing run to an owner, with the next epoch, when it is free, its lease has
 *   run out or its holder is known to be dead; `undefined` where somebody else holds it.
 * - `renew` says whether the lease still holds. `release` gives it back and is idempotent.
 * - `read` gives what is stored now, by rising number; `follow` goes on with what comes until its
 *   signal aborts, and pulls: a slow reader costs the writers nothing.
 */
export interface Journal extends AsyncDisposable {
  readonly features: JournalFeatures
  append(batch: readonly RecordDraft[], lease: Lease): Promise<readonly JournalRecord[]>
  read(query?: ReadQuery): AsyncIterable<JournalRecord>
  follow(query: ReadQuery & { readonly signal: AbortSignal }): AsyncIterable<JournalRecord>
  /** Ids of the runs that have not ended, oldest first. */
  openRuns(): AsyncIterable<string>
  acquire(runId: string, owner: string): Promise<Lease | undefined>
  renew(lease: Lease): Promise<boolean>
  release(lease: Lease): Promise<void>
  /** Stops followers and frees what is held. Idempotent. */
  close(): Promise<void>
}

/** What a bus needs of its journal. */
export interface JournalRequirements {
  readonly durability?: Durability
  readonly multiProcess?: boolean
}

/** Throws a `JournalFeatureError` where the journal offers less than is required. */
export function requireFeatures(features: JournalFeatures, required: JournalRequirements): void {
  const { durability, multiProcess } = required
  if (
    durability !== undefined &&
    DURABILITY.indexOf(features.durability) < DURABILITY.indexOf(durability)
  ) {
    throw new JournalFeatureError('durability', durability, features.durability)
  }
  if (multiProcess === true && !features.multiProcess) {
    throw new JournalFeatureError('processes', 'many', 'one')
  }
}
