import { alphabets, excludedCharacters } from './characters.ts'
import { type Constraints, separators } from './constraints.ts'
import { draw, type RandomInt } from './random.ts'

/**
 * Joins random words with the first separator that is not excluded, or with the one that must be
 * contained. With capitals wanted each word begins with one; without small letters it has no others.
 *
 * What must be contained and no word has by chance stands alone when it is a word, and else ends one
 * of the words; so does the digit, when digits are wanted and none is there.
 */
export function passphrase(
  constraints: Constraints,
  words: readonly string[],
  randomInt: RandomInt,
): string {
  const { classes, mustContain } = constraints
  const allowed = usableWords(constraints, words)
  const separator = separatorOf(constraints)
  const drawn = draw(allowed, constraints.length, randomInt)
  const append = (piece: string): void => {
    const at = randomInt(drawn.length)
    drawn[at] = (drawn[at] ?? '') + piece
  }
  const pieces = mustContain.filter(
    (piece) => piece !== separator && !drawn.some((word) => word.includes(piece)),
  )
  for (const piece of pieces.filter((one) => !isWord(one))) append(piece)
  if (classes.numbers && !/\d/.test(drawn.join('') + mustContain.join(''))) {
    append(draw(alphabets(constraints).numbers, 1, randomInt).join(''))
  }
  for (const piece of pieces.filter(isWord)) drawn.splice(randomInt(drawn.length + 1), 0, piece)
  return drawn.join(separator)
}

/** What stands between the words of a passphrase; empty where nothing may. */
export function separatorOf(
  constraints: Pick<Constraints, 'exclude' | 'excludeLookAlikes' | 'mustContain'>,
): string {
  const excluded = excludedCharacters(constraints)
  const usable = Array.from(separators).filter((one) => !excluded.includes(one))
  return usable.find((one) => constraints.mustContain.includes(one)) ?? usable[0] ?? ''
}

/** The words that a passphrase may draw, as it writes them. */
export function usableWords(
  constraints: Pick<Constraints, 'classes' | 'exclude' | 'excludeLookAlikes'>,
  words: readonly string[],
): readonly string[] {
  const excluded = excludedCharacters(constraints)
  return words
    .map((word) => written(word, constraints.classes))
    .filter((word) => !Array.from(word).some((one) => excluded.includes(one)))
}

function written(word: string, { uppercase, lowercase }: Constraints['classes']): string {
  if (!uppercase) return word
  return lowercase ? word.charAt(0).toUpperCase() + word.slice(1) : word.toUpperCase()
}

function isWord(piece: string): boolean {
  return /^\p{L}{3,}$/u.test(piece)
}
