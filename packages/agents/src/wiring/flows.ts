import { COORDINATOR, type JoinType } from '@nanoagent/bus'
import type { Agent } from '../agent.ts'
import type { FanOutRoute, Route } from '../routes.ts'
import { accepts, type Players } from './links.ts'
import type { Wiring } from './wiring.ts'

/** A way forward of an agent: what it hands off, or what goes on behind its fan-out. */
export interface Way extends Route {
  readonly how: 'handoff' | 'join'
}

/** A flow as the definitions show it, before it is known who takes part. */
interface FlowRules {
  /** Where it begins. */
  readonly starts: readonly Route[]
  /** The fan-out whose branches these are, and the role that fans out; absent on the main flow. */
  readonly fanOut?: { readonly by: string; readonly join: Route<string, JoinType> }
  /** Where a way leads here: to another role, to the flow's end, out of the fan-out, or to nobody. */
  leadsTo(way: Way): 'on' | 'end' | 'away' | 'nowhere'
}

/** The types that roles get, by role, as names. */
type Inboxes = ReadonlyMap<string, ReadonlySet<string>>

/** A flow that a team can have: the main one, or the branches of one fan-out. */
export interface TeamFlow extends FlowRules {
  /** What each role may get in it, whichever ways the handlers choose. */
  readonly gets: Inboxes
  /** What is left of that where no handler chooses a way that it may keep for another flow. */
  readonly surelyGets: Inboxes
  /**
   * Whether a role may keep a way for another flow, where it is right: it may get a type there that it
   * does not surely get here, by which its handler can tell.
   */
  isMeantElsewhere(role: string, way: Way): boolean
}

/** The ways forward of an agent. What its branches do in between is another flow. */
export function waysOf(agent: Agent | undefined): readonly Way[] {
  return [
    ...(agent?.emits ?? []).map((route): Way => ({ ...route, how: 'handoff' })),
    ...(agent?.fansOut ?? []).map(({ join }): Way => ({ ...join, how: 'join' })),
  ]
}

/** Every flow of a team, the main one first. */
export function flowsOf(wiring: Wiring, players: Players): readonly TeamFlow[] {
  const flows = [
    mainFlow(wiring, players),
    ...wiring.agents.flatMap(({ role, fansOut }) =>
      fansOut.map((fanOut) => branchFlow(role, fanOut, players)),
    ),
  ].map((rules) => {
    const gets = follow(rules, players, (_role, way) => rules.leadsTo(way) === 'on')
    return { ...rules, gets }
  })
  return flows.map((flow) => {
    const isKept = (role: string, way: Way, here: ReadonlySet<string> | undefined): boolean =>
      flows.some((other) => {
        const differs = [...(other.gets.get(role) ?? [])].some((name) => !here?.has(name))
        return other !== flow && differs && ['on', 'end'].includes(other.leadsTo(way))
      })
    const surelyGets = follow(
      flow,
      players,
      (role, way, here) => flow.leadsTo(way) === 'on' && !isKept(role, way, here),
    )
    return {
      ...flow,
      surelyGets,
      isMeantElsewhere: (role, way) => isKept(role, way, surelyGets.get(role)),
    }
  })
}

function mainFlow({ entry, terminal }: Wiring, players: Players): FlowRules {
  return {
    starts: [entry],
    leadsTo({ to, type }) {
      if (to !== COORDINATOR) return accepts(players, to, type) ? 'on' : 'nowhere'
      return type.name === terminal.name ? 'end' : 'nowhere'
    },
  }
}

/** The branches of a fan-out, as the bus has it: what is handed to the join's role ends one, or strays. */
function branchFlow(by: string, { branches, join }: FanOutRoute, players: Players): FlowRules {
  const ends = new Set(join.type.join.types.map(({ name }) => name))
  return {
    starts: branches,
    fanOut: { by, join },
    leadsTo({ how, to, type }) {
      if (how === 'handoff' && to === join.to) return ends.has(type.name) ? 'end' : 'away'
      if (how === 'handoff' && to === COORDINATOR) return 'away'
      return accepts(players, to, type) ? 'on' : 'nowhere'
    },
  }
}

/** What each role gets where a flow goes these ways, which may depend on what the role gets. */
function follow(
  { starts }: FlowRules,
  players: Players,
  goes: (role: string, way: Way, here: ReadonlySet<string>) => boolean,
): Inboxes {
  const gets = new Map<string, Set<string>>()
  const visit = ({ to, type: { name } }: Route): void => {
    const here = gets.get(to) ?? new Set()
    if (here.has(name) || !players.has(to)) return
    gets.set(to, here.add(name))
    for (const way of waysOf(players.get(to))) if (goes(to, way, here)) visit(way)
  }
  for (const start of starts) visit(start)
  return gets
}

/** The roles from which some way leads to the end of a flow. */
export function rolesThatEnd({ gets, leadsTo }: TeamFlow, players: Players): ReadonlySet<string> {
  const ends = new Set<string>()
  const isAtEnd = (way: Way) => {
    const leads = leadsTo(way)
    return leads === 'end' || (leads === 'on' && ends.has(way.to))
  }
  for (let before = -1; before !== ends.size; ) {
    before = ends.size
    for (const role of gets.keys()) if (waysOf(players.get(role)).some(isAtEnd)) ends.add(role)
  }
  return ends
}
