import type { Message } from '../../message.ts'
import type { RunEndedRecord, SettleRecord, StepRecord, Usage } from '../../records.ts'
import type { ProcessState } from './process-state.ts'
import type { RunPlan } from './scenario.ts'

/** What the records say of one delivery. */
export interface DeliveryBook {
  readonly message: Message
  /** The attempt that is possible now, from 1. */
  attempt: number
  /** The first one since it was last revived. */
  firstAttempt: number
  /** Recorded starts of it, and who recorded the last one. */
  starts: number
  /** Starts of earlier attempts that ended with the process. */
  lostStarts: number
  startedBy: ProcessState | undefined
  logs: number
  retryAt: number
  settled: SettleRecord | undefined
  /** Steps with an outcome, by attempt and name. */
  readonly steps: Map<string, StepRecord>
  /** Whether the intent of each `once` step, by name, has a result, or got one in a later attempt. */
  readonly intents: Map<string, 'open' | 'answered' | 'answered late'>
}

/** What the records say of one run. */
export interface RunBook {
  readonly runId: string
  /** Absent for runs that only probe the bus. */
  readonly plan: RunPlan | undefined
  readonly messages: Map<string, DeliveryBook>
  /** Deliveries of each role, in journal order. */
  readonly lanes: Map<string, DeliveryBook[]>
  readonly usage: Writable<Usage>
  readonly onceKeys: Set<string>
  externals: number
  /** How often its holder gave it back before its end. */
  releases: number
  epoch: number
  holder: ProcessState
  ended: RunEndedRecord | undefined
  /** How often it was opened again. */
  reopenings: number
}

type Writable<T> = { -readonly [Key in keyof T]: T[Key] }

/** The key of a step in a delivery's book. */
export function stepKey(attempt: number, name: string): string {
  return `${attempt} ${name}`
}

/** A run that was opened just now. */
export function newRun(
  runId: string,
  plan: RunPlan | undefined,
  epoch: number,
  holder: ProcessState,
): RunBook {
  return {
    runId,
    plan,
    messages: new Map(),
    lanes: new Map(),
    usage: { inputTokens: 0, outputTokens: 0, modelCalls: 0, toolCalls: 0 },
    onceKeys: new Set(),
    externals: 0,
    releases: 0,
    epoch,
    holder,
    ended: undefined,
    reopenings: 0,
  }
}

/** A delivery whose message was stored just now. Its first start needs no record. */
export function newDelivery(message: Message): DeliveryBook {
  return {
    message,
    attempt: 1,
    firstAttempt: 1,
    starts: 1,
    lostStarts: 0,
    startedBy: undefined,
    logs: 0,
    retryAt: 0,
    settled: undefined,
    steps: new Map(),
    intents: new Map(),
  }
}

/** Writes a step into the books, and what it used, where it was really performed. */
export function addStep(book: RunBook, record: StepRecord): void {
  const delivery = book.messages.get(record.messageId)
  if (record.outcome.type === 'intent') {
    delivery?.intents.set(record.name, 'open')
    return
  }
  delivery?.steps.set(stepKey(record.attempt, record.name), record)
  const { idempotencyKey, usage } = record
  if (idempotencyKey !== undefined) {
    const isLate = delivery !== undefined && record.attempt < delivery.attempt
    delivery?.intents.set(record.name, isLate ? 'answered late' : 'answered')
    // A later attempt's copy of a result used nothing.
    if (book.onceKeys.has(idempotencyKey)) return
    book.onceKeys.add(idempotencyKey)
  }
  if (record.stepKind === 'model') book.usage.modelCalls++
  if (record.stepKind === 'tool') book.usage.toolCalls++
  book.usage.inputTokens += usage?.inputTokens ?? 0
  book.usage.outputTokens += usage?.outputTokens ?? 0
}
