import { lazily } from './lazily.ts'

/**
 * The words of passphrases: the 7,776 of the EFF's long diceware list, 12.9 bits each, plain small
 * letters, 3 to 9 of them. Loaded at the first call.
 */
export const loadWords: () => Promise<readonly string[]> = lazily(async () => {
  const { default: words } = await import('@zxcvbn-ts/language-common/src/diceware.json', {
    with: { type: 'json' },
  })
  return words.filter((word) => /^[a-z]{3,9}$/.test(word))
})
