import { describe, expect, it } from 'vitest'
import { cellsOf, firstCells, lastCells, wrapped } from './cells.ts'

describe('cellsOf', () => {
  it.for([
    { what: 'ASCII', text: 'abc', cells: 3 },
    { what: 'accents, composed and not', text: '\u00e9e\u0301', cells: 2 },
    { what: 'East Asian text', text: '\u9280\u884c\u30d1\ud55c', cells: 8 },
    { what: 'full-width forms', text: '\uff21\uff01', cells: 4 },
    { what: 'emoji', text: '\u{1f510}\u2705', cells: 4 },
    { what: 'a sign in emoji style', text: '\u2764\ufe0f', cells: 2 },
    {
      what: 'joined emoji as terminals show them that join none',
      text: '\u{1f469}\u200d\u{1f4bb}',
      cells: 4,
    },
  ])('counts $what', ({ text, cells }) => {
    expect(cellsOf(text)).toBe(cells)
  })
})

describe('a text that is cut', () => {
  it('keeps as much as fits of its beginning or its end', () => {
    expect(firstCells('abcdef', 3)).toBe('abc')
    expect(lastCells('abcdef', 3)).toBe('def')
    expect(firstCells('abc', 3)).toBe('abc')
    expect(lastCells('abc', 9)).toBe('abc')
    expect(lastCells('abc', 0)).toBe('')
    expect(lastCells('abc', -1)).toBe('')
  })

  it('is a cell too short rather than too long', () => {
    expect(firstCells('\u9280\u884c', 3)).toBe('\u9280')
    expect(lastCells('\u9280\u884c', 3)).toBe('\u884c')
  })

  it('never halves what a reader takes for one character', () => {
    expect(lastCells('x\u{1f469}\u200d\u{1f4bb}', 3)).toBe('')
    expect(lastCells('xe\u0301', 1)).toBe('e\u0301')
    expect(firstCells('e\u0301x', 1)).toBe('e\u0301')
  })
})

describe('a text in lines', () => {
  it('is broken between words, or inside one that is too long', () => {
    expect(wrapped('one two three four', 10)).toEqual(['one two', 'three four'])
    expect(wrapped('1234567890123', 10)).toEqual(['1234567890', '123'])
    const wide = '\u{1f469}\u200d'.repeat(9)
    expect(wrapped(`${wide}`, 10)).toEqual([wide])
    expect(wrapped('one two', undefined)).toEqual(['one two'])
  })
})
