import { fc, test as propertyTest } from '@fast-check/vitest'
import { expect, test } from 'vitest'
import { plain } from '../screen/paint.ts'
import { fieldLines } from './field-lines.ts'

const words = (count: number) => Array.from({ length: count }, (_, index) => `word${index}`)
const shown = (before: unknown, after: unknown, width?: number) =>
  fieldLines({ path: 'prompt', kind: 'changed', before, after }, '', { paint: plain, width })

test.each([
  [0, '"oooooo word1 word2 word3 w…'],
  [200, '…197 word198 word199 oooooo word201 word202 wor…'],
  [399, '…396 word397 word398 oooooo"'],
])('shows what is around a word that is changed in a long text, at %i', (at, expected) => {
  const lines = shown(words(400).join(' '), words(400).with(at, 'oooooo').join(' '))
  expect(lines.join('\n')).toContain(expected)
  expect(lines.join('').length).toBeLessThan(150)
})

test('shows all from the first change to the last', () => {
  const changed = words(400).with(100, 'one').with(110, 'two')
  const [line = '', left = '', right = ''] = shown(words(400).join(' '), changed.join(' '))
  expect(line).toBe('~ prompt:')
  expect(left).toMatch(/^ {2}- …\S* word98 word99 word100 .* word110 word111 word112 \S*…$/)
  expect(right).toMatch(/^ {2}\+ …\S* word98 word99 one .* two word111 word112 \S*…$/)
})

test('shows short texts, and what only one of them has', () => {
  expect(shown('a b c', 'a d c')).toEqual(['~ prompt: "a b c" → "a d c"'])
  const [, left, right] = shown('x'.repeat(200), 'x'.repeat(100))
  expect([left, right]).toEqual([`  - …${'x'.repeat(120)}"`, `  + …${'x'.repeat(20)}"`])
})

propertyTest.prop([
  fc.string({ maxLength: 200 }),
  fc.string(),
  fc.string(),
  fc.string({ maxLength: 200 }),
])('never hides a difference', (head, one, other, tail) => {
  fc.pre(one !== other)
  const lines = shown(`${head}${one}${tail}`, `${head}${other}${tail}`)
  const [first = '', ...rest] = lines
  const [left, right] =
    rest.length === 0
      ? first.slice('~ prompt: '.length).split(' → ')
      : rest.map((line) => line.slice('  - '.length))
  expect(left).not.toBe(right)
})

test('cuts what is longer than a line of the terminal', () => {
  const field = {
    path: 'message',
    kind: 'removed',
    before: { text: 'x'.repeat(500) },
    after: undefined,
  } as const
  const [line = ''] = fieldLines(field, '  ', { paint: plain, width: 60 })
  expect(line).toHaveLength(60)
  expect(line.endsWith('…')).toBe(true)
})
