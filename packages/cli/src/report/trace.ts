import { type AttemptReading, type CausalGraph, usageOf } from '@nanoagent/bus'
import { inMarksColour, tookMs } from '../reading/handling.ts'
import { countText, statusText, usageText } from '../reading/words.ts'
import { cellsOf, firstCells } from '../screen/cells.ts'
import type { Paint } from '../screen/paint.ts'
import { oneLine } from '../screen/printable.ts'
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
  const { shows } = options
  const all = treeLines(graph)
  const lines =
    shows === undefined ? all : all.filter(({ entry }) => entry !== undefined && shows(entry))
  const layout = layoutOf(lines, options)
  const count = all.filter(({ entry }) => entry !== undefined).length
  const left = shows === undefined ? '' : `, ${lines.length} of ${countText(count, 'line')} shown`
  return [
    ...lines.flatMap((line) => shown(line, layout, graph, options)),
    ...(lines.length === 0 && shows !== undefined ? [] : ['']),
    `  ${runLine(graph)}${left}`,
  ]
}

/** How much room the columns have, and how much is said of what was used. */
interface Layout {
  readonly whatCells: number
  readonly used: (entry: TraceEntry) => string
}

const MARGIN = 2
const TOOK_CELLS = 8

const USED: readonly Layout['used'][] = [
  ({ attempts }) => usageText(usageOf(attempts.flatMap(({ steps }) => steps))),
  ({ attempts }) => {
    const { inputTokens, outputTokens } = usageOf(attempts.flatMap(({ steps }) => steps))
    const tokens = inputTokens + outputTokens
    return tokens === 0 ? '' : countText(tokens, 'token')
  },
]

/** The fullest layout that fits. */
function layoutOf(lines: readonly TreeLine[], { width }: TraceOptions): Layout {
  const whatCells = Math.max(0, ...lines.map(({ indent, what }) => cellsOf(`${indent}✓ ${what}`)))
  const besides = MARGIN + 2 + TOOK_CELLS
  const fitting = USED.find((used) => {
    const usedCells = lines.map(({ entry }) => (entry === undefined ? 0 : cellsOf(used(entry))))
    return width === undefined || whatCells + besides + 2 + Math.max(0, ...usedCells) <= width
  })
  if (fitting !== undefined) return { whatCells, used: fitting }
  const room = Math.max(1, (width ?? 0) - besides)
  return { whatCells: Math.min(whatCells, room), used: () => '' }
}

function shown(
  line: TreeLine,
  { whatCells, used }: Layout,
  graph: CausalGraph,
  { paint, width }: TraceOptions,
): readonly string[] {
  const { indent, mark, entry } = line
  const room = whatCells - cellsOf(`${indent}${mark} `)
  const what = cellsOf(line.what) > room ? `${firstCells(line.what, room - 1)}…` : line.what
  const ms = entry === undefined ? undefined : tookMs(entry.attempts)
  const took = ms === undefined ? '' : seconds(ms)
  const numbers = entry === undefined ? '' : `  ${took.padStart(TOOK_CELLS)}  ${used(entry)}`
  const pad = numbers.trim() === '' ? '' : ' '.repeat(Math.max(0, room - cellsOf(what))) + numbers
  const row = `  ${paint('dim', indent)}${inMarksColour(paint, mark)} ${what}`
  const below = `  ${indent.replace('├', '│').replace('└', ' ')}  `
  const remarks = entry === undefined ? [] : remarksOn(entry, graph)
  return [
    `${row}${paint('dim', pad.trimEnd())}`,
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

/** A text in lines of so many cells, broken between words where it can be. */
function wrapped(text: string, cells: number | undefined): readonly string[] {
  if (cells === undefined || cellsOf(text) <= cells) return [text]
  const lines: string[] = []
  let rest = text
  const room = Math.max(10, cells)
  while (cellsOf(rest) > room) {
    const part = firstCells(rest, room)
    const space = part.lastIndexOf(' ')
    const end = space > room / 2 ? space : part.length
    lines.push(rest.slice(0, end))
    rest = rest.slice(end).trimStart()
  }
  return [...lines, rest]
}

/** A run in one line. */
export function runLine({ runId, status, openedAt, endedAt, usage }: CausalGraph): string {
  const took =
    openedAt === undefined || endedAt === undefined ? '' : ` in ${seconds(endedAt - openedAt)}`
  const used = usage === undefined ? '' : usageText(usage)
  const parts = [`run ${oneLine(runId)}: ${statusText(status ?? 'open')}${took}`, used]
  return parts.filter((text) => text !== '').join(', ')
}
