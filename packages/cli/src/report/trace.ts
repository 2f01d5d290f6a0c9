import { type AttemptReading, type CausalGraph, type Usage, usageOf } from '@nanoagent/bus'
import { inMarksColour, tookMs } from '../reading/handling.ts'
import { countText, statusText, usageText } from '../reading/words.ts'
import { cellsOf, firstCells, mostCells, wrapped } from '../screen/cells.ts'
import type { Paint } from '../screen/paint.ts'
import { oneLine } from '../screen/printable.ts'
import { plainReason } from './end-line.ts'
import { tidied } from './plain-words.ts'
import { seconds } from './seconds.ts'
import type { TraceEntry } from './trace-entries.ts'
import { type TreeLine, treeLines } from './trace-tree.ts'

/** How a trace is shown. */
export interface TraceOptions {
  readonly paint: Paint
  /** Cells of a line. Absent where nothing needs to fit. */
  readonly width?: number | undefined
  /** Whether an entry is shown. Default: all are. */
  readonly shows?: (entry: TraceEntry) => boolean
}

/**
 * The causal graph of a run, a line for each message in the order in which one led to the other:
 * whoever handled it, how long that took, what it used, what failed. The branches of a fan-out and what
 * was asked stand indented below the one whose doing they are.
 */
export function traceLines(graph: CausalGraph, options: TraceOptions): readonly string[] {
  const { shows, width } = options
  const all = treeLines(graph)
  const lines = all.filter(
    ({ entry, reply }) =>
      shows === undefined || [entry, reply].some((one) => one !== undefined && shows(one)),
  )
  const layout = layoutOf(lines, options)
  const count = all.filter(({ entry }) => entry !== undefined).length
  const left = shows === undefined ? '' : `, ${lines.length} of ${countText(count, 'line')} shown`
  return [
    ...lines.flatMap((line) => shown(line, layout, graph, options)),
    ...(lines.length === 0 && shows !== undefined ? [] : ['']),
    ...endLines(graph, left, width),
  ]
}

/** How much room the first column has, and what is said of what was used. */
interface Layout {
  readonly whatCells: number
  readonly used: (entry: TraceEntry) => string
}

const MARGIN = 2
const GAP = '  '
const TOOK_CELLS = 8

/** The least that is left of the first column before less is said of what was used. */
const LEAST_WHAT = 44

const USED: readonly Layout['used'][] = [
  (entry) => usageText(usageIn(entry)),
  (entry) => {
    const { inputTokens, outputTokens } = usageIn(entry)
    const tokens = inputTokens + outputTokens
    return tokens === 0 ? '' : countText(tokens, 'token')
  },
  () => '',
]

function usageIn({ attempts }: TraceEntry): Usage {
  return usageOf(attempts.flatMap(({ steps }) => steps))
}

/** The layout that says most and fits. */
function layoutOf(lines: readonly TreeLine[], { width }: TraceOptions): Layout {
  const numbered = lines.flatMap(({ indent, what, entry }) =>
    entry === undefined || entry.isEnd ? [] : [{ shown: `${indent}✓ ${what}`, entry }],
  )
  const whatCells = mostCells(numbered.map(({ shown }) => shown))
  for (const used of USED) {
    const usedCells = mostCells(numbered.map(({ entry }) => used(entry)))
    const gaps = usedCells === 0 ? GAP : GAP + GAP
    const room = (width ?? Number.POSITIVE_INFINITY) - MARGIN - TOOK_CELLS - usedCells - gaps.length
    if (room >= Math.min(whatCells, LEAST_WHAT))
      return { whatCells: Math.min(whatCells, room), used }
  }
  return { whatCells: Math.max(1, (width ?? 0) - MARGIN - TOOK_CELLS - GAP.length), used: () => '' }
}

function shown(
  line: TreeLine,
  { whatCells, used }: Layout,
  graph: CausalGraph,
  { paint, width }: TraceOptions,
): readonly string[] {
  const { indent, mark, entry } = line
  const ms = entry === undefined ? undefined : tookMs(entry.attempts)
  const took = ms === undefined ? '' : seconds(ms)
  const numbers =
    entry === undefined ? '' : `${GAP}${took.padStart(TOOK_CELLS)}${GAP}${used(entry)}`.trimEnd()
  const whole = (width ?? Number.POSITIVE_INFINITY) - MARGIN
  const room = (numbers === '' ? whole : whatCells) - cellsOf(`${indent}${mark} `)
  const what = cellsOf(line.what) > room ? `${firstCells(line.what, room - 1)}…` : line.what
  const pad = numbers === '' ? '' : ' '.repeat(Math.max(0, room - cellsOf(what)))
  const below = `  ${indent.replace('├', '│').replace('└', ' ')}  `
  const remarks = entry === undefined ? [] : remarksOn(entry, graph)
  return [
    `  ${paint('dim', indent)}${inMarksColour(paint, mark)} ${what}${paint('dim', pad + numbers)}`,
    ...remarks.flatMap(({ text, style }) =>
      wrapped(text, width === undefined ? undefined : width - cellsOf(below) - 2).map(
        (part, index) => paint('dim', below) + paint(style, index === 0 ? part : `  ${part}`),
      ),
    ),
  ]
}

interface Remark {
  readonly text: string
  readonly style: 'dim' | 'red' | 'yellow'
}

function remarksOn(entry: TraceEntry, { firstFailure, status }: CausalGraph): readonly Remark[] {
  const { node, isCopy, attempts, isUnsettled } = entry
  const remarks = attempts.flatMap((reading): readonly Remark[] => {
    const text = remarkOn(reading, attempts.length)
    if (text === undefined) return []
    const isFirst =
      !isCopy &&
      firstFailure?.messageId === node.message.id &&
      firstFailure.attempt === reading.attempt
    return [isFirst ? { text: `${text} ← first failure`, style: 'red' } : { text, style: 'dim' }]
  })
  if (!isUnsettled || status === undefined) return remarks
  return [...remarks, { text: `← under way when the run ${ENDED[status]}`, style: 'yellow' }]
}

const ENDED = {
  completed: 'was completed',
  failed: 'failed',
  cancelled: 'was cancelled',
  timed_out: 'timed out',
  budget_exhausted: 'was over its budget',
  stalled: 'stalled',
} as const

function remarkOn(
  { attempt, outcome, error, starts, steps }: AttemptReading,
  attempts: number,
): string | undefined {
  const number = attempts === 1 ? '' : `attempt ${attempt} `
  const began = starts > 1 ? ` (started ${starts} times)` : ''
  const why = error === undefined ? '' : `: ${oneLine(tidied(error.message))}`
  if (outcome === 'failed') return `${number || 'attempt '}failed${began}${why}`
  if (outcome === 'dead') return `${number}gave up${began}${why}`
  if (outcome === 'cancelled') return `${number}cancelled${why}`
  if (outcome === 'done' && (attempts > 1 || starts > 1)) return `${number}done${began}`.trim()
  return outcome === 'open' && steps.length > 0 ? `${number}not settled${began}` : undefined
}

/** What is below a trace: the run in short, and why it ended where nothing in the trace says so. */
export function endLines(
  graph: CausalGraph,
  left: string,
  width: number | undefined,
): readonly string[] {
  const { status, reason } = graph
  const isShown =
    status === undefined || status === 'completed' || status === 'failed' || reason === undefined
  const why = isShown ? [] : [oneLine(plainReason({ status, reason }))]
  return [`${runLine(graph)}${left}`, ...why].flatMap((text) =>
    wrapped(text, width === undefined ? undefined : width - 2 * MARGIN).map(
      (line, index) => ' '.repeat(index === 0 ? MARGIN : 2 * MARGIN) + line,
    ),
  )
}

function runLine(graph: CausalGraph): string {
  const { runId, status, openedAt = 0, forkedAt = openedAt, endedAt, usage } = graph
  const took =
    endedAt === undefined || graph.openedAt === undefined
      ? ''
      : ` in ${seconds(endedAt - forkedAt)}`
  const served =
    forkedAt > openedAt ? `, after ${seconds(forkedAt - openedAt)} served from the record` : ''
  const used = usage === undefined ? '' : usageText(usage)
  const parts = [`run ${oneLine(runId)}: ${statusText(status ?? 'open')}${took}${served}`, used]
  return parts.filter((text) => text !== '').join(', ')
}
