import type { Message } from '../message.ts'
import type { JournalRecord } from '../records.ts'

/** Messages by id. */
export type MessagesById = ReadonlyMap<string, Message>

/**
 * The messages that led to this one, root first and the message itself last: its causal past, never
 * what happened elsewhere in the run meanwhile. Empty where the id is unknown.
 */
export function causalPast(messages: MessagesById, id: string): readonly Message[] {
  const past: Message[] = []
  let message = messages.get(id)
  while (message !== undefined) {
    past.push(message)
    message = message.causationId === undefined ? undefined : messages.get(message.causationId)
  }
  return past.reverse()
}

/** The messages of one run's records, by id, in journal order. */
export function messagesOf(records: Iterable<JournalRecord>): MessagesById {
  const messages = new Map<string, Message>()
  for (const record of records) {
    if (record.kind === 'message') messages.set(record.message.id, record.message)
  }
  return messages
}

/** The shared context of a message: what its handler could know. */
export interface SharedContext {
  /** The root message; absent where the message is unknown. */
  readonly request: Message | undefined
  /** The messages that led here, root first, with the message itself last. */
  readonly history: readonly Message[]
}

/** The shared context of a message, from its run's records. */
export function sharedContext(records: Iterable<JournalRecord>, id: string): SharedContext {
  const history = causalPast(messagesOf(records), id)
  return { request: history[0], history }
}
