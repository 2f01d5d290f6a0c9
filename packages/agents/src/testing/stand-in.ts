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

/** A role that is played, and everything that it may be sent. */
export interface PlayedRole {
  readonly role: string
  readonly accepts: readonly MessageType[]
}

/** Those of the agents, and every other role that they know of or that is in the records. */
export function rolesOf(
  agents: readonly Agent[],
  records: readonly JournalRecord[],
): readonly PlayedRole[] {
  const others = new Map<string, Map<string, MessageType>>()
  const add = (to: string, name: string, type?: MessageType) => {
    if (to === COORDINATOR || agents.some(({ role }) => role === to)) return
    const types = others.get(to) ?? new Map<string, MessageType>()
    others.set(to, types)
    if (!types.has(name)) types.set(name, type ?? anyType(name))
  }
  for (const { to, type } of agents.flatMap(linksOf)) add(to, type.name, type)
  for (const record of records) {
    if (record.kind === 'message') add(record.message.to, record.message.type)
  }
  return [
    ...agents.map(({ role, accepts }) => ({ role, accepts })),
    ...[...others].map(([role, types]) => ({ role, accepts: [...types.values()] })),
  ]
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
  const askers = new Set(
    records.map((record) =>
      record.kind === 'message' && record.asked !== undefined ? record.message.causationId : '',
    ),
  )
  return (message, delivery) => {
    if (!messages.has(message.id)) {
      throw new TerminalError(`${message.type} was not recorded, so it is not handled`)
    }
    if (!askers.has(message.id)) return never()
    const { attempt } = delivery
    const calls = callsOf(records, { messageId: message.id, attempt })
    for (let number = 1; number <= Math.max(0, ...calls.keys()); number++) {
      const asked = messages.get(askPath(message.id, attempt, number))
      if (asked !== undefined) {
        const { to, type, data, content, metadata } = asked
        const options = { content, metadata, timeoutMs: FOREVER_MS }
        delivery.ask(to, anyRequest(type), data, options).catch(() => {})
      } else perform(delivery, calls.get(number) ?? UNKNOWN)
    }
    return never()
  }
}

/** A step that was under way, of which nobody knows what it was. */
const UNKNOWN: Call = { stepKind: 'effect', name: 'unknown', request: null }

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
