import {
  type CausalGraph,
  type Outline,
  type OutlineStep,
  outlineOf,
  type RunReading,
} from '@nanoagent/bus'
import { tidied } from '../report/plain-words.ts'
import { seconds } from '../report/seconds.ts'
import { oneLine } from '../screen/printable.ts'
import { type Column, tableOf } from '../screen/table.ts'
import { forksText, originText } from './family.ts'
import { handlingOf, handlingText, inMarksColour } from './handling.ts'
import { pathOf } from './message-path.ts'
import { ageOf, timeText } from './moment.ts'
import type { Screen } from './read.ts'
import { statusText, usageText } from './words.ts'

const COLUMNS: readonly Column[] = [
  { title: 'MESSAGE', paint: (paint, text) => paint('cyan', text) },
  { title: 'FROM', spare: 1 },
  { title: 'TO' },
  { title: 'TYPE' },
  { title: 'HANDLED', paint: inMarksColour },
  { title: 'CONTENT', paint: (paint, text) => paint('dim', text) },
]

/** A run for people: what there is to know of it, and its messages in causal order. */
export function runLines(
  reading: RunReading,
  forks: readonly string[],
  screen: Screen,
): readonly string[] {
  const { paint, output } = screen
  const { width } = output
  const rows = stepsIn(outlineOf(reading.graph)).map((step) => rowOf(step, reading.graph))
  return [...headLines(reading, forks, screen), '', ...tableOf(COLUMNS, rows, { paint, width })]
}

function headLines(
  { summary, records }: RunReading,
  forks: readonly string[],
  { now }: Screen,
): readonly string[] {
  const { runId, status, durationMs, verdict, reason, team, thread } = summary
  const took = durationMs === undefined ? '' : ` in ${seconds(durationMs)}`
  const [opened] = records
  const model = opened?.kind === 'run.opened' ? opened.about.model : undefined
  // A fork begins to go its own way by one.
  const begun = summary.forkedFrom === undefined ? 0 : 1
  const reopened = records.filter(({ kind }) => kind === 'run.reopened').length - begun
  const facts: readonly (readonly [string, string | undefined])[] = [
    ['verdict', verdict],
    ['reason', reason === undefined ? undefined : tidied(reason)],
    ['request', summary.request],
    ['team', team],
    ['model', typeof model === 'string' ? model : undefined],
    ['thread', thread],
    ['forked from', originText(summary)],
    ['forks', forksText(summary, forks)],
    ['opened', `${timeText(summary.openedAt)}, ${ageOf(summary.openedAt, now)} ago`],
    ['reopened', reopened < 1 ? undefined : `${reopened} ${reopened === 1 ? 'time' : 'times'}`],
    ['used', summary.usage === undefined ? undefined : usageText(summary.usage)],
  ]
  return [`run ${runId}: ${statusText(status)}${took}`, ...factLines(facts)]
}

/** Names and what is known under them, without what is not. */
export function factLines(
  facts: readonly (readonly [name: string, text: string | undefined])[],
): readonly string[] {
  const known = facts.flatMap(([name, text]) =>
    text === undefined || text === '' ? [] : [[name, oneLine(text)] as const],
  )
  const width = Math.max(0, ...known.map(([name]) => name.length))
  return known.map(([name, text]) => `  ${name.padEnd(width)}  ${text}`)
}

/** Each message once: asks and branches behind the one whose handling they are of. */
function stepsIn({ flow, outside }: Outline): readonly OutlineStep[] {
  const inOrder = (steps: readonly OutlineStep[]): readonly OutlineStep[] =>
    steps.flatMap((step) => [
      step,
      ...inOrder(step.asks),
      ...(step.reply === undefined ? [] : [step.reply]),
      ...step.branches.flatMap(inOrder),
    ])
  return [...inOrder(flow), ...outside.flatMap(inOrder)]
}

function rowOf({ node, ends }: OutlineStep, { status }: CausalGraph): readonly string[] {
  const { message, attempts } = node
  const isEnd = ends !== undefined || (status !== undefined && attempts.length === 0)
  return [
    pathOf(message.id),
    oneLine(message.from),
    oneLine(message.to),
    oneLine(message.type),
    handlingText(attempts, handlingOf(node, isEnd)),
    oneLine(message.content),
  ]
}
