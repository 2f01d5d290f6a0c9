import { Secret } from '@nanoagent/bus'
import fc from 'fast-check'
import { describe, expect, it, test } from 'vitest'
import { dataLines } from './data-lines.ts'

const shown = (value: unknown) => dataLines(value).join('\n')

describe('data as lines', () => {
  it('has a line for each field, and what is in it below', () => {
    expect(shown({ kind: 'pin', length: 6, of: { digits: true, why: null }, none: {} })).toBe(
      'kind: "pin"\nlength: 6\nof:\n  digits: true\n  why: null\nnone: {}',
    )
  })

  it('has short lists in one line, and others item by item', () => {
    expect(shown({ list: [1, 'a', null], empty: [] })).toBe('list: [1, "a", null]\nempty: []')
    expect(shown([{ a: 1, b: { c: 2 } }, 'text', [3]])).toBe(
      '- a: 1\n  b:\n    c: 2\n- "text"\n- [3]',
    )
    expect(shown(['x'.repeat(40), 'y'.repeat(40)])).toMatch(/^- "x+"\n- "y+"$/)
  })

  it('has texts of several lines as they are', () => {
    expect(shown({ text: 'one\n  two\n\nthree' })).toBe('text: |\n  one\n    two\n\n  three')
    expect(shown('one\ntwo')).toBe('|\none\ntwo')
    expect(shown(['one\ntwo'])).toBe('- |\n  one\n  two')
  })

  it('names secrets', () => {
    const secret = new Secret('hunter2hunter2').name('secret:run.h#1')
    expect(shown({ password: secret, all: [secret] })).toBe(
      'password: secret:run.h#1\nall: [secret:run.h#1]',
    )
    expect(shown(secret)).toBe('secret:run.h#1')
  })

  test('steers no terminal, and is a line for each line', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        for (const line of dataLines(value, '  ')) expect(line).not.toMatch(/\p{Cc}/u)
      }),
    )
    expect(shown({ 'a\u001b[31m\nb': 'x\u001b[2Jy\u0007' })).toBe(
      String.raw`a b: "x\u001b[2Jy\u0007"`,
    )
  })
})
