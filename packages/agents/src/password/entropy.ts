import { alphabets, characterClasses, countCharacters, hasClass } from './characters.ts'
import { type Constraints, pinDigits } from './constraints.ts'
import { usableWords } from './passphrase.ts'

/** How much chance there is in a password that was generated in a known way. */
export interface Entropy {
  /** Binary logarithm of how many there are to guess among, all equally likely. */
  readonly bits: number
  /** What was drawn, as in '16 characters of 90'. */
  readonly drawn: string
}

/**
 * The entropy of what `generatePassword` makes of these constraints, for an attacker who knows them.
 * What must be contained counts for nothing, and neither does where it stands. Of a PIN it is an upper
 * bound, since common PINs and patterns are left out.
 */
export function generatedEntropy(made: Constraints, words: readonly string[]): Entropy {
  if (made.kind === 'passphrase') return ofWords(made, words)
  const pieces = made.mustContain.join('')
  const free = Math.max(0, made.length - countCharacters(pieces))
  if (made.kind === 'pin') {
    const { length } = pinDigits(made)
    return { bits: free * log2(length), drawn: `${free} digits of ${length}` }
  }
  const left = alphabets(made)
  const size = characterClasses.reduce((sum, name) => sum + left[name].length, 0)
  const missing = characterClasses
    .filter((name) => made.classes[name] && !hasClass(pieces, name))
    .map((name) => left[name].length)
  return { bits: log2(countWithAll(size, missing, free)), drawn: `${free} characters of ${size}` }
}

/** How many strings of a length there are with one of each of these classes, by inclusion and exclusion. */
function countWithAll(size: number, classes: readonly number[], length: number): number {
  const [first, ...rest] = classes
  if (first === undefined) return size ** length
  return countWithAll(size, rest, length) - countWithAll(size - first, rest, length)
}

function ofWords(made: Constraints, words: readonly string[]): Entropy {
  const { length } = usableWords(made, words)
  const hasDigit = made.classes.numbers && !/\d/.test(made.mustContain.join(''))
  const digits = hasDigit ? alphabets(made).numbers.length : 0
  return {
    bits: made.length * log2(length) + (digits === 0 ? 0 : log2(digits * made.length)),
    drawn: `${made.length} words of ${length}${digits === 0 ? '' : ` and a digit of ${digits}`}`,
  }
}

function log2(count: number): number {
  return count < 1 ? 0 : Math.log2(count)
}
