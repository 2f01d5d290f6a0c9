import type { ZxcvbnFactory } from '@zxcvbn-ts/core'
import { lazily } from './lazily.ts'

/**
 * The characters that are looked at: the estimate's cost grows faster than the length, and a random
 * password reaches the best score at twelve. More of them can only need more guesses.
 */
const maxEstimated = 32

const maxPersonalWords = 100

/** An estimate of how hard a password is to guess. */
export interface GuessEstimate {
  /** From 1, fewer than 1,000 guesses, to 5, more than 10,000 million. */
  readonly score: 1 | 2 | 3 | 4 | 5
  /** What makes it easy to guess, as a sentence; empty for a strong one. */
  readonly warning: readonly string[]
  /** How people who choose words would mend that, as sentences; empty for a strong one. */
  readonly suggestions: readonly string[]
  /** Whether it is built with a personal word. */
  readonly personal: boolean
}

// Substitutions cost the most, and the estimate blocks: 20 give the scores of the default, sooner.
const loadEstimator: () => Promise<ZxcvbnFactory> = lazily(async () => {
  const [{ ZxcvbnFactory }, common, english] = await Promise.all([
    import('@zxcvbn-ts/core'),
    import('@zxcvbn-ts/language-common'),
    import('@zxcvbn-ts/language-en'),
  ])
  return new ZxcvbnFactory({
    graphs: common.adjacencyGraphs,
    dictionary: { ...common.dictionary, ...english.dictionary },
    translations: english.translations,
    l33tMaxSubstitutions: 20,
    maxLength: maxEstimated,
  })
})

/**
 * Estimates the guesses that an attacker needs who knows common passwords, words, names, keyboard
 * patterns and the personal words (zxcvbn; Wheeler, USENIX Security 2016).
 *
 * The first call loads the dictionaries, which blocks for about half a second; later ones take
 * milliseconds, some tens of them for long passwords.
 */
export async function estimateGuesses(
  password: string,
  personalWords: readonly string[],
): Promise<GuessEstimate> {
  const estimator = await loadEstimator()
  // Words are cut like the password, or one that is longer than the cut would never match.
  const words = personalWords.slice(0, maxPersonalWords).map((word) => word.slice(0, maxEstimated))
  const { score, feedback, sequence } = estimator.check(password, words)
  const { warning, suggestions } = feedback
  return {
    score: scores[score],
    warning: warning ? [warning] : [],
    suggestions,
    personal: sequence.some((match) => match.dictionaryName === 'userInputs'),
  }
}

const scores = { 0: 1, 1: 2, 2: 3, 3: 4, 4: 5 } as const
