import type { MessageType } from '@nanoagent/bus'
import type { Agent } from '../agent.ts'
import type { WiringProblem } from '../errors.ts'
import { linksOf } from '../routes.ts'
import type { Wiring } from './wiring.ts'

/** Every type that an agent can publish, the replies that it is asked for included. */
export function typesPublishedBy(agent: Agent, agents: readonly Agent[]): readonly MessageType[] {
  const replies = agents
    .flatMap(({ asks }) => asks)
    .filter(({ to }) => to === agent.role)
    .flatMap(({ type }) => type.reply ?? [])
  return [...linksOf(agent).map(({ type }) => type), ...replies]
}

/** What waits for a type that nobody publishes: a named field of the results, a listener. */
export function neverPublished({
  agents,
  listeners,
  entry,
  context,
}: Wiring): readonly WiringProblem[] {
  const published = new Set([
    entry.type.name,
    ...agents.flatMap((agent) => typesPublishedBy(agent, agents).map(({ name }) => name)),
  ])
  return [
    ...Object.entries(context)
      .filter(([, { name }]) => !published.has(name))
      .map(([field, { name }]) => ({
        from: `context.${field}`,
        to: name,
        message: `the context field '${field}' is ${name}, which no agent of the team emits`,
      })),
    ...listeners.flatMap(({ role, listens }) =>
      listens
        .filter(({ name }) => !published.has(name))
        .map(({ name }) => ({
          from: role,
          to: name,
          message: `'${role}' listens to ${name}, which no agent of the team publishes`,
        })),
    ),
  ]
}
