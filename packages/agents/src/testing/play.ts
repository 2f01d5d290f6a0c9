import type { Bus, DeliveryContext, DeliveryOptions } from '@nanoagent/bus'
import type { Agent, AgentContext } from '../agent.ts'

/** Lets agents play their roles on a bus. Gives how many of their handlers are at work now. */
export function play(
  bus: Bus,
  agents: Iterable<Agent>,
  contextOf: (agent: Agent, delivery: DeliveryContext) => AgentContext,
  options: Partial<DeliveryOptions> = {},
): () => number {
  const atWork = new Set<DeliveryContext>()
  for (const agent of agents) {
    bus.subscribe(agent.role, {
      ...agent,
      ...options,
      handle(message, delivery) {
        atWork.add(delivery)
        delivery.signal.addEventListener('abort', () => atWork.delete(delivery), { once: true })
        return agent.handle(message, contextOf(agent, delivery))
      },
    })
  }
  return () => atWork.size
}
