import { COORDINATOR, type MessageType } from '@nanoagent/bus'
import type { WiringProblem } from '../errors.ts'
import { rolesThatEnd, type TeamFlow, waysOf } from './flows.ts'
import { endsSomeBranch, type Players } from './links.ts'
import type { Wiring } from './wiring.ts'

/** Handoffs that could leave their fan-out, or that only a branch may make. */
export function strays(
  { surelyGets, leadsTo, isMeantElsewhere, fanOut }: TeamFlow,
  wiring: Wiring,
  players: Players,
): readonly WiringProblem[] {
  return [...surelyGets.keys()].flatMap((role) =>
    waysOf(players.get(role)).flatMap((way) => {
      const leads = leadsTo(way)
      if (leads === 'on' || leads === 'end' || isMeantElsewhere(role, way)) return []
      const { to, type } = way
      const problem = (why: string) => [
        { from: role, to, message: `'${role}' hands ${type.name} to '${to}'${why}` },
      ]
      if (leads === 'away' && fanOut !== undefined) return problem(outOf(fanOut))
      // What nobody ever takes is told of once, as a link.
      const player = players.get(to)
      if (way.how === 'join' || player === undefined || !endsSomeBranch(wiring, way)) return []
      return problem(`, which takes it from branches alone (it accepts ${names(player.accepts)})`)
    }),
  )
}

function outOf({ by, join: { to, type } }: NonNullable<TeamFlow['fanOut']>): string {
  return (
    ` from inside a branch of '${by}', which ends with ${names(type.join.types, ' or ')} ` +
    `at '${to}' (${type.name}): let only '${to}' decide where the flow goes on`
  )
}

/** Roles from which no way leads to the terminal type, or to the end of their branch. */
export function deadEnds(
  flow: TeamFlow,
  { terminal }: Wiring,
  players: Players,
): readonly WiringProblem[] {
  const ends = rolesThatEnd(flow, players)
  const { fanOut } = flow
  return [...flow.surelyGets.keys()]
    .filter((role) => !ends.has(role))
    .map((role) => ({
      from: role,
      to: fanOut?.join.to ?? terminal.name,
      message: `no path leads from '${role}' to ${fanOut === undefined ? terminalOf(terminal) : endOf(fanOut)}`,
    }))
}

function terminalOf({ name }: MessageType): string {
  return `the terminal type ${name}: let an agent hand it to '${COORDINATOR}'`
}

function endOf({ by, join: { to, type } }: NonNullable<TeamFlow['fanOut']>): string {
  const ends = names(type.join.types, ' or ')
  return `the end of its branch of '${by}': let an agent hand ${ends} to '${to}' (${type.name})`
}

function names(types: readonly MessageType[], between = ', '): string {
  return types.map(({ name }) => name).join(between)
}
