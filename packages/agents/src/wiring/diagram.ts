import {
  COORDINATOR,
  type JoinType,
  type MessageType,
  mermaidText,
  policyText,
} from '@nanoagent/bus'
import type { Route } from '../routes.ts'
import type { Team } from '../team.ts'
import { flowsOf, type TeamFlow } from './flows.ts'
import { typesPublishedBy } from './published.ts'

/**
 * A team's wiring as a Mermaid flowchart. Boxes are agents, rounded boxes listeners, hexagons joins with
 * their policy. A thick arrow is a branch, a dotted one an ask, and a dotted line with a circle says of
 * what a listener gets copies.
 */
export function mermaidOf(team: Team): string {
  const { agents, listeners, entry } = team
  const flows = flowsOf(team, new Map(agents.map((agent) => [agent.role, agent])))
  const ids = new Map(
    [COORDINATOR, ...agents.map(({ role }) => role), ...listeners.map(({ role }) => role)].map(
      (role, index) => [role, idOf(role, index)],
    ),
  )
  const joins = joinsOf(flows, ids.size)
  const idOfJoin = (join: Route) => joins.get(keyOf(join))?.id ?? ''
  const edge = (from: string, arrow: string, said: string, to: string) =>
    `${ids.get(from)} ${arrow}|${quoted(said)}| ${ids.get(to)}`

  const nodes = [
    `${ids.get(COORDINATOR)}([${quoted(COORDINATOR)}])`,
    ...agents.map(({ role }) => `${ids.get(role)}[${quoted(role)}]`),
    ...[...joins.values()].map(({ id, type }) => `${id}{{${quoted(titleOf(type))}}}`),
    ...listeners.map(({ role }) => `${ids.get(role)}(${quoted(role)})`),
  ]
  const ways = agents.flatMap(({ role, emits, fansOut, asks }) => [
    ...emits.flatMap((route) => {
      const ends = joinsReachedBy(role, route, flows)
      return [
        ...(ends.length === 0 || isTaken(role, route, flows)
          ? [edge(role, '-->', route.type.name, route.to)]
          : []),
        ...ends.map((join) => `${ids.get(role)} -->|${quoted(route.type.name)}| ${idOfJoin(join)}`),
      ]
    }),
    ...fansOut.flatMap(({ branches }) =>
      branches.map(({ to, type }) => edge(role, '==>', type.name, to)),
    ),
    ...asks.map(({ to, type }) => edge(role, '-.->', `asks ${type.name}`, to)),
  ])
  const copies = listeners.flatMap(({ role, listens }) =>
    listens.flatMap(({ name }) => [
      ...(entry.type.name === name ? [edge(COORDINATOR, '-.-o', `copy of ${name}`, role)] : []),
      ...agents
        .filter((agent) => publishes(typesPublishedBy(agent, agents), name))
        .map((agent) => edge(agent.role, '-.-o', `copy of ${name}`, role)),
    ]),
  )
  const lines = [
    ...nodes,
    edge(COORDINATOR, '-->', entry.type.name, entry.to),
    ...ways,
    ...[...joins.values()].map(({ id, to }) => `${id} --> ${ids.get(to)}`),
    ...copies,
  ]
  return ['flowchart LR', ...new Set(lines)].join('\n  ')
}

interface JoinNode {
  readonly id: string
  readonly to: string
  readonly type: JoinType
}

/** One for each type of join at each role, however many fan out to it. */
function joinsOf(flows: readonly TeamFlow[], after: number): ReadonlyMap<string, JoinNode> {
  const joins = new Map<string, JoinNode>()
  for (const { fanOut } of flows) {
    if (fanOut === undefined || joins.has(keyOf(fanOut.join))) continue
    const { to, type } = fanOut.join
    joins.set(keyOf(fanOut.join), { id: idOf('join', after + joins.size), to, type })
  }
  return joins
}

function keyOf({ to, type }: Route): string {
  return `${type.name} ${to}`
}

/** The joins at which a handoff of a role ends a branch. */
function joinsReachedBy(role: string, route: Route, flows: readonly TeamFlow[]): readonly Route[] {
  return flows.flatMap(({ fanOut, gets, leadsTo }) =>
    fanOut !== undefined && gets.has(role) && leadsTo({ ...route, how: 'handoff' }) === 'end'
      ? [fanOut.join]
      : [],
  )
}

/** Whether there is a flow in which a handoff of a role enters a mailbox. */
function isTaken(role: string, route: Route, flows: readonly TeamFlow[]): boolean {
  return flows.some(
    ({ fanOut, gets, leadsTo }) =>
      gets.has(role) &&
      (leadsTo({ ...route, how: 'handoff' }) === 'on' ||
        (fanOut === undefined && route.to === COORDINATOR)),
  )
}

function publishes(types: readonly MessageType[], name: string): boolean {
  return types.some((type) => type.name === name)
}

function titleOf({ name, join: { policy } }: JoinType): string {
  return `${name} (${policyText(policy)})`
}

/** A name of its own that is none of Mermaid's words, whatever the role is. */
function idOf(role: string, index: number): string {
  return `${role.replace(/[^A-Za-z0-9]/g, '_')}_${index}`
}

function quoted(text: string): string {
  return `"${mermaidText(text)}"`
}
