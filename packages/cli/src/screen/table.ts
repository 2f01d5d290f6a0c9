import { cellsOf, firstCells } from './cells.ts'
import type { Paint } from './paint.ts'

/** A column of a table. */
export interface Column {
  readonly title: string
  /** Default: left. */
  readonly align?: 'right'
  /** Where the table is too wide, it is cut down to so many cells. Default: never. */
  readonly least?: number
  /** Where that is not enough, those with the highest number are left out first; never without one. */
  readonly spare?: number
  readonly paint?: (paint: Paint, text: string) => string
}

/** How a table is laid out. */
export interface TableOptions {
  readonly paint: Paint
  /** Cells of a line. Absent where nothing needs to fit, and nothing is cut. */
  readonly width?: number | undefined
}

/** Rows that decide how wide the columns are. */
const MEASURED = 200

/** The least that is left of the last column before another one is left out for it. */
const LEAST_LAST = 12

const GAP = '  '

/**
 * The lines of a table as its rows come, one text for each column. The last column takes what is left of
 * the width, and is cut there. The widths are those that the first rows need; a later text that is longer
 * is cut where a width is given, and shifts its line where not.
 */
export async function* tableLines(
  columns: readonly Column[],
  rows: AsyncIterable<readonly string[]>,
  options: TableOptions,
): AsyncIterable<string> {
  const first: (readonly string[])[] = []
  let table: Table | undefined
  for await (const row of rows) {
    if (table !== undefined) yield table.line(row)
    else if (first.push(row) === MEASURED) {
      table = new Table(columns, first, options)
      yield* table.lines(first)
    }
  }
  if (table === undefined && first.length > 0)
    yield* new Table(columns, first, options).lines(first)
}

/** The same of rows that are all there. */
export function tableOf(
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
  options: TableOptions,
): readonly string[] {
  return rows.length === 0 ? [] : [...new Table(columns, rows, options).lines(rows)]
}

interface Placed extends Column {
  readonly index: number
  readonly cells: number
}

class Table {
  readonly #columns: readonly Placed[]
  readonly #options: TableOptions

  constructor(
    columns: readonly Column[],
    rows: readonly (readonly string[])[],
    options: TableOptions,
  ) {
    const placed = columns.map((column, index) => ({
      ...column,
      index,
      cells: Math.max(cellsOf(column.title), ...rows.map((row) => cellsOf(row[index] ?? ''))),
    }))
    this.#columns = options.width === undefined ? placed : fitted(placed, options.width)
    this.#options = options
  }

  *lines(rows: readonly (readonly string[])[]): Iterable<string> {
    const titles = this.#columns.map((column) => padded(column.title, column, this.#isCut))
    yield this.#options.paint('bold', titles.join(GAP).trimEnd())
    for (const row of rows) yield this.line(row)
  }

  line(row: readonly string[]): string {
    const { paint } = this.#options
    const last = this.#columns.at(-1)
    return this.#columns
      .map((column) => {
        const text = row[column.index] ?? ''
        const cell = padded(text, column, this.#isCut)
        const shown = column === last ? cell.trimEnd() : cell
        return column.paint === undefined ? shown : column.paint(paint, shown)
      })
      .join(GAP)
      .trimEnd()
  }

  get #isCut(): boolean {
    return this.#options.width !== undefined
  }
}

/** The columns that fit, the last one with what is left. */
function fitted(columns: readonly Placed[], width: number): readonly Placed[] {
  const kept = [...columns]
  while (lack(kept.map(narrowed), width) > 0) {
    const spares = kept.slice(0, -1).map(({ spare = 0 }) => spare)
    const most = Math.max(0, ...spares)
    if (most === 0) break
    kept.splice(spares.indexOf(most), 1)
  }
  const last = kept.pop()
  if (last === undefined) return kept
  // Those on the right are cut first.
  for (const [index, column] of [...kept.entries()].reverse()) {
    const missing = Math.max(0, lack([...kept, last], width))
    kept[index] = { ...column, cells: Math.max(narrowed(column).cells, column.cells - missing) }
  }
  return [...kept, { ...last, cells: Math.max(1, Math.min(last.cells, width - cellsBefore(kept))) }]
}

function narrowed(column: Placed): Placed {
  const { cells, least = cells } = column
  return { ...column, cells: Math.min(cells, least) }
}

/** How many cells more the last column would need. */
function lack(columns: readonly Placed[], width: number): number {
  const last = columns.at(-1)
  if (last === undefined) return 0
  return Math.min(LEAST_LAST, last.cells) - (width - cellsBefore(columns.slice(0, -1)))
}

function cellsBefore(columns: readonly Placed[]): number {
  return columns.reduce((sum, { cells }) => sum + cells + GAP.length, 0)
}

function padded(text: string, { align, cells }: Placed, isCut: boolean): string {
  const shown = isCut && cellsOf(text) > cells ? `${firstCells(text, cells - 1)}…` : text
  const space = ' '.repeat(Math.max(0, cells - cellsOf(shown)))
  return align === 'right' ? space + shown : shown + space
}
