import type { AttemptReading, CausalGraph } from '@nanoagent/bus'
import { seconds } from '../report/seconds.ts'
import { endLines, type TraceOptions } from '../report/trace.ts'
import { entriesOf, type TraceEntry } from '../report/trace-entries.ts'
import { cellsOf, firstCells, mostCells } from '../screen/cells.ts'
import type { Paint } from '../screen/paint.ts'
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

/** Cells of a bar where a line has no room for more. */
const LEAST_BAR = 10

/** How wide the columns are, and which time the bars are drawn in. */
interface Layout {
  readonly offsetCells: number
  readonly whatCells: number
  readonly barCells: number
  readonly tookCells: number
  readonly from: number
  readonly until: number
}

/**
 * A run in time: a line for each attempt, oldest first, with when it began, a bar that shows where it stands
 * in the run, and how long it took. What nobody handles is a moment; what has not ended is a bar to the end
 * of a lighter kind.
 */
export function timelineLines(graph: CausalGraph, options: TraceOptions): readonly string[] {
  const { shows, paint, width } = options
  const entries = entriesOf(graph)
  const count = entries.flatMap((entry) => spansOf(entry, graph)).length
  const spans = entries
    .filter(shows ?? (() => true))
    .flatMap((entry) => spansOf(entry, graph))
    .sort((a, b) => a.startedAt - b.startedAt)
  const layout = layoutOf(spans, timeOf(graph, entries), width ?? PIPED_CELLS)
  const left = shows === undefined ? '' : `, ${spans.length} of ${countText(count, 'line')} shown`
  return [
    ...spans.map((span) => lineOf(span, layout, paint)),
    ...(spans.length === 0 ? [] : ['']),
    ...endLines(graph, left, width),
  ]
}

/** The first and the last moment that is known of a run. */
function timeOf(
  { openedAt, endedAt }: CausalGraph,
  entries: readonly TraceEntry[],
): Pick<Layout, 'from' | 'until'> {
  const from = openedAt ?? entries[0]?.node.message.sentAt ?? 0
  let until = endedAt ?? from
  for (const { node, attempts } of entries) {
    for (const { endedAt, steps } of attempts) {
      until = Math.max(until, endedAt ?? steps.at(-1)?.at ?? from)
    }
    until = Math.max(until, node.message.sentAt)
  }
  return { from, until }
}

function layoutOf(
  spans: readonly Span[],
  { from, until }: Pick<Layout, 'from' | 'until'>,
  width: number,
): Layout {
  const offsetCells = mostCells(spans.map(({ startedAt }) => offsetText(startedAt, from)))
  const tookCells = mostCells(spans.map(tookText))
  const room = Math.max(1, width - 2 * MARGIN - offsetCells - tookCells - 2 * MARGIN)
  const whatCells = Math.min(
    mostCells(spans.map(({ what }) => `✓ ${what}`)),
    Math.max(1, room - LEAST_BAR),
  )
  return { offsetCells, whatCells, barCells: Math.max(1, room - whatCells), tookCells, from, until }
}

const MARGIN = 2

function lineOf(span: Span, layout: Layout, paint: Paint): string {
  const { offsetCells, whatCells, tookCells, from } = layout
  const colour = span.isFirstFailure ? 'red' : 'cyan'
  const shown = fitted(span.what, whatCells - 2)
  const columns = [
    paint('dim', offsetText(span.startedAt, from).padStart(offsetCells)),
    `${inMarksColour(paint, span.mark)} ${span.isFirstFailure ? paint('red', shown) : shown}`,
    paint(colour, barOf(span, layout)),
    paint('dim', tookText(span).padStart(tookCells)),
  ]
  return ' '.repeat(MARGIN) + columns.join(' '.repeat(MARGIN))
}

function offsetText(time: number, from: number): string {
  // A clock may have been set back.
  return `+${seconds(Math.max(0, time - from))}`
}

function tookText({ startedAt, endedAt }: Span): string {
  return endedAt === undefined ? '…' : seconds(endedAt - startedAt)
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

function barOf({ startedAt, endedAt }: Span, { from, until, barCells }: Layout): string {
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
