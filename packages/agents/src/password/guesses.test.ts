import { fc, test as propertyTest } from '@fast-check/vitest'
import { ZxcvbnFactory } from '@zxcvbn-ts/core'
import * as common from '@zxcvbn-ts/language-common'
import * as english from '@zxcvbn-ts/language-en'
import { describe, expect, test } from 'vitest'
import { estimateGuesses } from './guesses.ts'
import { loadWordLists } from './word-lists.ts'

const dictionary = { ...common.dictionary, ...english.dictionary }

/** The library as its documentation has it: it ranks every word of every list. */
const whole = new ZxcvbnFactory({
  graphs: common.adjacencyGraphs,
  dictionary,
  translations: english.translations,
  l33tMaxSubstitutions: 20,
  maxLength: 32,
})

/** What may stand for a letter. */
const imitations: Readonly<Record<string, string>> = {
  a: '@',
  e: '3',
  h: '|-|',
  n: '//',
  s: '$',
  w: '\\\\/\\\\/',
}

async function expectTheSame(password: string, personalWords: readonly string[] = []) {
  const { score, feedback } = whole.check(password, [...personalWords])
  expect({ password, ...(await estimateGuesses(password, personalWords)) }).toMatchObject({
    password,
    score: score + 1,
    warning: feedback.warning ? [feedback.warning] : [],
    suggestions: feedback.suggestions,
  })
}

describe('the estimate is that of the whole lists', () => {
  test.each([
    'password',
    'Smith1990!',
    'P@$$w0rd',
    'l!nk3d|n2012',
    '|-|4x0r5-r3d',
    '/\\\\/\\\\0nd4y',
    'drowssap1',
    'qwertyuiop[]',
    'mondaytuesday',
    'correct horse battery staple',
    'abcabcabcabc',
    '13.05.1987 okonkwo',
    'Kelvin-café-naïve',
    'İstanbul1453',
    '😀password😀',
    'xK9$mQ2vLp7!wZrT',
    "O'Brien's",
    '',
  ])('for %s', async (password) => {
    await expectTheSame(password)
    await expectTheSame(password, ['Contoso', 'Smith'])
  })

  // The library takes 'constructor' for a word of every list, since it looks words up in plain objects.
  const word = fc
    .constantFrom(...Object.values(dictionary))
    .chain((list) => fc.constantFrom(...list))
    .filter((text) => text !== 'constructor')
  const imitated = word.map((text) =>
    text.replace(/[aehnsw]/g, (letter) => imitations[letter] ?? letter),
  )
  const backwards = word.map((text) => text.split('').reverse().join(''))
  const capital = word.map((text) => text.charAt(0).toUpperCase() + text.slice(1))
  const piece = fc.oneof(word, imitated, backwards, capital, fc.string({ maxLength: 5 }))

  propertyTest.prop([fc.array(piece, { minLength: 1, maxLength: 4 })], { numRuns: 100 })(
    'for words, written in many ways',
    async (pieces) => await expectTheSame(pieces.join('')),
  )
})

test('the lists hold the words that the library ranks', async () => {
  const lists = await loadWordLists()
  expect(Object.keys(lists).sort()).toEqual(Object.keys(dictionary).sort())
  for (const [name, words] of Object.entries(dictionary)) {
    expect(lists[name]).toBe(`["${words.join('","')}"]`)
  }
})
