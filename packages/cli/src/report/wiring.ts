import type { AgentWiring, TeamWiring } from '@nanoagent/agents'
import { policyText } from '@nanoagent/bus'
import { cellsOf } from '../screen/cells.ts'
import type { Paint } from '../screen/paint.ts'

/** What stands beside each other in one line of the table. */
type Row = readonly [role: string, accepts: string, ways: string, tools: string]

const HEADS: Row = ['AGENT', 'ACCEPTS', 'WAYS OUT', 'TOOLS']

/** A team's wiring as a table, with a line for each type that an agent accepts and each way out of it. */
export function wiringLines(wiring: TeamWiring, paint: Paint): readonly string[] {
  const { team, entry, terminal, agents, listeners } = wiring
  const rows = [
    ...agents.flatMap((agent) => rowsOf(agent, agent.accepts, waysOf(agent))),
    ...listeners.flatMap((listener) => rowsOf(listener, listener.listens, ['listens only'])),
  ]
  const widths = HEADS.map((head, at) =>
    Math.max(...[head, ...rows.map((row) => row[at] ?? '')].map(cellsOf)),
  )
  const lineOf = (row: Row) =>
    row
      .map((cell, at) => cell + ' '.repeat((widths[at] ?? 0) - cellsOf(cell)))
      .join('  ')
      .trimEnd()
  return [
    `Team ${team}: ${entry.type} goes to ${entry.to}, ${terminal} ends the run.`,
    '',
    `  ${paint('bold', lineOf(HEADS))}`,
    ...rows.map((row) => `  ${lineOf(row)}`),
    '',
    paint('green', 'The wiring is right: everything that is sent is accepted, and every way ends.'),
  ]
}

function rowsOf(
  { role, tools }: { readonly role: string; readonly tools: readonly string[] },
  accepts: readonly string[],
  ways: readonly string[],
): readonly Row[] {
  const lines = Math.max(accepts.length, ways.length, 1)
  return Array.from({ length: lines }, (_, at) => [
    at === 0 ? role : '',
    accepts[at] ?? '',
    ways[at] ?? '',
    at === 0 ? String(tools.length) : '',
  ])
}

function waysOf({ emits, fansOut, asks, replies }: AgentWiring): readonly string[] {
  return [
    ...emits.map(({ type, to }) => `${type} → ${to}`),
    ...fansOut.flatMap(({ branches, join }) => [
      ...branches.map(({ type, to }) => `branch ${type} → ${to}`),
      `joined as ${join.type} (${policyText(join.policy)}) → ${join.to}`,
    ]),
    ...asks.map(({ type, to }) => `asks ${type} → ${to}`),
    ...replies.map((type) => `replies ${type}`),
  ]
}
