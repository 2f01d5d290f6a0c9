import type { Bus, DeliveryContext, DeliveryOptions, Message } from '@nanoagent/bus'
import type { Agent, AgentContext } from '../agent.ts'
import type { Listener } from '../listener.ts'
import type { ContextOf } from '../players.ts'
import type { Worker } from '../worker.ts'

/** Lets agents play their roles on a bus. Gives how many of their handlers are at work now. */
export function play(
  bus: Bus,
  agents: Iterable<Agent>,
  contextOf: ContextOf,
  options: Partial<DeliveryOptions> = {},
): () => number {
  const atWork = new Set<DeliveryContext>()
  for (const agent of agents) {
    const handle = counted(agent, contextOf, atWork)
    bus.subscribe(agent.role, { ...agent, ...options, handle })
  }
  return () => atWork.size
}

/** Lets listeners listen on a bus. Gives how many of their handlers are at work now. */
export function listenIn(
  bus: Bus,
  listeners: Iterable<Listener>,
  contextOf: ContextOf,
  options: Partial<DeliveryOptions> = {},
): () => number {
  const atWork = new Set<DeliveryContext>()
  for (const listener of listeners) {
    const handle = counted(listener, contextOf, atWork)
    bus.listen(listener.role, { ...listener, ...options, accepts: listener.listens, handle })
  }
  return () => atWork.size
}

function counted(
  worker: Worker & { handle(message: Message, ctx: AgentContext): unknown },
  contextOf: ContextOf,
  atWork: Set<DeliveryContext>,
): (message: Message, delivery: DeliveryContext) => unknown {
  return (message, delivery) => {
    atWork.add(delivery)
    delivery.signal.addEventListener('abort', () => atWork.delete(delivery), { once: true })
    return worker.handle(message, contextOf(worker, delivery))
  }
}
