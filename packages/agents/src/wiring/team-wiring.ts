import type { JoinPolicy } from '@nanoagent/bus'
import type { Route } from '../routes.ts'
import type { Team } from '../team.ts'

/** A message type and the role that gets it. */
export interface WiringRoute {
  readonly to: string
  readonly type: string
}

/** How one agent is wired, by names alone. */
export interface AgentWiring {
  readonly role: string
  readonly description: string
  readonly accepts: readonly string[]
  readonly emits: readonly WiringRoute[]
  readonly fansOut: readonly {
    readonly branches: readonly WiringRoute[]
    readonly join: WiringRoute & {
      readonly policy: JoinPolicy
      /** The types with which a branch ends. */
      readonly ends: readonly string[]
    }
  }[]
  readonly asks: readonly (WiringRoute & { readonly reply: string })[]
  /** The types with which it answers what it is asked. */
  readonly replies: readonly string[]
  readonly tools: readonly string[]
}

/** How one listener is wired, by names alone. */
export interface ListenerWiring {
  readonly role: string
  readonly description: string
  readonly listens: readonly string[]
  readonly tools: readonly string[]
}

/** How a team is wired, as plain data: a row for each of its agents and listeners, in their order. */
export interface TeamWiring {
  readonly team: string
  readonly entry: WiringRoute
  readonly terminal: string
  readonly agents: readonly AgentWiring[]
  readonly listeners: readonly ListenerWiring[]
}

/** The wiring of a team. */
export function wiringOf({ name, agents, listeners, entry, terminal }: Team): TeamWiring {
  return {
    team: name,
    entry: shown(entry),
    terminal: terminal.name,
    agents: agents.map(({ role, description, accepts, emits, fansOut, asks, tools }) => ({
      role,
      description,
      accepts: accepts.map((type) => type.name),
      emits: emits.map(shown),
      fansOut: fansOut.map(({ branches, join }) => ({
        branches: branches.map(shown),
        join: {
          ...shown(join),
          policy: join.type.join.policy,
          ends: join.type.join.types.map((type) => type.name),
        },
      })),
      asks: asks.map((route) => ({ ...shown(route), reply: route.type.reply.name })),
      replies: accepts.flatMap((type) => type.reply?.name ?? []),
      tools: tools.map((tool) => tool.name),
    })),
    listeners: listeners.map(({ role, description, listens, tools }) => ({
      role,
      description,
      listens: listens.map((type) => type.name),
      tools: tools.map((tool) => tool.name),
    })),
  }
}

function shown({ to, type }: Route): WiringRoute {
  return { to, type: type.name }
}
