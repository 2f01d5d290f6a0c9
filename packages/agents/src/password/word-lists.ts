import { readFileSync } from 'node:fs'
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
  const { default: sequences } = await import('@zxcvbn-ts/language-en/src/wordSequences.json', {
    with: { type: 'json' },
  })
  const lists: Record<string, WordList> = {}
  for (const [name, path] of Object.entries(files))
    lists[name] = readFileSync(resolve(path), 'utf8')
  for (const [name, words] of Object.entries(sequences)) lists[name] = JSON.stringify(words)
  return lists
})
