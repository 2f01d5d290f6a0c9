import {
  askPath,
  COORDINATOR,
  type DeliveryContext,
  defineMessage,
  type JournalRecord,
  type Message,
  type MessageType,
  type RequestType,
  TerminalError,
} from '@nanoagent/bus'
import { z } from 'zod'
import type { Agent } from '../agent.ts'
import { linksOf } from '../routes.ts'
import { type Call, callsOf } from './conduct.ts'

/** A role that somebody stands in for, and everything that it may be sent. */
interface StoodInFor {
  readonly role: string
  readonly accepts: readonly MessageType[]
}

/** Every role of these records and agents, with what it may be sent. */
export function rolesOf(
  agents: readonly Agent[],
  records: readonly JournalRecord[],
): readonly StoodInFor[] {
  const roles = new Map<string, Map<string, MessageType>>()
  const add = (to: string, type: MessageType) => {
    const types = roles.get(to) ?? new Map<string, MessageType>()
    roles.set(to, types)
    if (!types.has(type.name)) types.set(type.name, type)
  }
  for (const { role, accepts } of agents) for (const type of accepts) add(role, type)
  for (const { to, type } of agents.flatMap(linksOf)) add(to, type)
  for (const record of records) {
    if (record.kind === 'message') add(record.message.to, anyType(record.message.type))
  }
  roles.delete(COORDINATOR)
  return [...roles].map(([role, types]) => ({ role, accepts: [...types.values()] }))
}

/**
 * Handles what is in the records: asks again what its attempt has asked, so that whoever is asked goes on,
 * and never ends. Whatever is not in the records is dead at once.
 */
export function standIn(
  records: readonly JournalRecord[],
): (message: Message, delivery: DeliveryContext) => Promise<never> {
  const messages = new Map(
    records.flatMap((record) =>
      record.kind === 'message' ? [[record.message.id, record.message] as const] : [],
    ),
  )
  return (message, delivery) => {
    if (!messages.has(message.id)) {
      throw new TerminalError(`${message.type} was not recorded, so it is not handled`)
    }
    const { attempt } = delivery
    const calls = callsOf(records, { messageId: message.id, attempt })
    for (let number = 1; number <= Math.max(0, ...calls.keys()); number++) {
      const asked = messages.get(askPath(message.id, attempt, number))
      if (asked !== undefined) {
        const { to, type, data, content, metadata } = asked
        const options = { content, metadata, timeoutMs: FOREVER_MS }
        delivery.ask(to, anyRequest(type), data, options).catch(() => {})
      } else
        perform(delivery, calls.get(number) ?? { stepKind: 'effect', name: '-', request: null })
    }
    return never()
  }
}

/** Longer than anybody waits. */
export const FOREVER_MS = 2 ** 31 - 1

function perform(delivery: DeliveryContext, { stepKind, name, request }: Call): void {
  delivery.step({ kind: stepKind, name, request, waits: true, perform: never }).catch(() => {})
}

function never(): Promise<never> {
  return new Promise(() => {})
}

/** A message type by its name alone. */
function anyType(name: string): MessageType {
  return defineMessage(name, z.unknown())
}

function anyRequest(name: string): RequestType {
  return defineMessage(name, z.unknown(), { reply: anyType(name) })
}
