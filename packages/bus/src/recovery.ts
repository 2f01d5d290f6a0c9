import { type DeadLetter, deadLetter } from './dead-letter.ts'
import type { DeliveryPast } from './delivery.ts'
import { describe, NewerVersionError } from './errors.ts'
import type { Journal } from './journal.ts'
import { COORDINATOR, type Message } from './message.ts'
import type { MessageType } from './message-type.ts'
import type { JournalRecord, RunOpenedRecord, StepRecord } from './records.ts'
import { RECORD_VERSION } from './records.ts'
import { Secret } from './secret.ts'
import { StepHistory } from './steps.ts'

/** An open run as its records tell it, ready to go on. */
export interface OpenRun {
  readonly opening: RunOpenedRecord
  readonly messages: ReadonlyMap<string, Message>
  /** Deliveries that are not settled, in journal order. */
  readonly unsettled: readonly UnsettledDelivery[]
  /** Steps that were performed, each once. */
  readonly steps: readonly StepRecord[]
  readonly secrets: readonly Secret[]
  /** Milliseconds in which a live process owned the run, as far as its records tell. */
  readonly ownedMs: number
}

/** A delivery without a final settlement. */
interface UnsettledDelivery {
  readonly message: Message
  readonly past: DeliveryPast
  /** Why its message cannot be read any more; absent where it can. */
  readonly unreadable?: DeadLetter
}

/** Collects what the records of one run say, in the order of the records. */
interface DeliveryReading {
  readonly message: Message
  readonly history: StepHistory
  attempt: number
  attemptAt: number
  starts: number
  recordedLogs: number
  retryAt: number | undefined
}

/**
 * Reads an open run back from the journal; `undefined` where it has ended. A delivery without a
 * settlement counts as started once, since nobody recorded whether it was. Messages are parsed again
 * by the types that their roles accept today.
 */
export async function readOpenRun(
  journal: Journal,
  runId: string,
  typeOf: (role: string, type: string) => MessageType | undefined,
): Promise<OpenRun | undefined> {
  const messages = new Map<string, Message>()
  const deliveries = new Map<string, DeliveryReading>()
  const steps: StepRecord[] = []
  const secrets: Secret[] = []
  const once = new Set<string>()
  let opening: RunOpenedRecord | undefined
  let hasEnded = false
  let ownedMs = 0
  let lastAt: number | undefined
  for await (const record of journal.read({ runId })) {
    // Before a later start the run was taken over, so nobody owned it in the gap.
    if (record.kind !== 'start' && record.kind !== 'run.reopened')
      ownedMs += Math.max(0, record.at - (lastAt ?? record.at))
    lastAt = record.at
    collectSecrets(record, secrets)
    switch (record.kind) {
      case 'run.opened':
        if (record.version > RECORD_VERSION) {
          throw new NewerVersionError(runId, record.version, RECORD_VERSION)
        }
        opening = record
        break
      case 'run.ended':
        hasEnded = true
        break
      case 'run.reopened':
        hasEnded = false
        break
      case 'message':
        messages.set(record.message.id, record.message)
        deliveries.set(record.message.id, newDelivery(record.message))
        break
      case 'settle':
        if (record.outcome === 'failed') nextAttempt(deliveries.get(record.messageId), record)
        else deliveries.delete(record.messageId)
        break
      case 'start': {
        const delivery = deliveries.get(record.messageId)
        if (delivery !== undefined) delivery.starts = record.start
        break
      }
      case 'step':
        if (isPerformed(record, once)) steps.push(record)
        deliveries.get(record.messageId)?.history.add(record)
        break
      case 'log': {
        const delivery = deliveries.get(record.messageId)
        if (delivery !== undefined) delivery.recordedLogs = record.number
        break
      }
    }
  }
  if (opening === undefined || hasEnded) return undefined
  const { terminal } = opening
  const unsettled = [...deliveries.values()]
    .filter(({ message }) => message.to !== COORDINATOR || message.type !== terminal)
    .map(({ message, retryAt, ...past }) => ({
      ...reread(message, typeOf(message.to, message.type)),
      past: { ...past, ...(retryAt === undefined ? {} : { retryAt }) },
    }))
  return { opening, messages, unsettled, steps, secrets, ownedMs }
}

/** Whether a record is more than an intent, or a later attempt's copy of a `once` step's result. */
function isPerformed({ outcome, idempotencyKey }: StepRecord, once: Set<string>): boolean {
  if (outcome.type === 'intent') return false
  if (idempotencyKey === undefined) return true
  const isFirst = !once.has(idempotencyKey)
  once.add(idempotencyKey)
  return isFirst
}

function newDelivery(message: Message): DeliveryReading {
  return {
    message,
    history: new StepHistory(),
    attempt: 1,
    attemptAt: message.sentAt,
    starts: 1,
    recordedLogs: 0,
    retryAt: undefined,
  }
}

function nextAttempt(
  delivery: DeliveryReading | undefined,
  { at, attempt, retryAt }: { at: number; attempt: number; retryAt?: number },
): void {
  if (delivery === undefined) return
  delivery.attempt = attempt + 1
  delivery.attemptAt = at
  delivery.starts = 1
  delivery.recordedLogs = 0
  delivery.retryAt = retryAt
}

function reread(
  message: Message,
  type: MessageType | undefined,
): Pick<UnsettledDelivery, 'message' | 'unreadable'> {
  if (type === undefined) return { message }
  try {
    return { message: Object.freeze({ ...message, data: type.parse(message.data) }) }
  } catch (error) {
    return { message, unreadable: deadLetter('unreadable', describe(error)) }
  }
}

function collectSecrets(record: JournalRecord, secrets: Secret[]): void {
  const search = (value: unknown): void => {
    if (value instanceof Secret) secrets.push(value)
    else if (Array.isArray(value)) value.forEach(search)
    else if (typeof value === 'object' && value !== null) Object.values(value).forEach(search)
  }
  if (record.kind === 'message') search(record.message.data)
  else if (record.kind === 'step') {
    search(record.request)
    if (record.outcome.type === 'response') search(record.outcome.response)
  } else if (record.kind === 'log') search(record.data)
}
