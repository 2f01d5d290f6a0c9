import type { DeepReadonly } from './data.ts'
import type { JoinPolicy } from './join-type.ts'
import type { Message } from './message.ts'

/** Version of the record format. A journal of a newer version is refused. */
export const RECORD_VERSION = 1

/** How a run can end. Each but `completed` carries a reason that a person can act on. */
export type RunStatus =
  | 'completed'
  | 'failed'
  | 'cancelled'
  | 'timed_out'
  | 'budget_exhausted'
  | 'stalled'

/** What a run used so far. */
export interface Usage {
  readonly inputTokens: number
  readonly outputTokens: number
  readonly modelCalls: number
  readonly toolCalls: number
}

/** Why a delivery is dead. */
export type DeadReason =
  | 'exhausted'
  | 'terminal'
  | 'unaddressed'
  | 'unreadable'
  | 'outcome_unknown'
  | 'crashed'

/** An error as a record keeps it. */
export interface ErrorRecord {
  readonly name: string
  readonly code: string
  readonly message: string
}

/** The limits of one run. */
export interface RunLimits {
  /** Most hops from the root to any message. */
  readonly maxHops: number
  /** Most milliseconds in which a live process owns the run; absent for no deadline. */
  readonly timeoutMs?: number
  /** Most tokens, input and output together; absent for no budget. */
  readonly maxTokens?: number
}

/** What every record says. */
export interface InRun {
  readonly runId: string
  /** Epoch milliseconds. */
  readonly at: number
  /** Number in the journal, given when it is stored; a draft may hold a place for it with 0. */
  seq?: number
}

/** What every record of a delivery says. */
export interface InAttempt extends InRun {
  /** The message that is being handled; with `@` and a listener's role where that one handles a copy. */
  readonly messageId: string
  /** Which try of the delivery, from 1. */
  readonly attempt: number
}

/** Where a run comes from that is a fork of another one. */
export interface ForkOrigin {
  /** The run that it was made from. */
  readonly runId: string
  /** The message in that run from which on it goes its own way. */
  readonly messageId: string
  /** Whose memory it reads, as it was when the run was opened that it was made from; absent for nobody's. */
  readonly memory?: { readonly thread: string; readonly until: number }
}

/** A run begins. Its root message is in the same append; of a fork also what it was served. */
export interface RunOpenedRecord extends InRun {
  readonly kind: 'run.opened'
  readonly version: number
  /** Name of the type that ends the run when it reaches `coordinator`. */
  readonly terminal: string
  readonly limits: RunLimits
  /** Seed of the run's `random`. */
  readonly seed: number
  /** The sequence of runs that it shares memory with; absent for none. */
  readonly thread?: string
  /** Absent on what is no fork. */
  readonly forkedFrom?: ForkOrigin
  /** What the run's owner wants to find again: team, signature, model settings. */
  readonly about: DeepReadonly<Record<string, unknown>>
}

/** A message is in the journal. It becomes visible when its append is acknowledged. */
export interface MessageRecord extends InRun {
  readonly kind: 'message'
  readonly message: Message
  /** Which attempt of its cause asks it, as which step; absent on what is no ask. */
  readonly asked?: { readonly attempt: number; readonly step: number }
  /** What its publisher had put into it, where a fork has put something else in that place. */
  readonly original?: unknown
  /** Of a join: the ids of the last messages of the branches that it waited for, in the fan-out's order. */
  readonly joined?: readonly string[]
  /** The listeners that get a copy; absent for none. */
  readonly copies?: readonly string[]
}

/** How the branches that a settlement publishes come together again. */
export interface FanOutRecord {
  /** The role of the join. */
  readonly to: string
  /** The name of the join. */
  readonly join: string
  /** The names of the types that a branch ends with. */
  readonly types: readonly string[]
  readonly policy: JoinPolicy
}

/** A later start of an attempt begins. The first start needs no record: its time is in the settlement. */
export interface StartRecord extends InAttempt {
  readonly kind: 'start'
  /** Which beginning of the attempt, from 2. */
  readonly start: number
  /** How many of those before are not to blame for their end; absent for none. */
  readonly excused?: number
}

/** What a step does: a model request, a tool call, an ask, a memory read, or any other effect. */
export type StepKind = 'model' | 'tool' | 'ask' | 'memory' | 'effect'

/**
 * One recorded effect of an attempt. A `once` step has two: its intent, then its result; so has a step that
 * it is inside of. One that was under way when its attempt ended has its intent in the append of the
 * settlement, before that.
 */
export interface StepRecord extends InAttempt {
  readonly kind: 'step'
  /** Number in issue order; a nested step has its parents' numbers before its own. */
  readonly step: readonly number[]
  readonly stepKind: StepKind
  readonly name: string
  /** The whole request, as canonical data. */
  readonly request: unknown
  readonly startedAt: number
  readonly outcome:
    | { readonly type: 'intent' }
    /** `response` is absent where it gave nothing. */
    | { readonly type: 'response'; readonly response?: unknown }
    | { readonly type: 'error'; readonly error: ErrorRecord; readonly terminal: boolean }
  /** Present on `once` steps: equal in all attempts of the delivery. */
  readonly idempotencyKey?: string
  readonly usage?: { readonly inputTokens: number; readonly outputTokens: number }
}

/** An attempt is over, or a delivery is. What it published is in the same append. */
export interface SettleRecord extends InAttempt {
  readonly kind: 'settle'
  readonly role: string
  /**
   * `failed` leads to another attempt; the others settle the delivery. It is `cancelled` where nobody
   * waits for it any more: its join has closed, or whoever asked is done.
   */
  readonly outcome: 'done' | 'failed' | 'dead' | 'cancelled'
  /** When the attempt started; absent where no handler ran. */
  readonly startedAt?: number
  /** Ids of the messages that it published. */
  readonly published: readonly string[]
  /** Present where what it published are the branches of a fan-out. */
  readonly fanOut?: FanOutRecord
  readonly reason?: DeadReason
  readonly error?: ErrorRecord
  /** When the next attempt may begin. */
  readonly retryAt?: number
}

/** A role has written something down for later runs of its thread. Is in the append of its settlement. */
export interface MemoryRecord extends InAttempt {
  readonly kind: 'memory'
  /** `<delivery>/m<n>`: the n-th that the delivery has written. */
  readonly id: string
  readonly role: string
  /** The run's; absent where it has none. */
  readonly thread?: string
  readonly key: string
  /** JSON and secrets; absent where it is forgotten. */
  readonly value?: unknown
}

/** A line that an agent wrote. `{name}` in the text stands for an entry of `data`. */
export interface LogRecord extends InAttempt {
  readonly kind: 'log'
  readonly role: string
  /** Number in the attempt, from 1. */
  readonly number: number
  readonly text: string
  readonly data: DeepReadonly<Record<string, unknown>>
}

/** A run that had ended goes on. */
export interface RunReopenedRecord extends InRun {
  readonly kind: 'run.reopened'
  readonly reason: string
  /** From now on, instead of those that it had. */
  readonly limits: RunLimits
  /**
   * Ids of the deliveries whose settlement has ended the run, or was cancelled by that: it counts no
   * more. What was cancelled goes on with its attempt; the others have a new one.
   */
  readonly revived: readonly string[]
}

/** A run is over. */
export interface RunEndedRecord extends InRun {
  readonly kind: 'run.ended'
  readonly status: RunStatus
  readonly reason?: string
  readonly usage: Usage
}

/** A record before the journal has given it its number. */
export type RecordDraft =
  | RunOpenedRecord
  | MessageRecord
  | StartRecord
  | StepRecord
  | SettleRecord
  | MemoryRecord
  | LogRecord
  | RunReopenedRecord
  | RunEndedRecord

/** A record in a journal. `seq` rises through the whole journal. */
export type JournalRecord = RecordDraft & { readonly seq: number }

/** Numbers the records of a batch, the first one with `first`. */
export function numberRecords(
  batch: readonly RecordDraft[],
  first: number,
): asserts batch is readonly JournalRecord[] {
  let seq = first
  for (const record of batch) record.seq = seq++
}
