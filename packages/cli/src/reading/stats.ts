import {
  type HandoffCount,
  type JournalReader,
  type RoleStats,
  type RunStats,
  runStats,
} from '@nanoagent/bus'
import { shortTime } from '../report/seconds.ts'
import { cellsOf } from '../screen/cells.ts'
import { printAll } from '../screen/output.ts'
import type { Paint } from '../screen/paint.ts'
import { oneLine, printableJson } from '../screen/printable.ts'
import { type Column, tableOf } from '../screen/table.ts'
import type { FilterFlags } from './command-line.ts'
import { nothingFound, queryOf } from './filters.ts'
import type { Screen } from './read.ts'
import { countText, numberText, usageText } from './words.ts'

const right = (title: string, spare?: number): Column => ({
  title,
  align: 'right',
  ...(spare === undefined ? {} : { spare }),
})

const COLUMNS: readonly Column[] = [
  { title: 'ROLE', paint: (paint, text) => paint('cyan', text), least: 8 },
  right('HANDLED'),
  right('HANDOFFS'),
  right('ASKS', 2),
  right('RETRIES'),
  right('DEAD'),
  right('P50'),
  right('P95'),
  right('TOKENS', 1),
]

/** Adds up what the roles did and shows it, all at once. */
export async function showStats(
  journal: JournalReader,
  flags: FilterFlags,
  { output, paint }: Screen,
): Promise<void> {
  const { limit } = flags
  const stats = await runStats(journal, {
    ...queryOf(flags),
    ...(limit === undefined ? {} : { limit }),
  })
  if (flags.json === true) output.print(printableJson(stats))
  else if (stats.runs === 0) output.notify(nothingFound('runs', flags))
  else printAll(output, statsLines(stats, paint, output.width))
}

/** What the roles did as a table, and below who handed off to whom. */
function statsLines(stats: RunStats, paint: Paint, width: number | undefined): readonly string[] {
  const { runs, status, roles, handoffs, usage } = stats
  const ends = Object.entries(status).map(
    ([name, count]) => `${count} ${name.replaceAll('_', ' ')}`,
  )
  const used = usageText(usage)
  return [
    `${countText(runs, 'run')}: ${ends.join(', ')}${used === '' ? '' : `; ${used}`}`,
    '',
    ...tableOf(COLUMNS, roles.map(rowOf), { paint, width }),
    '',
    ...handoffLines(handoffs, paint, width),
  ]
}

function rowOf(stats: RoleStats): readonly string[] {
  const { role, handled, handoffs, asks, retries, dead, attemptMs, usage } = stats
  const tokens = usage.inputTokens + usage.outputTokens
  return [
    oneLine(role),
    ...[handled, handoffs, asks, retries, dead].map((count) => numberText(count)),
    attemptMs === undefined ? '' : shortTime(attemptMs.p50),
    attemptMs === undefined ? '' : shortTime(attemptMs.p95),
    tokens === 0 ? '' : numberText(tokens),
  ]
}

/** A row for each role that hands off, a column for each that gets something: the roles by number. */
function handoffLines(
  handoffs: readonly HandoffCount[],
  paint: Paint,
  width: number | undefined,
): readonly string[] {
  const roles = [...new Set(handoffs.flatMap(({ from, to }) => [from, to]))]
  const counts = new Map(handoffs.map(({ from, to, handoffs }) => [`${from}\n${to}`, handoffs]))
  const columns = [
    { title: 'HANDOFFS FROM', paint: (paint: Paint, text: string) => paint('cyan', text) },
    ...roles.map((_role, index) => right(`→ ${index + 1}`)),
  ]
  const rows = roles.map((from, index) => [
    `${index + 1} ${oneLine(from)}`,
    ...roles.map((to) => {
      const count = counts.get(`${from}\n${to}`)
      return count === undefined ? '·' : numberText(count)
    }),
  ])
  const matrix = tableOf(columns, rows, { paint })
  if (width === undefined || matrix.every((line) => cellsOf(line) <= width)) return matrix
  return handoffs.map(
    ({ from, to, handoffs }) => `${oneLine(from)} → ${oneLine(to)}: ${numberText(handoffs)}`,
  )
}
