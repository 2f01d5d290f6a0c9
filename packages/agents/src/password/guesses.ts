import type { Options, ZxcvbnFactory } from '@zxcvbn-ts/core'
import { lazily } from './lazily.ts'
import { pairsIn, rankPossible } from './possible-words.ts'
import { loadWordLists } from './word-lists.ts'

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
  /** Binary logarithm of the guesses; of a password beyond 32 characters at least. */
  readonly bits: number
  /** What makes it easy to guess, as a sentence; empty for a strong one. */
  readonly warning: readonly string[]
  /** How people who choose words would mend that, as sentences; empty for a strong one. */
  readonly suggestions: readonly string[]
  /** Whether it is built with a personal word. */
  readonly personal: boolean
}

const loadParts = lazily(async () => {
  const [core, graphs, english, lists] = await Promise.all([
    import('@zxcvbn-ts/core'),
    import('@zxcvbn-ts/language-common/src/adjacencyGraphs.json', { with: { type: 'json' } }),
    import('@zxcvbn-ts/language-en/dist/translations.cjs'),
    loadWordLists(),
  ])
  return { ...core, graphs: graphs.default, translations: english.default, lists }
})

/**
 * An estimator for one password, which looks up nothing but parts of what the password may be read as.
 * It knows the ranks of the words that can be among them: to rank all 240,000 takes far longer than
 * the estimate, so that is not left to the options, where a matcher can set them.
 */
async function estimatorFor(password: string): Promise<ZxcvbnFactory> {
  const { graphs, translations, lists, ...core } = await loadParts()
  const { l33tTable } = new core.Options()
  const pairs = pairsIn(password, l33tTable)
  const ranked = Object.entries(lists)
    .map(([name, list]) => ({ name, ranks: rankPossible(list, pairs) }))
    .filter(({ ranks }) => Object.keys(ranks).length > 0)
  class SetRanks extends core.MatcherBaseClass {
    constructor(options: Options) {
      super(options)
      for (const { name, ranks } of ranked) {
        options.rankedDictionaries[name] = ranks
        options.rankedDictionariesMaxWordSize[name] = longest(Object.keys(ranks))
      }
    }

    match(): [] {
      return []
    }
  }
  return new core.ZxcvbnFactory(
    // Substitutions cost the most, and the estimate blocks: 20 give the scores of the default, sooner.
    { graphs, translations, l33tMaxSubstitutions: 20 },
    { setRanks: { Matching: SetRanks, scoring: () => 0, feedback: () => null } },
  )
}

function longest(words: readonly string[]): number {
  return words.reduce((length, word) => Math.max(length, word.length), 0)
}

/**
 * Estimates the guesses that an attacker needs who knows common passwords, words, names, keyboard
 * patterns and the personal words (zxcvbn; Wheeler, USENIX Security 2016).
 *
 * The first call loads the word lists, and each one blocks while it looks through them: some tens of
 * milliseconds in all.
 */
export async function estimateGuesses(
  password: string,
  personalWords: readonly string[],
): Promise<GuessEstimate> {
  const estimated = password.slice(0, maxEstimated)
  const estimator = await estimatorFor(estimated)
  // Words are cut like the password, or one that is longer than the cut would never match.
  const words = personalWords.slice(0, maxPersonalWords).map((word) => word.slice(0, maxEstimated))
  const { score, guessesLog10, feedback, sequence } = estimator.check(estimated, words)
  return {
    score: scores[score],
    bits: guessesLog10 * Math.log2(10),
    warning: feedback.warning ? [feedback.warning] : [],
    suggestions: feedback.suggestions,
    personal: sequence.some((match) => match.dictionaryName === 'userInputs'),
  }
}

const scores = { 0: 1, 1: 2, 2: 3, 3: 4, 4: 5 } as const
