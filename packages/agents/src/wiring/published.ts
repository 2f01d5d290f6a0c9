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

/** Types that a join waits for, and that nobody publishes. */
export function neverJoined({ agents, entry }: Wiring): readonly WiringProblem[] {
  const published = publishedIn(agents, entry.type)
  return agents.flatMap(({ role, fansOut }) =>
    fansOut.flatMap(({ join: { to, type } }) =>
      type.join.types
        .filter(({ name }) => !published.has(name))
        .map(({ name }) => ({
          from: role,
          to,
          message: `${type.name} at '${to}' waits for ${name}, which no agent of the team publishes`,
        })),
    ),
  )
}

/** Named fields of the results and listeners whose type nobody publishes. */
export function neverPublished({
  agents,
  listeners,
  entry,
  context,
}: Wiring): readonly WiringProblem[] {
  const published = publishedIn(agents, entry.type)
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

function publishedIn(agents: readonly Agent[], entry: MessageType): ReadonlySet<string> {
  const byAgents = agents.flatMap((agent) => typesPublishedBy(agent, agents))
  return new Set([entry, ...byAgents].map(({ name }) => name))
}
