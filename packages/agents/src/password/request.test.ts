import { fc, test as property } from '@fast-check/vitest'
import { describe, expect, test } from 'vitest'
import { lookAlikes } from './characters.ts'
import { planProblems } from './plan.ts'
import { readRequest } from './request.ts'

describe('understands what it is for', () => {
  test.each([
    ['Generate a highly secure password for my banking application', 'banking application'],
    ['Generate a secure 16-character password for my email account', 'email account'],
    ['Generate a secure banking password', 'banking'],
    ['Generate a 24-character password for server admin', 'server admin'],
    ['A password for my bank, without symbols', 'bank'],
    ['wifi password', 'wifi'],
    ['my wi-fi password', 'wi-fi'],
    ['my GitHub password, 32 characters', 'GitHub'],
    ['a 20-character password for windows 11', 'windows 11'],
    ['a password for my 3rd account', '3rd account'],
    ['for 20 characters', 'general use'],
    ['for me, a strong password', 'general use'],
    ['give me a password to log in to GitHub', 'GitHub'],
    ['to protect my crypto wallet', 'crypto wallet'],
    ['for anna.miller@example.org, no symbols', 'anna.miller@example.org'],
    ['Generate a password', 'general use'],
    ['correct horse style passphrase', 'general use'],
    ['3 passwords for each of us', 'general use'],
    ['a password for 90 days', 'general use'],
    ['a password for my PIN', 'general use'],
    ['passwords for my 2 kids', 'general use'],
    ['', 'general use'],
  ])('%j → %s', (text, purpose) => {
    expect(readRequest(text).purpose).toBe(purpose)
  })
})

describe('says why', () => {
  test.each([
    ['a 4-character password', /4 characters were asked for; 8 are the fewest/],
    ['300 characters', /300 characters were asked for; 128 are the most/],
    ['PIN of 2 digits', /2 digits were asked for; 4 are the fewest/],
    ['50 passwords', /50 were asked for, 20 can be made/],
    ['at least 8 characters', /At least 8 were asked for/],
    ['an 8-digit password', /judged as a PIN/],
    ['letters only, must contain a $', /uppercase and lowercase only besides what it must contain/],
    ['without $ but must contain $', /stays in although it was excluded/],
    ['no look-alikes, but it must contain a 0… I mean include "0"', /of the look-alikes only/i],
    ['no letters, no numbers, no symbols', /no class of characters was left/i],
    ['a password that is easy to remember', /words are easiest to remember/i],
    ['a passphrase with a number', /with a digit\. The words make it strong/],
    ['passphrase in upper case', /, in capitals/],
    ['passphrase with at least 30 characters', /8 words have at least 31 characters/],
    ['passphrase with at most 30 characters', /3 words have at most 29 characters/],
    ['no spaces, hyphens, dots or underscores in my passphrase', /begins with a capital/],
    ["3 passwords of 8 characters that contain 'Abcdef1!'", /Only 1 different can be made/],
    ['PIN with letters', /A PIN has digits only/],
    ['a password for my email account', /for your email account/],
    ['a password for an email account', /for an email account/],
    ['must contain , and .', /containing ',' and '\.'\.$/],
    ["Check if 'myP@ssw0rd!' is secure enough", /^This team makes passwords and does not check/],
    ['how strong is hunter2?', /^This team makes passwords and does not check/],
    ['check my requirements and make a password', /^A password/],
  ])('%s', (text, why) => {
    expect(readRequest(text).why).toMatch(why)
  })

  test('in one sentence when nothing had to give way', () => {
    const { why } = readRequest(
      'three 20-character passwords for my bank, no symbols, no look-alikes',
    )
    expect(why).toBe(
      '3 passwords of 20 characters for your bank, with uppercase, lowercase and numbers only, ' +
        'without look-alikes.',
    )
  })
})

describe('names what it did not understand:', () => {
  test.each([
    ['should start with a letter', '"should start with a letter"'],
    ['starting with a $, 20 characters', '"starting with a $"'],
    ['with 3 symbols', '"3 symbols"'],
    ['20 characters and at least two digits', '"at least two digits"'],
    ['passphrase without repeats', '"without repeats"'],
    ['without the word rex', '"without the word rex"'],
    ['a pronounceable password', '"pronounceable"'],
    ['a password that I change every 90 days', '"90 days"'],
    ['passwords for my 2 kids', '"2 kids"'],
    ['passphrase of 6 words and at least 30 characters', '"at least 30 characters"'],
    ['no symbols, no repeats and no words', '"no repeats"'],
    ['no consecutive characters', '"no consecutive characters"'],
  ])('%s', (text, phrase) => {
    expect(readRequest(text).why).toContain(`Not understood: ${phrase}`)
  })

  test.each([
    'Generate a highly secure password for my banking application',
    'a password that must be strong, with no symbols',
    'a password with at least 20 characters that no one should guess',
    'easy to remember, without symbols',
    'avoid characters that look alike',
    'my current password has 8 characters, I need 12',
    'a password for windows 11 with two $ and no 3s',
  ])('nothing in %s', (text) => {
    expect(readRequest(text).why).not.toContain('Not understood')
  })
})

/** One wish, said before the noun, behind it and in the passive. */
const sameWishes: Record<string, readonly string[]> = {
  'no symbols': [
    'a symbol-free password of 20 characters',
    'a 20-character password without symbols',
    'password, 20 characters, symbols must not be used',
    'symbols are not allowed, 20 character password',
    'password of 20 characters; symbols: off',
    "password of 20 characters; it mustn't contain symbols",
  ],
  'a dollar sign': [
    'password with a $, 16 characters',
    '$ must be included in a 16 character password',
    'password of 16 characters; there must be a dollar sign in it',
    'password including a $, length 16',
    'password of 16 characters, a $ is required',
  ],
  'no zero, no one': [
    'password without zeros and 1s',
    "password without 0's or 1's",
    'password without the digits 0 and 1',
    'password, the digits 0 and 1 must not be used',
    'password, 0 and 1 are not allowed',
    'avoid 0/1 in the password',
  ],
  'digits and letters': [
    'alphanumeric password',
    'password of letters and digits only',
    'password restricted to letters and digits',
    'password, letters and digits, nothing else',
    'password, only a-zA-Z0-9',
    'password, no special characters',
  ],
  'digits only': ['20-digit password', 'password of 20 digits', 'password, digits only, length 20'],
}

describe.each(Object.entries(sameWishes))('the same plan for %s', (_wish, texts) => {
  const planned = (text: string): unknown => {
    const { why, purpose, exclude, ...plan } = readRequest(text)
    return { ...plan, exclude: Array.from(exclude).sort().join('') }
  }
  property.prop([
    fc.constantFrom(...texts),
    fc.constantFrom('', ', 3 of them', ', three of them, please', '; count 3', ' x3'),
    fc.constantFrom('', 'Please: ', 'I want this: '),
    fc.boolean(),
  ])('in any order and with any count', (text, tail, lead, typographic) => {
    const said = typographic ? text.replaceAll("'", '’') : text
    const [first = ''] = texts
    expect(planned(lead + said + tail)).toEqual(planned(first + (tail === '' ? '' : ' x3')))
  })
})

test('keeps the other look-alikes out when one must be in', () => {
  const { exclude, excludeLookAlikes } = readRequest('no look-alikes, but with the digit 0')
  expect(excludeLookAlikes).toBe(false)
  expect(exclude).toBe(lookAlikes.replace('0', ''))
})

const wordings = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        ...'no without not only must contain include exclude with and or , . letters digits symbols'.split(
          ' ',
        ),
        ...'look-alikes the letter x number PIN passphrase password words characters of for my'.split(
          ' ',
        ),
        ...'at least most 4 16 300 99999999999999999999999 "abc" \'$\' {}[] & six few dozen'.split(
          ' ',
        ),
      ),
      fc.string({ unit: 'grapheme', maxLength: 8 }),
    ),
    { maxLength: 60 },
  )
  .map((words) => words.join(' '))
const anything = fc.string({ unit: 'binary', maxLength: 8000, size: 'max' })

property.prop([fc.oneof({ weight: 6, arbitrary: wordings }, anything)], { numRuns: 1000 })(
  'any text gives a plan that can be made',
  (text) => {
    const plan = readRequest(text)
    expect(planProblems(plan)).toEqual([])
    expect(readRequest(text)).toEqual(plan)
  },
)

test.each([
  'no ',
  '"',
  "'a",
  '9',
  '16 ',
  'a-',
  '$, ',
  'symbols and ',
  'for a ',
  'must contain a ',
  'a',
])('8,000 characters of %j are read', (part) => {
  const text = part.repeat(8000 / part.length)
  expect(planProblems(readRequest(text))).toEqual([])
})
