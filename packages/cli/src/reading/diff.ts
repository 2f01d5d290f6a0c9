import {
  type AttemptDiff,
  type Difference,
  diffRuns,
  findRun,
  type JournalReader,
  type MessageDiff,
  type RunsDiff,
  readRun,
  type StepDiff,
} from '@nanoagent/bus'
import { cellsOf, firstCells, wrapped } from '../screen/cells.ts'
import { printAll } from '../screen/output.ts'
import type { Paint } from '../screen/paint.ts'
import { oneLine, printableJson, printableJsonLine } from '../screen/printable.ts'
import type { Screen } from './read.ts'
import { countText } from './words.ts'

/** Compares two runs and shows what differs; whether nothing does. */
export async function showDiff(
  journal: JournalReader,
  { before, after, flags }: { before: string; after: string; flags: { readonly json?: true } },
  { output, paint }: Screen,
): Promise<boolean> {
  const [first, second] = [await findRun(journal, before), await findRun(journal, after)]
  const { graph } = await readRun(journal, first)
  const diff = diffRuns(graph, (await readRun(journal, second)).graph)
  if (flags.json === true) output.print(printableJson(diff))
  else printAll(output, diffLines(diff, { paint, width: output.width }))
  return diff.isSame
}

/** How a comparison is shown. */
interface DiffOptions {
  readonly paint: Paint
  /** Cells of a line. Absent where nothing needs to fit, and nothing is cut. */
  readonly width?: number | undefined
}

/** Most cells in which both values of a field stand in one line. */
const ONE_LINE_CELLS = 100

const MARKS = { same: '=', changed: '~', removed: '-', added: '+' } as const
const COLOURS = { same: 'dim', changed: 'yellow', removed: 'red', added: 'green' } as const

/** A comparison for people, in the manner of a unified diff. */
export function diffLines(diff: RunsDiff, { paint, width }: DiffOptions): readonly string[] {
  const show = new DiffLines(paint, width)
  const { before, after, end, messages } = diff
  return [
    paint('red', `--- run ${before}`),
    paint('green', `+++ run ${after}`),
    ...end.flatMap((field) => show.field('', field)),
    ...messages.flatMap((message) => show.message(message)),
    '',
    ...wrapped(summaryOf(diff), width),
  ]
}

class DiffLines {
  readonly #paint: Paint
  readonly #width: number | undefined

  constructor(paint: Paint, width: number | undefined) {
    this.#paint = paint
    this.#width = width
  }

  message({ path, type, from, to, kind, fields, attempts }: MessageDiff): readonly string[] {
    const place = path.slice(1) || '.'
    const what = `${place}  ${oneLine(from)} → ${oneLine(to)}  ${oneLine(type)}`
    return [
      this.#line(kind, '', what),
      ...fields.flatMap((field) => this.field('    ', field)),
      ...attempts.flatMap((attempt) => this.#attempt(attempt)),
    ]
  }

  field(indent: string, { path, kind, before, after }: Difference): readonly string[] {
    const name = path === '' ? 'all of it' : oneLine(path)
    if (kind === 'added') return [this.#line(kind, indent, `${name}: ${json(after)}`)]
    if (kind === 'removed') return [this.#line(kind, indent, `${name}: ${json(before)}`)]
    const [left, right] = fromDifference(json(before), json(after))
    const line = `${name}: ${left} → ${right}`
    const most = this.#width ?? ONE_LINE_CELLS
    if (cellsOf(indent + line) + 2 <= most) return [this.#line(kind, indent, line)]
    return [
      this.#line(kind, indent, `${name}:`),
      this.#line('removed', `${indent}  `, left),
      this.#line('added', `${indent}  `, right),
    ]
  }

  #attempt({ attempt, kind, fields, steps }: AttemptDiff): readonly string[] {
    return [
      this.#line(kind, '    ', `attempt ${attempt}`),
      ...fields.flatMap((field) => this.field('      ', field)),
      ...steps.flatMap((step) => this.#step(step)),
    ]
  }

  #step({ step, stepKind, name, kind, fields }: StepDiff): readonly string[] {
    return [
      this.#line(kind, '      ', `step ${step}: ${stepKind} ${oneLine(name)}`),
      ...fields.flatMap((field) => this.field('        ', field)),
    ]
  }

  #line(kind: Difference['kind'], indent: string, text: string): string {
    const line = `${indent}${MARKS[kind]} ${text}`
    const most = this.#width ?? Number.POSITIVE_INFINITY
    return this.#paint(
      COLOURS[kind],
      cellsOf(line) > most ? `${firstCells(line, most - 1)}…` : line,
    )
  }
}

function json(value: unknown): string {
  return printableJsonLine(value)
}

/** Cells of two texts that are the same which are left before the difference. */
const SAME_BEFORE = 20

/** Two texts from a little before the place where they begin to differ. */
function fromDifference(before: string, after: string): readonly [string, string] {
  const [left, right] = [Array.from(before), Array.from(after)]
  const first = left.findIndex((character, index) => character !== right[index])
  const start = (first === -1 ? left.length : first) - SAME_BEFORE
  if (start <= SAME_BEFORE) return [before, after]
  return [`…${left.slice(start).join('')}`, `…${right.slice(start).join('')}`]
}

function summaryOf({ isSame, messages }: RunsDiff): string {
  const count = (kind: Difference['kind']) => messages.filter((one) => one.kind === kind).length
  if (isSame) return `The runs are the same, in ${countText(messages.length, 'message')}.`
  const counts: readonly (readonly [number, string])[] = [
    [count('same'), 'same'],
    [count('changed'), 'changed'],
    [count('removed'), 'only in the first'],
    [count('added'), 'only in the second'],
  ]
  const parts = counts.filter(([n]) => n > 0).map(([n, name]) => `${n} ${name}`)
  return `The runs differ: ${parts.join(', ')}.`
}
