import { fc, test as property } from '@fast-check/vitest'
import { describe, expect, test } from 'vitest'
import { planProblems } from './plan.ts'
import { concerns, Preference, readStatements } from './preference.ts'
import { readRequest } from './request.ts'

/** 'bank:form *:symbols': for what, about what. */
const stated = (text: string) =>
  readStatements(text)
    .preferences.map(({ purpose, about }) => `${purpose || '*'}:${about}`)
    .join(' ')

const said = (...texts: readonly string[]) =>
  texts.flatMap((text) => readStatements(text).preferences)

describe('a lasting wish', () => {
  test.each([
    ['always 24 characters for the bank', 'bank:form'],
    ['For the bank always 24 characters', 'bank:form'],
    ['my bank passwords should always have 24 characters', 'bank:form'],
    ['Never use symbols for my router.', 'router:symbols'],
    ['I never want symbols for my router', 'router:symbols'],
    ['I prefer passphrases', '*:form'],
    ['I prefer passwords over passphrases', '*:form'],
    ['I prefer no symbols', '*:symbols'],
    ['From now on 20 characters', '*:form'],
    ['In future no character twice, please', '*:repeats'],
    ['by default give me 3 options', '*:count'],
    ['never use look-alikes', '*:look-alikes'],
    ['never use 0 or O', '*:excluded'],
    ['always include a $ in my wifi password', 'wifi:contained'],
    ['always a 6-digit PIN for my phone', 'phone:form'],
    ['Always letters and digits only for my laptop', 'laptop:form laptop:symbols'],
    ['Generate a password for my router, never use symbols', 'router:symbols'],
    ['A password for my email. I always want 24 characters for the bank.', 'bank:form'],
  ])('%j is about %s', (text, expected) => {
    expect(stated(text)).toBe(expected)
  })

  test.each([
    'Generate a 20-character password for my bank',
    'A password that never expires',
    'a password that is always secure',
    'I always forget my password',
    'I prefer strong passwords',
    'never mind, 12 characters',
    'A password for my bank. It must never contain symbols.',
  ])('is none in %j', (text) => {
    expect(stated(text)).toBe('')
  })

  test('is kept in its own words, apart from what is asked for now', () => {
    const { request, preferences, isPreferenceAlone } = readStatements(
      'A password for my email. I always want 24 characters for the bank!',
    )
    expect(request).toBe('A password for my email.')
    expect(preferences).toEqual([
      { purpose: 'bank', about: 'form', text: 'I always want 24 characters for the bank' },
    ])
    expect(isPreferenceAlone).toBe(false)
    expect(readStatements('I prefer passphrases').isPreferenceAlone).toBe(true)
  })
})

test.each([
  ['bank', 'a password for my banking app', true],
  ['bank', 'a password for the Bank', true],
  ['bank account', 'a password for my email account', false],
  ['work laptop', 'a password for my laptop', true],
  ['wifi', 'a password for my PIN pad', false],
  ['account', 'an account password', true],
  ['', 'anything', true],
])('a preference for %j and %j: %s', (purpose, text, expected) => {
  expect(concerns({ purpose }, text)).toBe(expected)
})

describe('a request takes up what was said before', () => {
  const before = said(
    'Never use symbols for my router',
    'always 24 characters for the bank',
    'I prefer passphrases',
    'never use look-alikes',
  )
  test.each([
    ['A password for my bank', 'password 24 ULNS no look-alikes'],
    ['a password for my banking app, 30 characters', 'password 30 ULNS no look-alikes'],
    ['20 characters for the router', 'password 20 ULN- no look-alikes'],
    ['a password', 'passphrase 6 no look-alikes'],
    ['a passphrase of 5 words for the bank', 'passphrase 5 no look-alikes'],
    ['a PIN for the bank', 'pin 6 no look-alikes'],
    ['16 characters with symbols for my router', 'password 16 ULNS no look-alikes'],
    ['A password for my email. For the bank always 30 characters.', 'passphrase 6 no look-alikes'],
    [
      'A password for my bank. For the bank always 30 characters.',
      'password 30 ULNS no look-alikes',
    ],
  ])('%j → %s', (text, expected) => {
    const { kind, length, classes, excludeLookAlikes } = readRequest(text, before)
    const { uppercase, lowercase, numbers, symbols } = classes
    const initials = [uppercase && 'U', lowercase && 'L', numbers && 'N', symbols && 'S']
    const shown = [
      kind,
      length,
      ...(kind === 'password' ? [initials.map((one) => one || '-').join('')] : []),
      ...(excludeLookAlikes ? ['no look-alikes'] : []),
    ]
    expect(shown.join(' ')).toBe(expected)
  })

  test('and says which, each sentence once, but not what it says itself', () => {
    expect(readRequest('A password for my bank', before).why).toBe(
      'A password of 24 characters for your bank, with all classes of characters, without ' +
        'look-alikes. As you said before: "always 24 characters for the bank", ' +
        '"never use look-alikes".',
    )
    const own = readRequest('A password for my bank. Never use symbols for the bank.').why
    expect(own).toContain('with uppercase, lowercase and numbers only')
    expect(own).not.toContain('As you said before')
  })

  test('but nothing that it speaks against', () => {
    const excluded = said('never use $ or %', "always include 'abc'", 'always 3 options')
    const { exclude, mustContain, count } = readRequest(
      'one password that must contain $, without the letter b',
      excluded,
    )
    expect({ exclude, mustContain, count }).toEqual({
      exclude: 'bB',
      mustContain: ['$'],
      count: 1,
    })
  })

  test('the first of an aspect, what is for its purpose before what is for any', () => {
    const lengths = said('always 30 characters', 'always 20 characters for my NAS')
    expect(readRequest('a password for my NAS', lengths).length).toBe(20)
    expect(readRequest('a password for my NAS', [...lengths].reverse()).length).toBe(20)
    expect(
      readRequest('a password', said('always 30 characters', 'always 20 characters')).length,
    ).toBe(30)
  })
})

const sentences = fc.constantFrom(
  'Never use symbols for my router',
  'always 24 characters for the bank',
  'I prefer passphrases',
  'never use look-alikes',
  "always include 'Rex 42$'",
  'never use digits',
  'never use letters',
  'always letters only',
  'always 4-digit PINs',
  'no character twice from now on',
  'always 20 options',
  'never use a, e, i, o or u',
)

property.prop([
  fc.array(fc.oneof(sentences, fc.string({ unit: 'grapheme', maxLength: 20 })), { maxLength: 6 }),
  fc.array(sentences, { maxLength: 8 }),
])('any text with any preferences gives a plan that can be made', (parts, before) => {
  const preferences = said(...before)
  const text = parts.join('. ')
  for (const preference of [...preferences, ...readStatements(text).preferences]) {
    expect(Preference.parse(preference)).toEqual(preference)
  }
  const plan = readRequest(text, preferences)
  expect(planProblems(plan)).toEqual([])
  expect(readRequest(text, preferences)).toEqual(plan)
})
