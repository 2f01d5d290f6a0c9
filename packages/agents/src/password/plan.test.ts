import { describe, expect, test } from 'vitest'
import * as z from 'zod'
import { Plan, planProblems } from './plan.ts'

const plan: Plan = {
  purpose: 'general use',
  kind: 'password',
  length: 16,
  classes: { uppercase: true, lowercase: true, numbers: true, symbols: true },
  excludeLookAlikes: false,
  exclude: '',
  mustContain: [],
  noRepeats: false,
  count: 1,
  why: '',
}
const plain = { uppercase: false, lowercase: true, numbers: false, symbols: true }
const digitless = { uppercase: true, lowercase: true, numbers: false, symbols: true }
const none = { uppercase: false, lowercase: false, numbers: false, symbols: false }

test('a plain plan has no problems', () => {
  expect(planProblems(plan)).toEqual([])
})

test('the schema is strict JSON Schema: every field required, none further', () => {
  const schema = z.toJSONSchema(Plan, { io: 'input' })
  expect(schema.required).toEqual(Object.keys(Plan.shape))
  expect(schema.additionalProperties).toBe(false)
  expect(schema.properties?.classes).toMatchObject({
    required: ['uppercase', 'lowercase', 'numbers', 'symbols'],
    additionalProperties: false,
  })
})

describe('a problem names the field, the value and the mend', () => {
  const rows: [string, Partial<Plan>, RegExp][] = [
    ['a short password', { length: 7 }, /^length is 7, but a password has 8 to 128 characters: /],
    ['a long passphrase', { kind: 'passphrase', length: 21 }, /^length is 21, .* 3 to 20 words: /],
    ['a long PIN', { kind: 'pin', length: 13 }, /^length is 13, but a pin has 4 to 12 digits: /],
    ['no class', { classes: none }, /^classes are all false: set at least one /],
    ['an emptied class', { exclude: '0123456789' }, /^numbers is true, but .*: exclude fewer /],
    [
      'an excluded piece',
      { mustContain: ['a$'], exclude: '$' },
      /"a\$", but exclude forbids its '\$': /,
    ],
    [
      'a look-alike piece',
      { mustContain: ['O'], excludeLookAlikes: true },
      /excludeLookAlikes forbids /,
    ],
    ['an empty piece', { mustContain: [''] }, /^mustContain has "": give at least one /],
    ['a line break', { mustContain: ['a\nb'] }, /^mustContain has "a\\nb": .*printable/],
    [
      'too much to contain',
      { length: 8, mustContain: ['abcdefg'] },
      /need 10 .*length is 8: make it/,
    ],
    [
      'letters in a PIN',
      { kind: 'pin', length: 6, mustContain: ['x'] },
      /^mustContain has "x", but a PIN /,
    ],
    ['a filled PIN', { kind: 'pin', length: 6, mustContain: ['1234'] }, /make length at least 8 /],
    [
      'too few digits',
      { kind: 'pin', length: 6, exclude: '1234567' },
      /leaves a PIN 3 digits: leave /,
    ],
    [
      'no words left',
      { kind: 'passphrase', length: 6, classes: plain, exclude: 'aei' },
      /exclude has 3 letters of words/,
    ],
    [
      'no separator',
      { kind: 'passphrase', length: 6, classes: plain, exclude: '-._ ' },
      /every separator/,
    ],
    [
      'no digit for a passphrase',
      { kind: 'passphrase', length: 6, exclude: '0123456789' },
      /^numbers is true, but every digit is excluded/,
    ],
    [
      'few words in capitals',
      {
        kind: 'passphrase',
        length: 6,
        classes: { ...plain, uppercase: true, lowercase: false },
        excludeLookAlikes: true,
        exclude: 'AE',
      },
      /exclude at most 1 or /,
    ],
    [
      'more than there are',
      { length: 8, mustContain: ['Abcdef1!'], count: 3 },
      /^count is 3, but only 1 different can be made: /,
    ],
    ['a long piece', { kind: 'passphrase', length: 6, mustContain: ['x'.repeat(65)] }, /has 65 /],
    ['too many', { count: 21 }, /^count is 21: choose from 1 to 20\.$/],
  ]
  test.each(rows)('%s', (_name, change, problem) => {
    expect(planProblems({ ...plan, ...change })).toEqual([expect.stringMatching(problem)])
  })
})

test('a piece may have characters of a class that is not wanted', () => {
  expect(planProblems({ ...plan, classes: digitless, mustContain: ['7'] })).toEqual([])
})

test('a class that a piece has needs no further place', () => {
  expect(planProblems({ ...plan, length: 8, mustContain: ['aB3$efgh'] })).toEqual([])
})
