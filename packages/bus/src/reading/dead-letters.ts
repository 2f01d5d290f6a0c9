import type { JournalReader } from '../journal.ts'
import type { Message } from '../message.ts'
import { listenerOfDelivery, messageOfDelivery } from '../paths.ts'
import type { DeadReason, ErrorRecord, JournalRecord, SettleRecord } from '../records.ts'
import { type ReadingQuery, runsIn } from './list-runs.ts'

/** A delivery that was given up. */
export interface DeadLetterReading {
  readonly runId: string
  readonly messageId: string
  /** Who should have handled it. */
  readonly role: string
  /** Whether it is a listener's copy, which harms no run. */
  readonly isCopy: boolean
  readonly message: Message
  /** Attempts that were begun; 1 also where nobody could handle it. */
  readonly attempts: number
  readonly reason: DeadReason
  readonly error?: ErrorRecord
  /** When it was given up, in epoch milliseconds. */
  readonly at: number
}

/**
 * The dead letters of the runs that a query asks for, those of the newest run first, and within a run in
 * journal order. One that was revived because its run went on is none until it dies again.
 */
export async function* deadLetters(
  journal: JournalReader,
  query: ReadingQuery = {},
): AsyncIterable<DeadLetterReading> {
  for await (const { runId } of runsIn(journal, query)) yield* await deadLettersOf(journal, runId)
}

async function deadLettersOf(
  journal: JournalReader,
  runId: string,
): Promise<Iterable<DeadLetterReading>> {
  const messages = new Map<string, Message>()
  const dead = new Map<string, DeadLetterReading>()
  const note = (record: JournalRecord) => {
    if (record.kind === 'message') messages.set(record.message.id, record.message)
    else if (record.kind === 'run.reopened') for (const id of record.revived) dead.delete(id)
    else if (record.kind === 'settle' && record.outcome === 'dead') {
      const message = messages.get(messageOfDelivery(record.messageId))
      if (message !== undefined) dead.set(record.messageId, reading(record, message))
    }
  }
  for await (const record of journal.read({ runId })) note(record)
  return dead.values()
}

function reading(record: SettleRecord, message: Message): DeadLetterReading {
  const { runId, messageId, role, attempt, reason, error, at } = record
  return {
    runId,
    messageId: message.id,
    role,
    isCopy: listenerOfDelivery(messageId) !== undefined,
    message,
    attempts: attempt,
    reason: reason ?? 'terminal',
    ...(error === undefined ? {} : { error }),
    at,
  }
}
