import { describe, expect, test } from 'vitest'
import { GenerateOptions, optionConstraints } from './generate.ts'
import { factsOf, GuidanceText, writeGuidance } from './guidance.ts'
import { PurposeUse } from './purpose-use.ts'

const factsFor = (options: object, count = 1) =>
  factsOf(optionConstraints(GenerateOptions.parse(options)), count)
const guide = (use: PurposeUse, options: object = {}, count = 1) =>
  writeGuidance(factsFor(options, count), use)

const kinds = [
  {},
  { symbols: false, excludeLookAlikes: true },
  { uppercase: false, symbols: false, numbers: false, length: 128 },
  { kind: 'passphrase' },
  { kind: 'passphrase', uppercase: true, numbers: true, exclude: '-._ ' },
  { kind: 'pin' },
]

test.each(PurposeUse.options.flatMap((use) => kinds.map((options) => [use, options] as const)))(
  'fits what a message may hold: %s %j',
  (use, options) => {
    for (const count of [1, 20]) {
      expect(GuidanceText.safeParse(guide(use, options, count)).success).toBe(true)
    }
  },
)

describe('how to keep it', () => {
  test.each([
    ['wifi', /card beside the router/],
    ['banking', /password manager, and nowhere else/],
    ['card', /neither with the card/],
    ['email', /reset by mail/],
    ['server', /vault: in no script/],
    ['device', /Do not keep it on the device/],
    ['manager', /nobody can reset it/],
    ['encryption', /without it the data is lost/],
    ['account', /for this account alone/],
  ] as const)('fits the purpose: %s', (use, expected) => {
    expect(guide(use).keep.join(' ')).toMatch(expected)
  })

  test('says what to do with several', () => {
    expect(guide('account', {}, 5).keep.at(-1)).toContain('one of them for each account')
  })
})

describe('how to type it', () => {
  test('warns of look-alikes where there may be some', () => {
    expect(guide('email').type.join(' ')).toContain('looks alike')
    expect(guide('email', { excludeLookAlikes: true }).type.join(' ')).not.toContain('alike')
  })

  test('warns of signs where there are some', () => {
    expect(guide('server').type.join(' ')).toMatch(/remote console.*telephone/)
    expect(guide('server', { symbols: false }).type.join(' ')).not.toContain('Signs')
  })

  test('does not speak of pasting where nothing can be pasted', () => {
    expect(guide('email').type[0]).toContain('paste')
    expect(guide('device').type.join(' ')).not.toContain('paste')
  })

  test('names what stands between the words of a passphrase', () => {
    const typed = (options: object) => guide('wifi', { kind: 'passphrase', ...options }).type[0]

    expect(typed({})).toBe("Type its 6 words in small letters, with a '-' between them.")
    expect(typed({ exclude: '-._' })).toContain('with one space between them')
    expect(typed({ exclude: '-._ ', uppercase: true })).toBe(
      'Type its 6 words with their capitals, with nothing between them.',
    )
  })
})

describe('how to say it', () => {
  test.each(['banking', 'card'] as const)('is not at all: %s', (use) => {
    expect(guide(use).say).toEqual([expect.stringMatching(/^Never say it to anyone: no bank/)])
  })

  test('is not at all of a PIN', () => {
    expect(guide('device', { kind: 'pin' }).say).toEqual([
      expect.stringMatching(/^Say it to nobody/),
    ])
  })

  test('spells what there is to spell', () => {
    expect(guide('email').say.at(-1)).toMatch(/'capital' before.*'digit' before.*sign by its name/)
    expect(guide('email', { symbols: false, numbers: false }).say.at(-1)).not.toMatch(/digit|sign/)
    expect(guide('wifi', { kind: 'passphrase' }).say.at(-1)).toContain("'hyphen' between them")
  })
})

test('nothing of what must be contained is in the facts', () => {
  const facts = factsFor({ mustContain: ['Kiwi7'] })
  expect(JSON.stringify(facts)).not.toContain('Kiwi')
})
