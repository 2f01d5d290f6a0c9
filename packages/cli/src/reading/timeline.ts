import type { AttemptReading, CausalGraph } from '@nanoagent/bus'
import { seconds } from '../report/seconds.ts'
import { endLines, type TraceOptions } from '../report/trace.ts'
import { entriesOf, type TraceEntry } from '../report/trace-entries.ts'
import { cellsOf, firstCells } from '../screen/cells.ts'
import { oneLine } from '../screen/printable.ts'
import { inMarksColour, MARKS } from './handling.ts'
import { countText } from './words.ts'

/** Something that took time, or happened at one moment. */
interface Span {
  readonly mark: string
  readonly what: string
  readonly startedAt: number
  /** Absent where it has not ended. */
  readonly endedAt?: number
  readonly isFirstFailure: boolean
}

/** Cells of a line that no terminal limits. */
const PIPED_CELLS = 100

const OFFSET_CELLS = 9
const TOOK_CELLS = 9
const LEAST_BAR = 10

/**
 * A run in time: a line for each attempt, oldest first, with when it began, a bar that shows where it stands
 * in the run, and how long it took. What nobody handles is a moment; what has not ended is a bar to the end
 * of a lighter kind.
 */
export function timelineLines(graph: CausalGraph, options: TraceOptions): readonly string[] {
  const { shows, paint, width = PIPED_CELLS } = options
  const entries = entriesOf(graph)
  const all = entries.flatMap((entry) => spansOf(entry, graph))
  const spans = entries
    .filter(shows ?? (() => true))
    .flatMap((entry) => spansOf(entry, graph))
    .sort((a, b) => a.startedAt - b.startedAt)
  const from = graph.openedAt ?? Math.min(...all.map(({ startedAt }) => startedAt))
  const until = Math.max(
    from,
    graph.endedAt ?? from,
    ...all.map(({ startedAt, endedAt = startedAt }) => endedAt),
  )
  const most = Math.max(0, width - OFFSET_CELLS - TOOK_CELLS - LEAST_BAR - 7)
  const whatCells = Math.min(most, Math.max(0, ...spans.map(({ what }) => cellsOf(what) + 2)))
  const barCells = Math.max(LEAST_BAR, width - OFFSET_CELLS - TOOK_CELLS - whatCells - 7)
  const scale = { from, until, barCells }
  const left =
    shows === undefined ? '' : `, ${spans.length} of ${countText(all.length, 'line')} shown`
  return [
    ...spans.map((span) => {
      const offset = `+${seconds(span.startedAt - from)}`.padStart(OFFSET_CELLS)
      const bar = barOf(span, scale)
      const took = span.endedAt === undefined ? '…' : seconds(span.endedAt - span.startedAt)
      const shown = fitted(span.what, whatCells - 2)
      const colour = span.isFirstFailure ? 'red' : 'cyan'
      const label = `${inMarksColour(paint, span.mark)} ${span.isFirstFailure ? paint('red', shown) : shown}`
      return `${paint('dim', offset)}  ${label}  ${paint(colour, bar)}  ${paint('dim', took.padStart(TOOK_CELLS - 1))}`
    }),
    ...(spans.length === 0 ? [] : ['']),
    ...endLines(graph, left, width),
  ]
}

function spansOf(entry: TraceEntry, { firstFailure, status }: CausalGraph): readonly Span[] {
  const { node, role, isCopy, attempts, isEnd } = entry
  const { id, type, sentAt } = node.message
  const what = `${oneLine(role)} ${isCopy ? 'listens to' : '←'} ${oneLine(type)}`
  if (attempts.length === 0) {
    const mark = isEnd ? MARKS.end : isCopy && status !== undefined ? '·' : MARKS.waiting
    const end = entry.isUnsettled ? {} : { endedAt: sentAt }
    return [{ mark, what, startedAt: sentAt, ...end, isFirstFailure: false }]
  }
  return attempts.map((reading): Span => {
    const { attempt, outcome, endedAt } = reading
    const isFirst = !isCopy && firstFailure?.messageId === id && firstFailure.attempt === attempt
    return {
      mark: MARKS[outcome],
      what: attempts.length === 1 ? what : `${what} #${attempt}`,
      startedAt: startOf(reading, sentAt),
      ...(endedAt === undefined ? {} : { endedAt }),
      isFirstFailure: isFirst,
    }
  })
}

function startOf({ startedAt, endedAt, steps }: AttemptReading, sentAt: number): number {
  return startedAt ?? steps[0]?.startedAt ?? endedAt ?? sentAt
}

function barOf(
  { startedAt, endedAt }: Span,
  { from, until, barCells }: { from: number; until: number; barCells: number },
): string {
  const cell = (time: number) =>
    until === from ? 0 : Math.round(((time - from) / (until - from)) * barCells)
  const start = Math.max(0, Math.min(barCells - 1, cell(startedAt)))
  const end = Math.max(start + 1, Math.min(barCells, cell(endedAt ?? until)))
  const filled = (endedAt === undefined ? '░' : '█').repeat(end - start)
  return ' '.repeat(start) + filled + ' '.repeat(barCells - end)
}

function fitted(text: string, cells: number): string {
  const short = cellsOf(text) > cells ? `${firstCells(text, cells - 1)}…` : text
  return short + ' '.repeat(Math.max(0, cells - cellsOf(short)))
}
