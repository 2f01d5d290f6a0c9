import { JournalFeatureError } from './errors.ts'
import type { JournalRecord, MemoryRecord, RecordDraft, RunStatus } from './records.ts'

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
  /** Present where whoever held it before has not given it back: a process has died, or is taken for dead. */
  readonly isLost?: true
}

/** Which records to read. */
export interface ReadQuery {
  /** Only this run's records; absent for all runs. */
  readonly runId?: string
  /** Only records with a higher number than this. Default 0. */
  readonly after?: number
}

/** Which records to read of those that are there. */
export interface StoredQuery extends ReadQuery {
  /** Only so many of them, from their end; a whole number above 0. Default: all. */
  readonly last?: number
}

/** Which runs to list. What is absent does not matter. */
export interface RunsQuery {
  /** Only runs with one of these; `open` is a run that has not ended. */
  readonly status?: readonly (RunStatus | 'open')[]
  readonly thread?: string
  readonly team?: string
  /** Only forks of this run. */
  readonly forkedFrom?: string
  /** What their ids begin with. */
  readonly idPrefix?: string
  /** Only runs that were opened at this time or later, in epoch milliseconds. */
  readonly since?: number
  /** Only runs that were opened before this time, in epoch milliseconds. */
  readonly until?: number
}

/** A run in a listing. Everything else of it is in its records. */
export interface RunEntry {
  readonly runId: string
  /** Epoch milliseconds. */
  readonly openedAt: number
  readonly status: RunStatus | 'open'
  /** When it ended; absent while it is open. */
  readonly endedAt?: number
  readonly thread?: string
  /** `about.team` of the record that opened it, where that is a text. */
  readonly team?: string
  /** The run that it is a fork of. */
  readonly forkedFrom?: string
}

/** What belongs together in memory: what a role has kept in a thread; without a thread, in the run. */
export interface MemoryScope {
  readonly role: string
  readonly runId: string
  readonly thread?: string
}

/** Which memories to list or forget. What is absent does not matter. */
export interface MemoryQuery {
  readonly thread?: string
  readonly role?: string
  readonly key?: string
}

/** Which memories to list. */
export interface MemoryListing extends MemoryQuery {
  /** As they were before this time, in epoch milliseconds. Default: as they are now. */
  readonly until?: number
}

/**
 * What the roles of a journal remember: a reading of its memory records. The latest record of a key
 * counts. Records that are forgotten are not found.
 */
export interface JournalMemory {
  /** The record that a key has now. */
  get(scope: MemoryScope, key: string): Promise<MemoryRecord | undefined>
  /** The record with this id, also where a later one has its key now. */
  read(id: string): Promise<MemoryRecord | undefined>
  /**
   * Records of the scope that hold every word of the text in their key or in the texts of their value,
   * each as the beginning of a word, whatever its case and accents; newest first. None for no words.
   */
  search(scope: MemoryScope, text: string, limit: number): Promise<readonly MemoryRecord[]>
  /** What is remembered in threads, oldest first. */
  list(query?: MemoryListing): AsyncIterable<MemoryRecord>
  /**
   * Erases the values of these memories in threads, their earlier values too, wherever the journal keeps
   * them. Resolves to the records that had values, with those.
   */
  forget(query: MemoryQuery): Promise<readonly MemoryRecord[]>
  /**
   * A name for a value that tells nothing of it: an HMAC-SHA256 with a key that the journal alone has, in
   * hexadecimal. The same for the same value as long as the journal has its key.
   */
  fingerprint(value: string): string
}

/**
 * Where every record is kept.
 *
 * - `append` is atomic: the whole batch is stored, in its order and without gaps between, or nothing
 *   is. All records of a batch belong to the lease's run. Batches of one process are stored in the
 *   order of the calls, and acknowledged in that order. The batch that has `run.opened` grants its
 *   lease, which must have epoch 1; the run must be new. The batch that has `run.ended` gives it back.
 *   Who has acquired a run that has ended goes on with it by a batch that begins with `run.reopened`.
 * - A batch with a stale epoch is refused with a `StaleEpochError`; one that would store a message
 *   id twice, settle a delivery again, reuse a run's id or follow the run's end, with a
 *   `JournalConflictError`.
 * - Once a batch of a lease could not be stored for another reason, every later one of that lease is
 *   refused: steps are appended without being awaited, and nothing may follow a lost one.
 * - `acquire` hands an existing run to an owner, with the next epoch, when it is free, its lease has
 *   run out or its holder is known to be dead; `undefined` where somebody else holds it.
 * - `renew` says whether the lease still holds. `release` gives it back and is idempotent.
 * - `read` gives what is stored now, by rising number, also where it is asked for the last ones only; `follow` goes on with what comes until its
 *   signal aborts, and pulls: a slow reader costs the writers nothing.
 */
export interface Journal extends AsyncDisposable {
  readonly features: JournalFeatures
  append(batch: readonly RecordDraft[], lease: Lease): Promise<readonly JournalRecord[]>
  read(query?: StoredQuery): AsyncIterable<JournalRecord>
  follow(query: ReadQuery & { readonly signal: AbortSignal }): AsyncIterable<JournalRecord>
  /** The highest number of a record; 0 where there is none. */
  lastSeq(): Promise<number>
  /** The runs, newest first. */
  runs(query?: RunsQuery): AsyncIterable<RunEntry>
  readonly memory: JournalMemory
  acquire(runId: string, owner: string): Promise<Lease | undefined>
  renew(lease: Lease): Promise<boolean>
  release(lease: Lease): Promise<void>
  /** Stops followers and frees what is held. Idempotent. */
  close(): Promise<void>
}

/** What reading of a journal what is there takes. */
export type JournalReader = Pick<Journal, 'read' | 'runs'>

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
