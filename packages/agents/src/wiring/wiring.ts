import type { MessageType } from '@nanoagent/bus'
import type { Agent } from '../agent.ts'
import type { WiringProblem } from '../errors.ts'
import type { Listener } from '../listener.ts'
import type { Route } from '../routes.ts'
import { flowsOf } from './flows.ts'
import { linkProblems, type Players } from './links.ts'
import { takenRoles, twoSchemas } from './names.ts'
import { neverJoined, neverPublished } from './published.ts'
import { deadEnds, strays } from './strays.ts'

/** What the wiring check looks at. */
export interface Wiring {
  readonly agents: readonly Agent[]
  readonly listeners: readonly Listener[]
  readonly entry: Route
  readonly terminal: MessageType
  /** The named fields of a run's result. */
  readonly context: Readonly<Record<string, MessageType>>
}

/** Everything that is wrong with a team's wiring, in the order of its agents; empty where nothing is. */
export function wiringProblems(wiring: Wiring): readonly WiringProblem[] {
  const players = new Map(wiring.agents.map((agent) => [agent.role, agent]))
  const problems = [
    ...takenRoles(wiring),
    ...twoSchemas(wiring),
    ...wayProblems(wiring, players),
    ...neverPublished(wiring),
  ]
  return [...new Map(problems.map((problem) => [problem.message, problem])).values()]
}

/** What is wrong with the ways; what only follows from something else is left out. */
function wayProblems(wiring: Wiring, players: Players): readonly WiringProblem[] {
  const flows = flowsOf(wiring, players)
  const broken = [
    ...linkProblems(wiring, players),
    ...flows.flatMap((flow) => strays(flow, wiring, players)),
  ]
  if (broken.length > 0) return broken
  const dead = flows.flatMap((flow) => deadEnds(flow, wiring, players))
  return dead.length > 0 ? dead : neverJoined(wiring)
}
