import { COORDINATOR, type MessageType } from '@nanoagent/bus'
import type { Agent } from '../agent.ts'
import type { WiringProblem } from '../errors.ts'
import { type Link, linksOf, type Route } from '../routes.ts'
import type { Wiring } from './wiring.ts'

/** The agents of a team by the role that they play. */
export type Players = ReadonlyMap<string, Agent>

/** Whether the player of a role accepts a type. */
export function accepts(players: Players, role: string, type: MessageType): boolean {
  return players.get(role)?.accepts.some(({ name }) => name === type.name) ?? false
}

/** Whether a handoff ends a branch of one of the team's fan-outs: then it enters no mailbox. */
export function endsSomeBranch({ agents }: Wiring, { to, type }: Route): boolean {
  return agents.some(({ fansOut }) =>
    fansOut.some(
      ({ join }) => join.to === to && join.type.join.types.some(({ name }) => name === type.name),
    ),
  )
}

/** Everything that nobody takes, each by itself: a role that nobody plays, a type that is not accepted. */
export function linkProblems(wiring: Wiring, players: Players): readonly WiringProblem[] {
  const { agents, entry } = wiring
  const { name } = entry.type
  const untaken = problemAtEnd(wiring, players, entry)
  return [
    ...(untaken === undefined
      ? []
      : [problem('entry', entry.to, `the entry ${name} goes to '${entry.to}'${untaken}`)]),
    ...agents.flatMap((agent) => [
      ...emptyFanOuts(agent),
      ...linksOf(agent).flatMap((link) => {
        const wrong = problemOf(wiring, players, agent.role, link)
        return wrong === undefined
          ? []
          : [problem(agent.role, link.to, `${said(agent.role, link)}${wrong}`)]
      }),
    ]),
  ]
}

function problem(from: string, to: string, message: string): WiringProblem {
  return { from, to, message }
}

/** What one agent does to another, as the beginning of a sentence. */
function said(from: string, { how, to, type: { name } }: Link): string {
  if (how === 'ask' && to === from) return `'${from}' asks itself for ${name}`
  if (how === 'handoff') return `'${from}' hands ${name} to '${to}'`
  if (how === 'branch') return `'${from}' fans ${name} out to '${to}'`
  if (how === 'join') return `'${from}' joins its branches as ${name} at '${to}'`
  return `'${from}' asks '${to}' for ${name}`
}

/** What is wrong with a link, as the end of a sentence. */
function problemOf(wiring: Wiring, players: Players, from: string, link: Link): string | undefined {
  const { how, to, type } = link
  const { terminal } = wiring
  if (how === 'handoff' && to === COORDINATOR) {
    return type.name === terminal.name
      ? undefined
      : `, but the team's terminal type is ${terminal.name}`
  }
  if (how === 'ask' && to === from) return ': let it find the answer without asking'
  if (how === 'ask' && type.reply === undefined) {
    return ', which names no reply: define it with { reply }, or hand it off'
  }
  // In which flows that is no end of a branch, the check of the flows finds.
  if (how === 'handoff' && players.has(to) && endsSomeBranch(wiring, link)) return undefined
  return problemAtEnd(wiring, players, link)
}

/** Why nobody takes it. */
function problemAtEnd(
  { listeners }: Wiring,
  players: Players,
  { to, type }: Route,
): string | undefined {
  const agent = players.get(to)
  if (agent === undefined) {
    if (listeners.some(({ role }) => role === to)) return `, but '${to}' only listens`
    const roles = [...players.keys()].map((role) => `'${role}'`).join(', ') || 'none'
    return `, but no agent of the team plays '${to}' (roles: ${roles})`
  }
  if (accepts(players, to, type)) return undefined
  const accepted = agent.accepts.map(({ name }) => name).join(', ')
  return `, which does not accept ${type.name} (it accepts ${accepted})`
}

function emptyFanOuts({ role, fansOut }: Agent): readonly WiringProblem[] {
  return fansOut
    .filter(({ branches }) => branches.length === 0)
    .map(({ join }) =>
      problem(
        role,
        join.to,
        `'${role}' fans out to nobody before ${join.type.name}: name where its branches may begin`,
      ),
    )
}
