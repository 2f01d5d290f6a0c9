import { randomInt as cryptoRandomInt } from 'node:crypto'
import * as z from 'zod'
import { alphabets, characterClasses, countCharacters, hasClass } from './characters.ts'
import {
  type Constraints,
  constraintProblems,
  lengths,
  PasswordKind,
  pinDigits,
} from './constraints.ts'
import { passphrase } from './passphrase.ts'
import { checkPin } from './pin.ts'
import { draw, type RandomInt } from './random.ts'
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
  uppercase: z
    .boolean()
    .optional()
    .describe('Capital letters (default true); in a passphrase capitalized words (default false)'),
  lowercase: z.boolean().optional().describe('Small letters (default true)'),
  numbers: z
    .boolean()
    .optional()
    .describe('Digits (default true); in a passphrase one digit (default false)'),
  symbols: z.boolean().optional().describe('Special characters (default true); of a password only'),
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

/** What a password that these options make fulfils, with the defaults of its kind. */
export function optionConstraints({
  kind,
  length = lengths[kind].default,
  excludeLookAlikes,
  exclude,
  mustContain,
  ...wanted
}: Omit<GenerateOptions, 'mustContain'> & Pick<Constraints, 'mustContain'>): Constraints {
  const plain = kind === 'passphrase'
  const classes = {
    uppercase: wanted.uppercase ?? !plain,
    lowercase: wanted.lowercase ?? true,
    numbers: wanted.numbers ?? !plain,
    symbols: wanted.symbols ?? true,
  }
  return { kind, length, classes, excludeLookAlikes, exclude, mustContain }
}

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
 * For a passphrase see `passphrase`. A PIN is drawn until `checkPin` passes it; it does not read the
 * classes.
 *
 * Throws `ImpossibleOptionsError`, and zod's error for values that are no options at all.
 */
export async function generatePassword(
  options: z.input<typeof GenerateOptions>,
  randomInt: RandomInt = (max) => cryptoRandomInt(max),
): Promise<string> {
  const constraints = optionConstraints(GenerateOptions.parse(options))
  const { kind } = constraints
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
