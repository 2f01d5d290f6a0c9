import type { Answered } from './ask.ts'
import type { Attempt } from './attempt.ts'
import type { DeadLetter } from './dead-letter.ts'
import type { Flow } from './flow.ts'
import type { RunMemory } from './fork/fork-memory.ts'
import type { MemoryScope } from './journal.ts'
import type { Message, MessageDraft } from './message.ts'
import type { CausalPast } from './reading/context.ts'
import type { MemoryRecord, RecordDraft, StepRecord } from './records.ts'
import type { Role } from './role.ts'
import type { Secret } from './secret.ts'
import type { AttemptSteps, StepHost } from './steps.ts'
import type { Timer } from './timers.ts'

/** What an attempt needs of its run: a live one, or one that is replayed. */
export interface AttemptRun {
  readonly id: string
  /** Seed of `random`. */
  readonly seed: number
  readonly thread: MemoryScope['thread']
  readonly past: Pick<CausalPast, 'of'>
  readonly secrets: Iterable<Secret>
  readonly memory: RunMemory
  now(): number
  after(delayMs: number, run: () => void): Timer
  append(records: RecordDraft[]): Promise<boolean>
  /** A step was performed, and what it used counts. */
  count(step: StepRecord): void
  addSecret(secret: Secret): void
  /** The secret that a handle stands for. */
  secret(handle: string): Secret | undefined
  remember(record: MemoryRecord): void
  remembered(id: string): MemoryRecord | undefined
  /** Why a role can handle no message of this type; `undefined` where it can. */
  problemOf(message: Pick<Message, 'type' | 'from'>, to: string): DeadLetter | undefined
}

/** What an attempt needs of its delivery: one that is under way, or one that is replayed. */
export interface AttemptHost {
  readonly run: AttemptRun
  /** The id of its records. */
  readonly id: string
  readonly message: Message
  readonly role: Pick<Role, 'name' | 'type'>
  readonly flow: Pick<Flow, 'kind'>
  readonly attempt: number
  /** When the attempt became possible; its `now` until it has a step. */
  readonly attemptAt: number
  /** Lines of its log that are in the journal already. */
  readonly recordedLogs: number
  /** Memories that earlier attempts have written, whose run was opened again. */
  readonly recordedMemories: number
  /** What is in the journal already: steps, and asks that are open. */
  readonly recordedSteps: readonly StepRecord[]
  /** The steps of the attempt, which are its host. Made where it has any. */
  stepsOf(attempt: StepHost): AttemptSteps
  /** The roles that wait for what its handler does, itself last. */
  askers(): readonly string[]
  /** Publishes what the handler asks as a step. */
  ask(draft: MessageDraft, at: AskedAt, answered: Answered): void
  waitBegins(attempt: Attempt, what: string, isAsk: boolean): void
  waitEnds(attempt: Attempt, what: string, isAsk: boolean): Promise<void>
}

/** Which attempt asks, as which step, and how long it waits for the reply. */
export interface AskedAt {
  readonly attempt: number
  readonly step: number
  readonly timeoutMs: number
}
