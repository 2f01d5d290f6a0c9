import {
  copyPath,
  type DeliveryContext,
  type JournalRecord,
  type Message,
  type MessageType,
  type Subscriber,
  TerminalError,
} from '@nanoagent/bus'
import type { Agent, AgentContext } from './agent.ts'
import { createContext, type GenerationLimits } from './context.ts'
import type { Listener } from './listener.ts'
import type { Model } from './model.ts'
import type { Worker } from './worker.ts'

/** Makes what a handler gets from what the bus gives it. */
export type ContextOf = (worker: Worker, delivery: DeliveryContext) => AgentContext

/** An agent as a bus plays its role. */
export function agentPlayer(agent: Agent, contextOf: ContextOf): Subscriber<MessageType> {
  return {
    ...agent,
    handle: (message, delivery) => agent.handle(message, contextOf(agent, delivery)),
  }
}

/** A listener as a bus lets it listen. */
export function listenerPlayer(listener: Listener, contextOf: ContextOf): Subscriber<MessageType> {
  return {
    ...listener,
    accepts: listener.listens,
    handle: (message, delivery) => listener.handle(message, contextOf(listener, delivery)),
  }
}

/** Who plays the roles of a replay, and who listens, by name. */
export interface ReplayPlayers {
  readonly roles: ReadonlyMap<string, Subscriber<MessageType>>
  readonly listeners: ReadonlyMap<string, Subscriber<MessageType>>
}

/**
 * Agents and listeners as they play in a replay of these records, for `replayDeliveries`: with a model of
 * the name that was recorded, which is never asked. `limits` are the bounds that the run had.
 */
export function replayPlayers(
  {
    agents,
    listeners = [],
  }: { readonly agents: readonly Agent[]; readonly listeners?: readonly Listener[] },
  records: Iterable<JournalRecord>,
  limits: GenerationLimits = {},
): ReplayPlayers {
  const models = modelNamesOf(records)
  const contextOf =
    (idOf: (message: Message) => string): ContextOf =>
    (worker, delivery) => {
      const name = models.get(`${idOf(delivery.message)}/${delivery.attempt}`)
      return createContext(worker, delivery, recordedModel(name), limits)
    }
  return {
    roles: new Map(
      agents.map((agent) => [
        agent.role,
        agentPlayer(
          agent,
          contextOf(({ id }) => id),
        ),
      ]),
    ),
    listeners: new Map(
      listeners.map((listener) => {
        const { role } = listener
        return [
          role,
          listenerPlayer(
            listener,
            contextOf(({ id }) => copyPath(id, role)),
          ),
        ]
      }),
    ),
  }
}

/** The name of the model that each attempt asked first; where its agent names none, that is its model. */
function modelNamesOf(records: Iterable<JournalRecord>): ReadonlyMap<string, string> {
  const names = new Map<string, string>()
  for (const record of records) {
    if (record.kind !== 'step' || record.stepKind !== 'model') continue
    const attempt = `${record.messageId}/${record.attempt}`
    if (!names.has(attempt)) names.set(attempt, record.name)
  }
  return names
}

/** A model of this name, which is part of every model step. It is never asked. */
function recordedModel(name = 'recorded'): Model {
  return {
    name,
    generate: () => Promise.reject(new TerminalError(`model '${name}' is not asked in a replay`)),
  }
}
