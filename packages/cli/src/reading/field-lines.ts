import type { Difference, FieldDifference } from '@nanoagent/bus'
import { cellsOf, firstCells } from '../screen/cells.ts'
import type { Paint } from '../screen/paint.ts'
import { oneLine, printableJsonLine } from '../screen/printable.ts'

/** How differences are shown. */
export interface DiffOptions {
  readonly paint: Paint
  /** Cells of a line. Absent where nothing needs to fit, and nothing is cut. */
  readonly width?: number | undefined
}

/** Most cells in which both values of a field stand in one line. */
const ONE_LINE_CELLS = 100

const MARKS = { same: '=', changed: '~', removed: '-', added: '+' } as const
const COLOURS = { same: 'dim', changed: 'yellow', removed: 'red', added: 'green' } as const

/** One line of a comparison, behind the mark of what it tells. */
export function diffLine(
  kind: Difference['kind'],
  indent: string,
  text: string,
  { paint, width }: DiffOptions,
): string {
  const line = `${indent}${MARKS[kind]} ${text}`
  const most = width ?? Number.POSITIVE_INFINITY
  return paint(COLOURS[kind], cellsOf(line) > most ? `${firstCells(line, most - 1)}…` : line)
}

/** One field as it was and as it is, in one line where that fits. */
export function fieldLines(
  { path, kind, before, after, isSecretValue }: Difference & Pick<FieldDifference, 'isSecretValue'>,
  indent: string,
  options: DiffOptions,
): readonly string[] {
  const lineOf = (text: string, as = kind, at = indent) => diffLine(as, at, text, options)
  const name = path === '' ? 'all of it' : oneLine(path)
  if (isSecretValue === true) return [lineOf(`${name}: the value of a secret`)]
  if (kind === 'added') return [lineOf(`${name}: ${json(after)}`)]
  if (kind === 'removed') return [lineOf(`${name}: ${json(before)}`)]
  const [left, right] = fromDifference(json(before), json(after))
  const line = `${name}: ${left} → ${right}`
  const most = options.width ?? ONE_LINE_CELLS
  if (cellsOf(indent + line) + 2 <= most) return [lineOf(line)]
  const inner = `${indent}  `
  return [lineOf(`${name}:`), lineOf(left, 'removed', inner), lineOf(right, 'added', inner)]
}

function json(value: unknown): string {
  return printableJsonLine(value)
}

/** Characters that are the same in two texts which are left before and after the difference. */
const SAME_AROUND = 20

/** Two texts from a little before the place where they begin to differ to a little after where they differ last. */
function fromDifference(before: string, after: string): readonly [string, string] {
  const [left, right] = [Array.from(before), Array.from(after)]
  const least = Math.min(left.length, right.length)
  let start = 0
  while (start < least && left[start] === right[start]) start++
  let same = 0
  while (same < least - start && left.at(-1 - same) === right.at(-1 - same)) same++
  // Cutting off less would save nothing.
  const cutBefore = start <= 2 * SAME_AROUND ? 0 : start - SAME_AROUND
  const cutAfter = same <= 2 * SAME_AROUND ? 0 : same - SAME_AROUND
  const cut = (text: readonly string[]) => {
    const part = text.slice(cutBefore, text.length - cutAfter).join('')
    return `${cutBefore > 0 ? '…' : ''}${part}${cutAfter > 0 ? '…' : ''}`
  }
  return [cut(left), cut(right)]
}
