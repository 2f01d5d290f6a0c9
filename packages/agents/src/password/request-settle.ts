import {
  alphabets,
  type CharacterClass,
  characterClasses,
  countCharacters,
  lookAlikes,
} from './characters.ts'
import {
  type Constraints,
  excludedLetters,
  lengths,
  maxExcludedLetters,
  minPinDigits,
  pinDigits,
  repeatsProblem,
  spaceNeeded,
  unseparated,
} from './constraints.ts'

/** Constraints that can be met, and a note in words for each wish that had to give way. */
export interface Settled {
  readonly constraints: Constraints
  readonly notes: readonly string[]
}

/** Whether the password can be without repeats; else notes why it has some. */
export function settleRepeats(constraints: Constraints, notes: string[]): boolean {
  if (repeatsProblem(constraints) === undefined) return true
  notes.push(
    constraints.kind === 'passphrase'
      ? 'words repeat letters, so characters occur twice'
      : 'it cannot have so many characters without one of them twice, so some may be',
  )
  return false
}

const maxPieces = 8
const maxPieceLength = 32

/**
 * Settles what contradicts itself. What must be contained comes first, then exclusions, then
 * classes, then the length, which is moved into its bounds and made to fit. The result has no
 * `constraintProblems`.
 */
export function settle(wished: Constraints): Settled {
  const notes: string[] = []
  const pieces = settlePieces(wished, notes)
  const exclusions = settleExclusions({ ...wished, mustContain: pieces }, notes)
  const classes = settleClasses({ ...wished, ...exclusions, mustContain: pieces }, notes)
  const fitted = { ...wished, ...exclusions, classes, mustContain: pieces }
  return { constraints: { ...fitted, length: settleLength(fitted, notes) }, notes }
}

/** Keeps printable pieces, in a PIN only digits, as far as they fit the longest password. */
function settlePieces(wished: Constraints, notes: string[]): readonly string[] {
  const room = { password: lengths.password.max / 2, passphrase: 64, pin: lengths.pin.max / 2 }
  let left = room[wished.kind]
  const kept: string[] = []
  for (const piece of new Set(wished.mustContain)) {
    const size = countCharacters(piece)
    const possible = wished.kind === 'pin' ? /^[0-9]+$/ : /^[^\p{C}]+$/u
    if (possible.test(piece) && size <= maxPieceLength && size <= left && kept.length < maxPieces) {
      kept.push(piece)
      left -= size
    }
  }
  const dropped = new Set(wished.mustContain).size - kept.length
  if (dropped > 0) {
    notes.push(
      wished.kind === 'pin'
        ? 'a PIN has room for a few digits only, so not all of what it should contain is in'
        : 'not everything that it should contain can be, so some of it is left out',
    )
  }
  return kept
}

type Exclusions = Pick<Constraints, 'exclude' | 'excludeLookAlikes'>

function settleExclusions(wished: Constraints, notes: string[]): Exclusions {
  const contained = wished.mustContain.join('')
  const free = (from: string): string =>
    Array.from(from)
      .filter((one) => !contained.includes(one))
      .join('')
  let exclude = free(wished.exclude)
  let excludeLookAlikes = wished.excludeLookAlikes
  if (exclude !== wished.exclude) {
    notes.push('what it must contain stays in although it was excluded, too')
  }
  if (excludeLookAlikes && free(lookAlikes) !== lookAlikes) {
    excludeLookAlikes = false
    exclude = Array.from(new Set(free(lookAlikes) + exclude)).join('')
    notes.push('of the look-alikes only what it must contain is in')
  }
  if (!isExcludable({ ...wished, exclude, excludeLookAlikes })) {
    const before = exclude
    exclude = excludeLookAlikes || wished.exclude === before ? '' : free(lookAlikes)
    notes.push('without all excluded characters too little is left, so they stay')
    if (!isExcludable({ ...wished, exclude, excludeLookAlikes })) exclude = ''
  }
  return { exclude, excludeLookAlikes }
}

/** Whether enough is left to draw from. */
function isExcludable(wished: Constraints): boolean {
  if (wished.kind === 'pin') return pinDigits(wished).length >= minPinDigits
  if (wished.kind === 'password') {
    const classes = { uppercase: true, lowercase: true, numbers: true, symbols: true }
    const left = alphabets({ ...wished, classes })
    return characterClasses.some((name) => left[name].length > 0)
  }
  return excludedLetters(wished) <= maxExcludedLetters(wished)
}

/** Turns off classes that the exclusions emptied; when none is left, all others come back. */
function settleClasses(wished: Constraints, notes: string[]): Constraints['classes'] {
  if (wished.kind === 'pin') return wished.classes
  const left = alphabets(wished)
  if (wished.kind === 'passphrase') {
    const { classes } = wished
    const numbers = classes.numbers && left.numbers.length > 0
    if (numbers !== classes.numbers) notes.push('all numbers are excluded')
    if (!unseparated(wished.exclude)) return { ...classes, numbers }
    notes.push('nothing may stand between the words, so each begins with a capital')
    return { ...classes, uppercase: true, lowercase: true, numbers }
  }
  const usable = (classes: Constraints['classes']): Constraints['classes'] =>
    mapClasses((name) => classes[name] && left[name].length > 0)
  const wanted = characterClasses.filter((name) => wished.classes[name])
  const kept = usable(wished.classes)
  if (wanted.some((name) => kept[name])) {
    const emptied = wanted.filter((name) => !kept[name])
    if (emptied.length > 0) notes.push(`all ${emptied.join(' and ')} are excluded`)
    return kept
  }
  notes.push('no class of characters was left, so all that can be used are')
  const all = alphabets({ ...wished, classes: mapClasses(() => true) })
  return mapClasses((name) => all[name].length > 0)
}

/** Makes a record of the four classes. */
export function mapClasses(
  one: (name: CharacterClass) => boolean,
): Record<CharacterClass, boolean> {
  return {
    uppercase: one('uppercase'),
    lowercase: one('lowercase'),
    numbers: one('numbers'),
    symbols: one('symbols'),
  }
}

function settleLength(wished: Constraints, notes: string[]): number {
  const { min, max, unit } = lengths[wished.kind]
  const length = Math.min(max, Math.max(min, wished.length))
  if (wished.length < min) {
    notes.push(`${wished.length} ${unit} were asked for; ${min} are the fewest that are made`)
  }
  if (wished.length > max) {
    const asked = Number.isSafeInteger(wished.length) ? wished.length : 'Very many'
    notes.push(`${asked} ${unit} were asked for; ${max} are the most that are made`)
  }
  const needed = {
    password: spaceNeeded(wished),
    passphrase: 0,
    pin: countCharacters(wished.mustContain.join('')) * 2,
  }[wished.kind]
  if (needed <= length) return length
  notes.push(`${needed} ${unit} are needed for what it must contain`)
  return needed
}
