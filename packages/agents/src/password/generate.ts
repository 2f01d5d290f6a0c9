import { randomInt as cryptoRandomInt } from 'node:crypto'
import * as z from 'zod'
import {
  alphabets,
  characterClasses,
  countCharacters,
  excludedCharacters,
  hasClass,
} from './characters.ts'
import {
  type Constraints,
  constraintProblems,
  lengths,
  PasswordKind,
  pinDigits,
  separators,
} from './constraints.ts'
import { checkPin } from './pin.ts'
import { loadWords } from './words.ts'

/** What to generate; a length outside the bounds of its kind is refused by `generatePassword`. */
export const GenerateOptions = z.object({
  kind: PasswordKind.default('password'),
  length: z
    .int()
    .min(3)
    .max(128)
    .optional()
    .describe(
      'Characters of a password (8-128, default 16), words of a passphrase (3-20, default 6) or ' +
        'digits of a PIN (4-12, default 6)',
    ),
  uppercase: z.boolean().default(true).describe('Capital letters; only read for a password'),
  lowercase: z.boolean().default(true).describe('Small letters; only read for a password'),
  numbers: z.boolean().default(true).describe('Digits; only read for a password'),
  symbols: z.boolean().default(true).describe('Special characters; only read for a password'),
  excludeLookAlikes: z
    .boolean()
    .default(false)
    .describe('Leave out 0 and O, 1 and l, and the like'),
  exclude: z.string().default('').describe('Further characters that must not appear'),
  mustContain: z
    .array(z.string())
    .default(() => [])
    .describe('Strings that must appear, each in one piece'),
})
export type GenerateOptions = z.infer<typeof GenerateOptions>

/** The options that make what a plan asks for, once. */
export function planOptions(plan: Constraints): GenerateOptions {
  const { kind, length, classes, excludeLookAlikes, exclude, mustContain } = plan
  return { kind, length, ...classes, excludeLookAlikes, exclude, mustContain: [...mustContain] }
}

/** Gives a whole number from 0 up to and without `max`, each equally likely. */
export type RandomInt = (max: number) => number

/** Options that no password can fulfil; each of `problems` says what to change. */
export class ImpossibleOptionsError extends RangeError {
  override readonly name = 'ImpossibleOptionsError'
  readonly code = 'impossible_options'
  readonly problems: readonly string[]

  constructor(problems: readonly string[]) {
    super(`no password can be made: ${problems.join(' ')}`)
    this.problems = problems
  }
}

const mostDraws = 100_000

/**
 * Makes one password, passphrase or PIN.
 *
 * A password's free characters are drawn from all wanted classes together, and drawn again as a
 * whole while a wanted class is missing. So every string that the options allow is equally likely,
 * which 'one of each class, then fill' does not give: that makes rare classes too frequent. Even in
 * the tightest case (four places, four classes, three of them down to one character) one draw in
 * 2,000 fits. What must be contained counts for its classes and is shuffled in, each in one piece.
 *
 * A passphrase is words joined with a hyphen, what must be contained standing between them; it does
 * not read the classes. A PIN is drawn until `checkPin` passes it.
 *
 * Throws `ImpossibleOptionsError`, and zod's error for values that are no options at all.
 */
export async function generatePassword(
  options: z.input<typeof GenerateOptions>,
  randomInt: RandomInt = (max) => cryptoRandomInt(max),
): Promise<string> {
  const { kind, length, excludeLookAlikes, exclude, mustContain, ...classes } =
    GenerateOptions.parse(options)
  const constraints: Constraints = {
    kind,
    length: length ?? lengths[kind].default,
    classes,
    excludeLookAlikes,
    exclude,
    mustContain,
  }
  const problems = constraintProblems(constraints)
  if (problems.length > 0) throw new ImpossibleOptionsError(problems)
  if (kind === 'passphrase') return passphrase(constraints, await loadWords(), randomInt)
  return kind === 'pin' ? pin(constraints, randomInt) : password(constraints, randomInt)
}

function password(constraints: Constraints, randomInt: RandomInt): string {
  const left = alphabets(constraints)
  const alphabet = characterClasses.flatMap((name) => left[name])
  const pieces = constraints.mustContain
  const contained = pieces.join('')
  const missing = characterClasses.filter(
    (name) => constraints.classes[name] && !hasClass(contained, name),
  )
  const free = constraints.length - countCharacters(contained)
  const drawn = drawUntil(
    () => draw(alphabet, free, randomInt),
    (some) => missing.every((name) => some.some((one) => hasClass(one, name))),
  )
  return shuffle([...pieces, ...drawn], randomInt).join('')
}

function pin(constraints: Constraints, randomInt: RandomInt): string {
  const digits = pinDigits(constraints)
  const pieces = constraints.mustContain
  const free = constraints.length - pieces.join('').length
  return drawUntil(
    () => shuffle([...pieces, ...draw(digits, free, randomInt)], randomInt).join(''),
    (some) => checkPin(some).passed,
  )
}

function passphrase(
  constraints: Constraints,
  words: readonly string[],
  randomInt: RandomInt,
): string {
  const excluded = excludedCharacters(constraints)
  const allowed = words.filter((word) => !Array.from(word).some((one) => excluded.includes(one)))
  const separator = Array.from(separators).find((one) => !excluded.includes(one))
  const drawn = draw(allowed, constraints.length, randomInt)
  for (const piece of constraints.mustContain) {
    const there = piece === separator || drawn.some((word) => word.includes(piece))
    if (!there) drawn.splice(randomInt(drawn.length + 1), 0, piece)
  }
  return drawn.join(separator)
}

function draw(from: readonly string[], count: number, randomInt: RandomInt): string[] {
  return Array.from({ length: count }, () => from[randomInt(from.length)] ?? '')
}

function drawUntil<T>(once: () => T, fits: (drawn: T) => boolean): T {
  for (let draws = 0; draws < mostDraws; draws += 1) {
    const drawn = once()
    if (fits(drawn)) return drawn
  }
  throw new ImpossibleOptionsError([
    `${mostDraws} draws had nothing that fits: loosen the options, or pass a randomInt that is random.`,
  ])
}

/** Fisher–Yates, in Durstenfeld's form. */
function shuffle(items: string[], randomInt: RandomInt): string[] {
  for (let last = items.length - 1; last > 0; last -= 1) {
    const other = randomInt(last + 1)
    const moved = items[last] ?? ''
    items[last] = items[other] ?? ''
    items[other] = moved
  }
  return items
}
