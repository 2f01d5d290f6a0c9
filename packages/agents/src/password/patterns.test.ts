import { fc, test as property } from '@fast-check/vitest'
import { describe, expect, test } from 'vitest'
import { findPatterns } from './patterns.ts'

const kinds = (text: string) => findPatterns(text).map(({ kind, length }) => `${kind} ${length}`)

describe('finds', () => {
  test.each([
    ['aaa', 'repetition 3'],
    ['x9%AaAak', 'repetition 4'],
    ['abcabc', 'repetition 6'],
    ['k7Kiwikiwi!', 'repetition 8'],
    ['ababab', 'repetition 6'],
    ['qwerty', 'keyboard run 6'],
    ['YTREWQ', 'keyboard run 6'],
    ['azerty', 'keyboard run 6'],
    ['qwertz', 'keyboard run 6'],
    ['hjklm', 'keyboard run 5'],
    ['yxcvbn', 'keyboard run 6'],
    ['!@#$%', 'keyboard run 5'],
    ['zaq1', 'keyboard run 4'],
    ['12345', 'sequence 5'],
    ['54321', 'sequence 5'],
    ['7890', 'sequence 4'],
    ['aBcDeF', 'sequence 6'],
    ['zyxw', 'sequence 4'],
  ])('in %s a %s', (text, expected) => {
    expect(kinds(text)).toEqual([expected])
    expect(kinds(`#T${text}.M`)).toEqual([expected])
  })
})

test('finds each of several, in their order', () => {
  expect(findPatterns('qwerty77787654')).toEqual([
    { kind: 'keyboard run', at: 0, length: 6, predictable: 5 },
    { kind: 'repetition', at: 6, length: 3, predictable: 2 },
    { kind: 'sequence', at: 9, length: 5, predictable: 4 },
  ])
})

test('counts what follows from the first group of a repetition', () => {
  expect(findPatterns('7kQ7kQ7kQ')).toEqual([
    { kind: 'repetition', at: 0, length: 9, predictable: 6 },
  ])
})

test.each(['Kj9#mPx3$vNq7&Lw', 'aa', 'abab', 'qwe', '123', 'cba', 'first', 'a1b2c3', ''])(
  'finds nothing in %j',
  (text) => {
    expect(findPatterns(text)).toEqual([])
  },
)

property.prop([fc.string({ maxLength: 128 })])('never finds more than there is', (text) => {
  let end = 0
  for (const { at, length, predictable } of findPatterns(text)) {
    expect(at).toBeGreaterThanOrEqual(end)
    expect(predictable).toBeLessThan(length)
    end = at + length
  }
  expect(end).toBeLessThanOrEqual(text.toLowerCase().length)
})
