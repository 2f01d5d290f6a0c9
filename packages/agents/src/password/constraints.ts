import * as z from 'zod'
import {
  alphabets,
  type Choice,
  characterClasses,
  countCharacters,
  excludedCharacters,
  hasClass,
} from './characters.ts'

/** What is made: characters drawn at random, words drawn at random, or digits for a keypad. */
export const PasswordKind = z.enum(['password', 'passphrase', 'pin'])
export type PasswordKind = z.infer<typeof PasswordKind>

/** The lengths of a kind: characters of a password, words of a passphrase, digits of a PIN. */
export const lengths = {
  password: { min: 8, max: 128, default: 16, unit: 'characters' },
  passphrase: { min: 3, max: 20, default: 6, unit: 'words' },
  pin: { min: 4, max: 12, default: 6, unit: 'digits' },
} as const

/** Between the words of a passphrase: the first of these that is not excluded. */
export const separators = '-._ '

/**
 * Most letters that a passphrase may exclude: without a, e and the look-alikes 448 words are left, or
 * 333 capitalized ones. More capitals look alike, so words in capitals may spare one letter less.
 */
export function maxExcludedLetters({
  classes,
  excludeLookAlikes,
}: Pick<Constraints, 'classes' | 'excludeLookAlikes'>): number {
  return excludeLookAlikes && classes.uppercase && !classes.lowercase ? 1 : 2
}

/** Fewest digits that a PIN may draw from. */
export const minPinDigits = 4

/**
 * Everything that a password must fulfil. Of `classes` a passphrase reads whether it has capitals
 * (with small letters each word begins with one, without it has no others) and a digit; a PIN none.
 */
export interface Constraints extends Choice {
  readonly kind: PasswordKind
  readonly length: number
  readonly mustContain: readonly string[]
}

/**
 * What a plan says besides, which the generator has no option for: the tester looks whether chance has
 * met it.
 */
export interface Hopes {
  /** Whether no character may occur twice. */
  readonly noRepeats: boolean
}

/** Why no password can be without repeats, as a sentence; `undefined` where one can. */
export function repeatsProblem(constraints: Constraints): string | undefined {
  const { kind, length, mustContain } = constraints
  if (kind === 'passphrase') return 'words repeat letters: set noRepeats false for a passphrase.'
  const contained = Array.from(mustContain.join(''))
  const twice = contained.find((one, index) => contained.indexOf(one) !== index)
  if (twice !== undefined) {
    return `mustContain has '${twice}' twice, but noRepeats forbids that: drop one of the two.`
  }
  const left =
    kind === 'pin' ? pinDigits(constraints) : Object.values(alphabets(constraints)).flat()
  const most = new Set([...left, ...contained]).size
  if (length <= most) return undefined
  return `noRepeats leaves ${most} characters, but length is ${length}: make it at most ${most}.`
}

/**
 * What makes the constraints impossible; each problem is a sentence with the field, its value and
 * the mend. When there is none, `generatePassword` finds a password.
 *
 * A piece in `mustContain` may have characters of a class that is not wanted: it is asked for by
 * name. It may not have excluded ones.
 */
export function constraintProblems(constraints: Constraints): string[] {
  const { kind, length, mustContain } = constraints
  const { min, max, unit } = lengths[kind]
  const problems: string[] = []
  if (!Number.isInteger(length) || length < min || length > max) {
    problems.push(
      `length is ${length}, but a ${kind} has ${min} to ${max} ${unit}: choose in there.`,
    )
  }
  const excluded = excludedCharacters(constraints)
  for (const piece of mustContain) {
    const shown = JSON.stringify(piece)
    if (!/^[^\p{C}]+$/u.test(piece)) {
      problems.push(
        `mustContain has ${shown}: give at least one character, and only printable ones.`,
      )
    }
    const taken = Array.from(piece).find((one) => excluded.includes(one))
    if (taken !== undefined) {
      const field = constraints.exclude.includes(taken) ? 'exclude' : 'excludeLookAlikes'
      problems.push(
        `mustContain has ${shown}, but ${field} forbids its '${taken}': drop one of the two.`,
      )
    }
    if (kind === 'pin' && !/^\d*$/.test(piece)) {
      problems.push(
        `mustContain has ${shown}, but a PIN has digits only: drop it or choose kind 'password'.`,
      )
    }
  }
  problems.push(...kindProblems[kind](constraints))
  return problems
}

const kindProblems = {
  password: passwordProblems,
  passphrase: passphraseProblems,
  pin: pinProblems,
}

function passwordProblems(constraints: Constraints): string[] {
  const { classes, length, mustContain } = constraints
  const wanted = characterClasses.filter((name) => classes[name])
  if (wanted.length === 0) {
    return ['classes are all false: set at least one of uppercase, lowercase, numbers, symbols.']
  }
  const left = alphabets(constraints)
  const problems = wanted
    .filter((name) => left[name].length === 0)
    .map(
      (name) =>
        `${name} is true, but every one of its characters is excluded: exclude fewer or set it false.`,
    )
  const needed = spaceNeeded(constraints)
  if (needed > length) {
    problems.push(
      `mustContain ${JSON.stringify(mustContain)} and one character of each further class need ` +
        `${needed} characters, but length is ${length}: make it at least ${needed}.`,
    )
  }
  return problems
}

/** The characters that the pieces take, and one for each wanted class that they lack. */
export function spaceNeeded(constraints: Pick<Constraints, 'classes' | 'mustContain'>): number {
  const pieces = constraints.mustContain.join('')
  const missing = characterClasses.filter(
    (name) => constraints.classes[name] && !hasClass(pieces, name),
  )
  return countCharacters(pieces) + missing.length
}

function passphraseProblems(constraints: Constraints): string[] {
  const problems: string[] = []
  const letters = excludedLetters(constraints)
  const most = maxExcludedLetters(constraints)
  if (letters > most) {
    problems.push(
      `exclude has ${letters} letters of words, which leaves too few words: exclude at most ` +
        `${most} or choose kind 'password'.`,
    )
  }
  const { uppercase, lowercase, numbers } = constraints.classes
  if (unseparated(constraints.exclude) && !(uppercase && lowercase)) {
    problems.push(
      `exclude forbids every separator of words: allow one of '${separators}', or set uppercase ` +
        'and lowercase true, so that capitals part them.',
    )
  }
  if (numbers && alphabets(constraints).numbers.length === 0) {
    problems.push('numbers is true, but every digit is excluded: exclude fewer or set it false.')
  }
  const size = countCharacters(constraints.mustContain.join(''))
  if (size > 64) {
    problems.push(`mustContain has ${size} characters: give a passphrase at most 64.`)
  }
  return problems
}

/** How many letters the exclusions take from words in the case in which they are written. */
export function excludedLetters({
  exclude,
  classes,
}: Pick<Constraints, 'exclude' | 'classes'>): number {
  const written = classes.uppercase ? (classes.lowercase ? /[a-z]/gi : /[A-Z]/g) : /[a-z]/g
  return new Set(exclude.match(written)?.map((one) => one.toLowerCase())).size
}

/** Whether nothing may stand between words. */
export function unseparated(exclude: string): boolean {
  return Array.from(separators).every((one) => exclude.includes(one))
}

function pinProblems(constraints: Constraints): string[] {
  const problems: string[] = []
  const digits = pinDigits(constraints)
  if (digits.length < minPinDigits) {
    problems.push(`exclude leaves a PIN ${digits.length} digits: leave at least ${minPinDigits}.`)
  }
  const size = constraints.mustContain.join('').length
  if (size * 2 > constraints.length) {
    problems.push(
      `mustContain fills ${size} of length ${constraints.length}: more than half of a PIN must be ` +
        `free, so make length at least ${Math.min(size * 2, lengths.pin.max)} or contain less.`,
    )
  }
  return problems
}

/** The digits that a PIN draws from. */
export function pinDigits(
  choice: Pick<Choice, 'excludeLookAlikes' | 'exclude'>,
): readonly string[] {
  const classes = { uppercase: false, lowercase: false, numbers: true, symbols: false }
  return alphabets({ ...choice, classes }).numbers
}
