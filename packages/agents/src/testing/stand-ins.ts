import {
  COORDINATOR,
  defineMessage,
  type JournalRecord,
  type MessageType,
  type Subscriber,
} from '@nanoagent/bus'
import { z } from 'zod'
import type { Agent } from '../agent.ts'
import { linksOf } from '../routes.ts'

/**
 * Who plays those roles that the agents know of or that are in the records, and that none of them plays, by
 * name: they accept whatever they may be sent, and do nothing.
 */
export function standIns(
  agents: readonly Agent[],
  records: readonly JournalRecord[],
): ReadonlyMap<string, Subscriber<MessageType>> {
  const types = new Map<string, Map<string, MessageType>>()
  const add = (to: string, type: MessageType) => {
    if (to === COORDINATOR || agents.some(({ role }) => role === to)) return
    const known = types.get(to) ?? new Map<string, MessageType>()
    types.set(to, known.set(type.name, type))
  }
  for (const record of records) {
    if (record.kind !== 'message') continue
    const { to, type } = record.message
    add(to, defineMessage(type, z.unknown()))
  }
  for (const { to, type } of agents.flatMap(linksOf)) add(to, type)
  return new Map(
    [...types].map(([role, accepts]) => [role, { accepts: [...accepts.values()], handle() {} }]),
  )
}
