import { ASKER_DONE, askStep } from '../ask.ts'
import { NotReplayableError } from '../errors.ts'
import type { Flow } from '../flow.ts'
import { problemIn } from '../journals/run-check.ts'
import { memoriesRead } from '../memory-steps.ts'
import type { Message } from '../message.ts'
import { listenerOfDelivery } from '../paths.ts'
import type { CausalPast } from '../reading/context.ts'
import type {
  JournalRecord,
  LogRecord,
  MemoryRecord,
  MessageRecord,
  RunOpenedRecord,
  SettleRecord,
  StepRecord,
} from '../records.ts'
import { type DeliveryReading, RunReading, revivals, secretsOf } from '../recovery.ts'
import type { StepHistory } from '../step-history.ts'
import { RecordedSecrets } from './recorded-secrets.ts'

/** A step that a handler itself has asked for, as the records tell it. */
export interface RecordedStep {
  /** What it asked for, and what came of it; an intent where the attempt ended before that. */
  readonly record: StepRecord
  /** The number of the first record that tells of it. */
  readonly seq: number
  /** The number of the record that has ended it; of an ask, the settlement of whoever was asked. */
  readonly endSeq: number
  /** What was asked, where it is an ask. */
  readonly asked?: Message
}

/** An attempt that has ended, as the records tell it. */
export interface RecordedAttempt {
  readonly deliveryId: string
  readonly message: Message
  readonly flow: Flow
  /** Who handled it, where that is a listener. */
  readonly listener?: string
  readonly attempt: number
  readonly attemptAt: number
  readonly settlement: SettleRecord & { readonly seq: number }
  /** False where it has failed, and another attempt follows. */
  readonly isSettled: boolean
  /** By their numbers. */
  readonly steps: ReadonlyMap<number, RecordedStep>
  /** Those that have a response or an error, in the order in which the handler got it. */
  readonly served: readonly StepRecord[]
  /** What is known of `once` steps of all its attempts. */
  readonly history: StepHistory
  readonly logs: readonly (LogRecord & { readonly seq: number })[]
  readonly memories: readonly MemoryRecord[]
  /** How many memories earlier attempts of the delivery have written. */
  readonly earlierMemories: number
}

/** A run as its records tell it, for replay. */
export interface RecordedRun {
  readonly opening: RunOpenedRecord
  /** Every message, and what led to it. */
  readonly past: CausalPast
  /** A message as its publisher has made it, which in a fork may have become another. */
  published(id: string): Message | undefined
  /** A message as a fork has it in place of its publisher's; `undefined` where it has that. */
  edited(id: string): Message | undefined
  /** In the order in which they ended. */
  readonly attempts: readonly RecordedAttempt[]
  readonly secrets: RecordedSecrets
  /** What the run has written into memory and is not forgotten, by id. */
  readonly memories: ReadonlyMap<string, MemoryRecord>
  /** What its steps have read from memory. */
  readonly reads: readonly MemoryRead[]
}

/** A memory that a step has read. */
interface MemoryRead {
  readonly id: string
  /** The number of the step's record, and the attempt that it is of. */
  readonly seq: number
  readonly owner: string
}

/**
 * Reads a run for replay. `undefined` where its first record is missing. Throws a `NotReplayableError` where
 * records of another run are among its own, or cannot follow from each other.
 */
export function readRecordedRun(records: readonly JournalRecord[]): RecordedRun | undefined {
  const [opening] = records
  if (opening?.kind !== 'run.opened') return undefined
  const { runId } = opening
  const stranger = records.find((record) => record.runId !== runId)
  if (stranger !== undefined) {
    const reason = `records of run ${stranger.runId} are among its own: give those of one run`
    throw new NotReplayableError(runId, reason)
  }
  const problem = problemIn(records)
  if (problem !== undefined)
    throw new NotReplayableError(runId, `its records are damaged: ${problem}`)
  const reading = new ReplayReading(opening, records)
  for (const record of records) reading.add(record)
  return reading
}

type Numbered<T> = T & { readonly seq: number }

/** What is told of one attempt beside its responses. */
interface AttemptNotes {
  readonly intents: Numbered<StepRecord>[]
  readonly asks: Numbered<MessageRecord>[]
  readonly logs: Numbered<LogRecord>[]
  readonly memories: MemoryRecord[]
  /** The number of the record with which its latest later start began. */
  startedSeq: number
}

class ReplayReading implements RecordedRun {
  readonly opening: RunOpenedRecord
  readonly past: CausalPast
  readonly attempts: RecordedAttempt[] = []
  readonly secrets = new RecordedSecrets()
  readonly memories = new Map<string, MemoryRecord>()
  readonly reads: MemoryRead[] = []
  readonly #reading: RunReading
  readonly #originals = new Map<string, unknown>()
  readonly #notes = new Map<string, AttemptNotes>()
  /** The numbers of the latest settlements of messages. */
  readonly #settledAt = new Map<string, number>()

  constructor(opening: RunOpenedRecord, records: readonly JournalRecord[]) {
    this.opening = opening
    this.#reading = new RunReading(revivals(records), (delivery, settlement, isSettled) =>
      this.#ended(delivery, settlement, isSettled),
    )
    this.past = this.#reading.past
  }

  published(id: string): Message | undefined {
    const message = this.past.get(id)
    const original = this.#originals.get(id)
    return message === undefined || original === undefined
      ? message
      : { ...message, data: original }
  }

  edited(id: string): Message | undefined {
    return this.#originals.has(id) ? this.past.get(id) : undefined
  }

  add(record: JournalRecord): void {
    if (record.kind === 'message' && record.original !== undefined) {
      this.#originals.set(record.message.id, record.original)
    }
    // Who goes on in a run that is opened again starts there, also in a fork, which tells of no start.
    if (record.kind === 'run.reopened') {
      for (const notes of this.#notes.values()) notes.startedSeq = record.seq
    }
    if (record.kind === 'settle') this.#settledAt.set(record.messageId, record.seq)
    this.#note(record)
    this.#reading.add(record)
  }

  #note(record: JournalRecord): void {
    const owner = ownerOf(record)
    for (const secret of secretsOf(record)) this.secrets.add(secret, record.seq, owner)
    if (owner === undefined) return
    const notes = this.#notesOf(owner)
    switch (record.kind) {
      case 'message':
        notes.asks.push(record)
        break
      case 'start':
        notes.startedSeq = record.seq
        break
      case 'step':
        for (const id of memoriesRead(record)) this.reads.push({ id, seq: record.seq, owner })
        if (record.outcome.type === 'intent' && record.step.length === 1) notes.intents.push(record)
        break
      case 'log':
        notes.logs.push(record)
        break
      case 'memory':
        notes.memories.push(record)
        if (record.value !== undefined) this.memories.set(record.id, record)
        break
    }
  }

  #notesOf(owner: string): AttemptNotes {
    const known = this.#notes.get(owner)
    if (known !== undefined) return known
    const notes = { intents: [], asks: [], logs: [], memories: [], startedSeq: 0 }
    this.#notes.set(owner, notes)
    return notes
  }

  #ended(delivery: DeliveryReading, settlement: SettleRecord, isSettled: boolean): void {
    const { message, flow, attemptAt, history, recordedMemories } = delivery
    const { messageId: deliveryId, attempt, seq = 0 } = settlement
    const owner = attemptOf(settlement)
    const notes = this.#notesOf(owner)
    this.#notes.delete(owner)
    const served = history
      .of(attempt)
      .filter((step) => step.step.length === 1 && !isLeftBehind(step))
    const listener = listenerOfDelivery(deliveryId)
    this.attempts.push({
      deliveryId,
      message,
      flow,
      ...(listener === undefined ? {} : { listener }),
      attempt,
      attemptAt,
      settlement: { ...settlement, seq },
      isSettled,
      steps: stepsOf(served, notes, this.#settledAt),
      served,
      history,
      logs: notes.logs,
      memories: notes.memories,
      earlierMemories: recordedMemories - notes.memories.length,
    })
  }
}

/** Whose secrets and notes they are: those of an attempt; of no attempt's, where it is a message that was handed off. */
function ownerOf(record: JournalRecord): string | undefined {
  switch (record.kind) {
    case 'start':
    case 'step':
    case 'log':
    case 'memory':
      return attemptOf(record)
    case 'message': {
      const { asked, message } = record
      if (asked === undefined) return undefined
      return attemptOf({ messageId: message.causationId ?? '', attempt: asked.attempt })
    }
    default:
      return undefined
  }
}

function attemptOf({ messageId, attempt }: Pick<SettleRecord, 'messageId' | 'attempt'>): string {
  return `${messageId}/${attempt}`
}

function stepsOf(
  served: readonly StepRecord[],
  { intents, asks, startedSeq }: AttemptNotes,
  settledAt: ReadonlyMap<string, number>,
): ReadonlyMap<number, RecordedStep> {
  const steps = new Map<number, RecordedStep>()
  for (const record of intents) {
    const [number = 0] = record.step
    // Of what an earlier start has begun once only the history of the delivery knows.
    const isLost = record.idempotencyKey !== undefined && record.seq < startedSeq
    if (!isLost) steps.set(number, { record, seq: record.seq, endSeq: record.seq })
  }
  for (const ask of asks) {
    const { asked, message: sent, seq, original } = ask
    if (asked === undefined) continue
    const message = original === undefined ? sent : { ...sent, data: original }
    const intent = { outcome: { type: 'intent' }, at: message.sentAt } as const
    const endSeq = settledAt.get(message.id) ?? seq
    steps.set(asked.step, { record: askStep(ask, asked, intent), seq, endSeq, asked: message })
  }
  for (const record of served) {
    const [number = 0] = record.step
    const ask = steps.get(number)
    const { seq = 0 } = record
    const isAsk = ask?.asked !== undefined
    steps.set(number, isAsk ? { ...ask, record } : { record, seq, endSeq: seq })
  }
  return steps
}

/** Whether an ask had no end but that of its attempt, which is told before that one's own where it died. */
function isLeftBehind({ stepKind, outcome }: StepRecord): boolean {
  return stepKind === 'ask' && outcome.type === 'error' && outcome.error.code === ASKER_DONE
}
