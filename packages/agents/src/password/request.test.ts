import { fc, test as property } from '@fast-check/vitest'
import { describe, expect, test } from 'vitest'
import { lookAlikes } from './characters.ts'
import { type Plan, planProblems } from './plan.ts'
import { readRequest } from './request.ts'

/**
 * What a row expects: the count if not one, the kind if no password, the length, the classes by
 * their initials, and whatever else is not the default. `classes` in a plan are only compared for
 * passwords.
 */
function summary(plan: Plan): string {
  const { uppercase, lowercase, numbers, symbols } = plan.classes
  const classes = [uppercase && 'U', lowercase && 'L', numbers && 'N', symbols && 'S']
  return [
    plan.count === 1 ? '' : `${plan.count}×`,
    plan.kind === 'password' ? '' : plan.kind,
    String(plan.length),
    plan.kind === 'password' ? classes.map((one) => one || '-').join('') : '',
    plan.excludeLookAlikes ? 'no look-alikes' : '',
    plan.exclude === '' ? '' : `not ${plan.exclude}`,
    plan.mustContain.length === 0 ? '' : `with ${plan.mustContain.join(' ')}`,
  ]
    .filter((part) => part !== '')
    .join(' ')
}

const rows: Record<string, readonly (readonly [string, string])[]> = {
  'the example prompts': [
    ['Generate a highly secure password for my banking application', '16 ULNS'],
    ['Generate a secure 16-character password for my email account', '16 ULNS'],
    ['Generate a 20-character password for a banking app', '20 ULNS'],
    ['Generate a secure 20-character password', '20 ULNS'],
    ["Check if 'myP@ssw0rd!' is secure enough", '16 ULNS'],
    ['Give me 5 password options to choose from', '5× 16 ULNS'],
    ['Generate a secure banking password', '16 ULNS'],
    ['Generate a 24-character password for server admin', '24 ULNS'],
    ['Generate a password', '16 ULNS'],
  ],
  'a length': [
    ['a password 18 characters long', '18 ULNS'],
    ['password, length 20', '20 ULNS'],
    ['I need a password of length: 18 please', '18 ULNS'],
    ['a 20 char password', '20 ULNS'],
    ['a 20char password', '20 ULNS'],
    ['a password of 24 letters', '24 ULNS'],
    ['A fourteen character password', '14 ULNS'],
    ['a twelve-character password for my wifi', '12 ULNS'],
    ['twenty-four characters', '24 ULNS'],
    ['a password of 20', '20 ULNS'],
    ['It should be 18 long', '18 ULNS'],
    ['18 in length, please', '18 ULNS'],
    ['an 8-character password', '8 ULNS'],
    ['a 4 character password', '8 ULNS'],
    ['300 characters', '128 ULNS'],
    ['at least 20 chars', '20 ULNS'],
    ['at least 8 characters', '16 ULNS'],
    ['strong password, 32+ characters', '32 ULNS'],
    ['more than 20 characters', '21 ULNS'],
    ['less than 12 characters', '11 ULNS'],
    ['no fewer than 18 characters', '18 ULNS'],
    ['no more than 20 characters', '16 ULNS'],
    ['up to 10 characters', '10 ULNS'],
    ['between 12 and 14 characters', '14 ULNS'],
    ['20-24 characters', '20 ULNS'],
    ['minimum 10 characters, maximum 14 characters', '14 ULNS'],
  ],
  classes: [
    ['no symbols', '16 ULN-'],
    ['password without special characters, 18 chars', '18 ULN-'],
    ['no special chars please', '16 ULN-'],
    ['letters and digits only', '16 ULN-'],
    ['only letters and numbers, 14 characters', '14 ULN-'],
    ['letters/digits only', '16 ULN-'],
    ['an alphanumeric password of 22 characters', '22 ULN-'],
    ['only lowercase', '16 -L--'],
    ['only lowercase letters, 30 characters', '30 -L--'],
    ['password consisting of 18 lowercase letters', '18 -L--'],
    ['letters only', '16 UL--'],
    ['password with no numbers', '16 UL-S'],
    ['password without digits or symbols', '16 UL--'],
    ['no uppercase', '16 -LNS'],
    ['no uppercase, numbers or symbols', '16 -L--'],
    ['no symbols, letters and numbers only', '16 ULN-'],
    ['all lowercase with numbers', '16 -LN-'],
    ['use only uppercase letters and digits', '16 U-N-'],
    ['password using digits only', '16 --N-'],
    ['numeric password of 16 digits', '16 --N-'],
    ["my bank doesn't allow special characters; max 12 characters", '12 ULN-'],
    ['symbols are not allowed', '16 ULN-'],
    ['a password - 20 characters - w/o symbols', '20 ULN-'],
    ['password: 20 characters; symbols: no', '20 ULN-'],
    ['Create a password with uppercase, lowercase, numbers and symbols', '16 ULNS'],
    ['must have at least 2 uppercase letters, 2 digits and 1 symbol; 20 chars', '20 ULNS'],
    ['no special characters except _', '16 ULNS not !#$%&()*+,-./:;<=>?@[]^{|}~'],
    ['no letters, no numbers, no symbols', '16 ULNS'],
  ],
  exclusions: [
    ['no look-alikes', '16 ULNS no look-alikes'],
    ['avoid ambiguous characters', '16 ULNS no look-alikes'],
    ['avoid confusing characters', '16 ULNS no look-alikes'],
    ['easy to read, 20 characters', '20 ULNS no look-alikes'],
    ['no symbols or look-alikes', '16 ULN- no look-alikes'],
    ['without the letter x', '16 ULNS not xX'],
    ['exclude {}[]', '16 ULNS not {}[]'],
    ['no quotes', '16 ULNS not "\'`'],
    ["don't use &", '16 ULNS not &'],
    ["can't contain & or <", '16 ULNS not &<'],
    ['avoid 0, O, 1 and l', '16 ULNS not 0O1l'],
    ['20 characters, without any of: !@#$%', '20 ULNS not !@#$%'],
  ],
  'what must be contained': [
    ['must contain a $', '16 ULNS with $'],
    ['must include #', '16 ULNS with #'],
    ['with at least one %', '16 ULNS with %'],
    ["a password containing 'abc'", '16 ULNS with abc'],
    ['a password including an exclamation mark', '16 ULNS with !'],
    ['must contain a dollar sign and an underscore', '16 ULNS with $ _'],
    ['include an at sign, a hash and a question mark', '16 ULNS with @ # ?'],
    ['exactly 14 characters, must contain #, % and &', '14 ULNS with # % &'],
    ['must contain the word Rex and the number 42', '16 ULNS with Rex 42'],
    ['with an ampersand but no percent sign', '16 ULNS not % with &'],
    ["that includes a dash and doesn't include the letter o", '16 ULNS not oO with -'],
    ['letters only, but it must contain a $', '16 UL-- with $'],
    ['without $ but must contain $', '16 ULNS with $'],
    ["10 characters, must contain 'abcdefgh'", '11 ULNS with abcdefgh'],
  ],
  passphrases: [
    ['a passphrase', 'passphrase 6'],
    ['passphrase of 4 words', 'passphrase 4'],
    ['a six-word passphrase', 'passphrase 6'],
    ['5 random words', 'passphrase 5'],
    ['passphrase with 5 words for my laptop', 'passphrase 5'],
    ['two-word passphrase', 'passphrase 3'],
    ['a memorable password', 'passphrase 6'],
    ['a 6 word pass phrase, no hyphens', 'passphrase 6 not -'],
    ['passphrase of 5 words separated by spaces', 'passphrase 5 not -._'],
    ['passphrase of 5 words, no symbols', 'passphrase 5 not -._'],
    ['passphrase of 4 words with a number', 'passphrase 4 with 7'],
    ['a passphrase, not a PIN, for my NAS', 'passphrase 6'],
  ],
  PINs: [
    ['a PIN', 'pin 6'],
    ['PIN of 6 digits', 'pin 6'],
    ['a 4-digit PIN', 'pin 4'],
    ['eight digit pin', 'pin 8'],
    ['pin with 5 digits for my phone', 'pin 5'],
    ['PIN of 2 digits', 'pin 4'],
    ['a 10-digit password', 'pin 10'],
    ['digits only, 8 characters', 'pin 8'],
    ['unlock code with 6 digits', 'pin 6'],
    ['make a PIN, 5 digits, without 0', 'pin 5 not 0'],
    ['a PIN containing 1984', 'pin 8 with 1984'],
    ['a PIN that must contain abc', 'pin 6'],
  ],
  counts: [
    ['5 passwords', '5× 16 ULNS'],
    ['three passwords', '3× 16 ULNS'],
    ['a couple of passwords for my wifi', '2× 16 ULNS'],
    ['a few passphrases of 5 words', '3× passphrase 5'],
    ['a dozen passwords', '12× 16 ULNS'],
    ['50 passwords', '20× 16 ULNS'],
    ['5 passwords of 20 characters', '5× 20 ULNS'],
    ['make me three strong 18-character passwords without symbols', '3× 18 ULN-'],
    ['I need 3 PINs with 8 digits each', '3× pin 8'],
  ],
  'numbers that count something else': [
    ['PIN of 4 digits for my 2 phones', 'pin 4'],
    ['a password for windows 11', '16 ULNS'],
    ['a password for my 3rd account', '16 ULNS'],
    ['for my iPhone 15, 4-digit PIN', 'pin 4'],
    ['for my 2 email accounts 3 passwords of 18 characters', '3× 18 ULNS'],
    ['password for my Xbox 360', '16 ULNS'],
  ],
}

describe.each(Object.entries(rows))('understands %s', (_subject, table) => {
  test.each(table)('%s → %s', (text, expected) => {
    const plan = readRequest(text)
    expect(summary(plan)).toBe(expected)
    expect(planProblems(plan)).toEqual([])
  })

  test.each(table)('the same in capitals or small letters: %s', (text) => {
    const { kind, length, count } = readRequest(text)
    expect(readRequest(text.toUpperCase())).toMatchObject({ kind, length, count })
    expect(readRequest(text.toLowerCase())).toMatchObject({ kind, length, count })
  })
})

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
    ['a passphrase with a number', /the words make it strong/i],
  ])('%s', (text, why) => {
    expect(readRequest(text).why).toMatch(why)
  })

  test('in one sentence when nothing had to give way', () => {
    const { why } = readRequest(
      'three 20-character passwords for my bank, no symbols, no look-alikes',
    )
    expect(why).toBe(
      '3 passwords of 20 characters for bank, with uppercase and lowercase and numbers only, ' +
        'without look-alikes.',
    )
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
