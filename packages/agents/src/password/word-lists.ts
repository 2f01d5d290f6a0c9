import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { lazily } from './lazily.ts'

/**
 * A list of words, the most common first, as the text of a JSON array: `["one","two"]`. No word has a
 * character that JSON escapes.
 */
export type WordList = string

const files = {
  'diceware-common': '@zxcvbn-ts/language-common/src/diceware.json',
  'passwords-common': '@zxcvbn-ts/language-common/src/passwords.json',
  'commonWords-en': '@zxcvbn-ts/language-en/src/commonWords.json',
  'firstnames-en': '@zxcvbn-ts/language-en/src/firstnames.json',
  'lastnames-en': '@zxcvbn-ts/language-en/src/lastnames.json',
  'wikipedia-en': '@zxcvbn-ts/language-en/src/wikipedia.json',
}

/**
 * What passwords are made of, by the estimator's names: leaked ones, words, names, and sequences such as
 * the days of the week. They are read as they lie in the packages: the packages' own modules unpack
 * them all when they are imported, which takes ten times as long.
 */
export const loadWordLists: () => Promise<Readonly<Record<string, WordList>>> = lazily(async () => {
  const { resolve } = createRequire(import.meta.url)
  const [sequences, ...lists] = await Promise.all([
    import('@zxcvbn-ts/language-en/src/wordSequences.json', { with: { type: 'json' } }),
    ...Object.entries(files).map(async ([name, path]) => {
      return [name, await readFile(resolve(path), 'utf8')] as const
    }),
  ])
  const short = Object.entries(sequences.default).map(([name, words]) => {
    return [name, JSON.stringify(words)] as const
  })
  return Object.fromEntries([...lists, ...short])
})
