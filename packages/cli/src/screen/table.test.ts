import fc from 'fast-check'
import { describe, expect, it, test } from 'vitest'
import { cellsOf } from './cells.ts'
import { plain } from './paint.ts'
import { type Column, tableLines, tableOf } from './table.ts'

const COLUMNS: readonly Column[] = [
  { title: 'ID' },
  { title: 'TEAM', spare: 2 },
  { title: 'TOOK', align: 'right', spare: 1 },
  { title: 'REQUEST' },
]

const rows = [
  ['a', 'writers', '12 ms', 'a request of some length'],
  ['bcd', '', '1 s', '銀行'],
]

async function streamed(
  given: AsyncIterable<readonly string[]>,
  width?: number,
): Promise<readonly string[]> {
  const lines: string[] = []
  for await (const line of tableLines(COLUMNS, given, { paint: plain, width })) lines.push(line)
  return lines
}

async function* oneByOne(given: readonly (readonly string[])[]): AsyncIterable<readonly string[]> {
  yield* given
}

describe('a table', () => {
  it('is as wide as its texts where nothing needs to fit', () => {
    expect(tableOf(COLUMNS, rows, { paint: plain })).toEqual([
      'ID   TEAM      TOOK  REQUEST',
      'a    writers  12 ms  a request of some length',
      'bcd             1 s  銀行',
    ])
  })

  it('cuts its last column at the width, by cells', () => {
    const given = [...rows, ['x', '', '', '銀行銀行銀行銀行銀行']]
    expect(tableOf(COLUMNS, given, { paint: plain, width: 33 })).toEqual([
      'ID   TEAM      TOOK  REQUEST',
      'a    writers  12 ms  a request o…',
      'bcd             1 s  銀行',
      'x                    銀行銀行銀…',
    ])
  })

  it('leaves out what can be spared where the last column would be too narrow', () => {
    const [title] = tableOf(COLUMNS, rows, { paint: plain, width: 32 })
    expect(title).toBe('ID    TOOK  REQUEST')
    expect(tableOf(COLUMNS, rows, { paint: plain, width: 20 })[1]).toBe('a    a request of s…')
  })

  it('cuts what can be cut before it leaves anything out, and no more than is needed', () => {
    const columns = COLUMNS.map((column) =>
      column.title === 'TEAM' ? { ...column, least: 5 } : column,
    )
    const linesAt = (width: number) => tableOf(columns, rows, { paint: plain, width })
    expect(linesAt(32)[1]).toBe('a    write…  12 ms  a request o…')
    expect(linesAt(31)[1]).toBe('a    writ…  12 ms  a request o…')
    expect(linesAt(30)[0]).toBe('ID    TOOK  REQUEST')
  })

  it('of no rows is empty', async () => {
    expect(tableOf(COLUMNS, [], { paint: plain })).toEqual([])
    expect(await streamed(oneByOne([]))).toEqual([])
  })

  it('that comes row by row is the same', async () => {
    for (const width of [undefined, 40]) {
      expect(await streamed(oneByOne(rows), width)).toEqual(
        tableOf(COLUMNS, rows, { paint: plain, width }),
      )
    }
  })

  it('shows rows before all have come', async () => {
    const endless = async function* (): AsyncIterable<readonly string[]> {
      for (let index = 0; ; index++) yield [`${index}`, '', '', 'x']
    }
    const lines: string[] = []
    for await (const line of tableLines(COLUMNS, endless(), { paint: plain })) {
      if (lines.push(line) === 1_000) break
    }
    expect(lines.at(-1)).toMatch(/^998 /)
  })

  test('is never wider than it may be', () => {
    const text = fc.string({ unit: 'grapheme', maxLength: 30 })
    const row = fc.tuple(text, text, text, text)
    fc.assert(
      fc.property(
        fc.array(row, { minLength: 1 }),
        fc.integer({ min: 1, max: 120 }),
        (given, width) => {
          const least = Math.max(2, ...given.map(([id]) => cellsOf(id))) + 2 + 1
          for (const line of tableOf(COLUMNS, given, { paint: plain, width })) {
            expect(cellsOf(line)).toBeLessThanOrEqual(Math.max(width, least))
          }
        },
      ),
    )
  })
})
