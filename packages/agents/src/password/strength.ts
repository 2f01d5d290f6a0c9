import * as z from 'zod'
import { type CharacterClass, characterClasses, countCharacters, hasClass } from './characters.ts'
import { type Constraints, type Hopes, lengths, type PasswordKind } from './constraints.ts'
import { estimateGuesses } from './guesses.ts'
import { checkPin } from './pin.ts'
import {
  missingClasses,
  noRepeatsCheck,
  planChecks,
  type StrengthCheck,
  wantedClasses,
} from './plan-checks.ts'

/** What the tester reports; it quotes the plan, never the password. */
export const StrengthReport = z.strictObject({
  strength: z.enum(['very_weak', 'weak', 'fair', 'strong', 'very_strong']),
  score: z.literal([1, 2, 3, 4, 5]).describe('Out of 5; 4 and 5 are good enough'),
  checks: z
    .array(z.strictObject({ name: z.string(), passed: z.boolean(), detail: z.string() }))
    .describe(
      'length, uppercase, lowercase, numbers, symbols, then one for each planned constraint',
    ),
  recommendations: z.array(z.string()).describe('Sentences; empty when there is nothing to mend'),
  verdict: z.enum(['PASS', 'FAIL']),
})
export type StrengthReport = z.infer<typeof StrengthReport>

/** What a password is held against. */
export interface StrengthOptions {
  /** A PIN is judged by `checkPin`, the others by the guesses that they need. */
  readonly kind: PasswordKind
  /** Words that an attacker would try first: names, the service, words of the request. */
  readonly personalWords: readonly string[]
  /** What was asked for; without it only the strength decides. */
  readonly plan?: (Constraints & Partial<Hopes>) | undefined
}

/**
 * The fewest characters that a password (not a passphrase, not a PIN) needs for more than 3/5, as
 * OWASP's guides recommend. NIST SP 800-63B-4 wants 15 where it is the only factor and 8 with a
 * second one.
 */
export const minStrongLength = 12

/**
 * Judges a password. It passes with 4/5 or more when it also fulfils the plan, if there is one.
 *
 * The checks of single classes tell what is there: a missing class fails a password only when the
 * plan wants it, so no rule of composition fails a long passphrase, and it passes its check when the
 * plan does without it.
 */
export async function checkStrength(
  password: string,
  options: StrengthOptions,
): Promise<StrengthReport> {
  const { kind, personalWords, plan } = options
  const planned = plan === undefined ? [] : planChecks(password, plan)
  const missing = plan === undefined ? [] : missingClasses(password, plan)
  const judged =
    kind === 'pin' ? judgePin(password) : await judgeGuesses(password, kind, personalWords)
  const unmet = planned.filter((check) => !check.passed)
  const passed = judged.score >= 4 && unmet.length === 0 && missing.length === 0
  const recommendations = [
    ...judged.recommendations,
    ...missing.map((name) => `Add ${name}: the plan wants at least one.`),
    ...unmetLines(unmet),
  ]
  return {
    strength: strengths[judged.score],
    score: judged.score,
    checks: [...basicChecks(password, kind, plan), ...planned],
    // A password may be a word of a sentence here, above all 'password'.
    recommendations: recommendations.filter((one) => !quotes(one, password)),
    verdict: passed ? 'PASS' : 'FAIL',
  }
}

function unmetLines(unmet: readonly StrengthCheck[]): readonly string[] {
  const [first, second] = unmet
  if (first?.name === noRepeatsCheck && second === undefined) {
    return ['Make it again: characters occur twice, and the plan wants each at most once.']
  }
  return unmet.length > 0 ? [`Make it again: it misses ${unmet.length} of the plan's checks.`] : []
}

function quotes(sentence: string, password: string): boolean {
  return password.length >= 4 && sentence.toLowerCase().includes(password.toLowerCase())
}

const strengths = {
  1: 'very_weak',
  2: 'weak',
  3: 'fair',
  4: 'strong',
  5: 'very_strong',
} as const

interface Judgement {
  readonly score: StrengthReport['score']
  readonly recommendations: readonly string[]
}

const minLength: Readonly<Record<PasswordKind, number>> = {
  password: minStrongLength,
  passphrase: 8,
  pin: lengths.pin.min,
}

function basicChecks(
  password: string,
  kind: PasswordKind,
  plan: Constraints | undefined,
): StrengthCheck[] {
  const count = countCharacters(password)
  const wanted = plan === undefined ? usual[kind] : wantedClasses(plan)
  return [
    { name: 'length', passed: count >= minLength[kind], detail: `${count} characters` },
    ...characterClasses.map((name) => {
      if (hasClass(password, name)) return { name, passed: true, detail: 'present' }
      if (wanted.includes(name)) return { name, passed: false, detail: 'absent' }
      return {
        name,
        passed: true,
        detail: plan === undefined ? 'not needed' : 'absent, as planned',
      }
    }),
  ]
}

/** The classes that are looked for without a plan. */
const usual: Readonly<Record<PasswordKind, readonly CharacterClass[]>> = {
  password: characterClasses,
  passphrase: ['lowercase'],
  pin: ['numbers'],
}

function judgePin(pin: string): Judgement {
  const { score, passed, reasons } = checkPin(pin)
  const recommendations = reasons.map((reason) => `Choose other digits: this PIN ${reason}.`)
  if (passed && score < 5)
    recommendations.push('Use six digits or more where the device allows it.')
  return { score, recommendations }
}

async function judgeGuesses(
  password: string,
  kind: PasswordKind,
  personalWords: readonly string[],
): Promise<Judgement> {
  const { score, warning, suggestions, personal } = await estimateGuesses(password, personalWords)
  const count = countCharacters(password)
  const short = kind === 'password' && count < minStrongLength
  const recommendations: string[] = []
  if (short) {
    recommendations.push(
      `Use at least ${minStrongLength} characters, better 16: with fewer, as here with ${count}, it ` +
        'gets at most 3/5.',
    )
  }
  if (score < 5 && personal) recommendations.push('Leave out names and words of the request.')
  if (score < 4) {
    if (kind === 'passphrase') recommendations.push('Use at least four words, drawn at random.')
    else if (!short)
      recommendations.push('Draw the characters at random, with no words or patterns.')
    recommendations.push(...warning)
    // They are about choosing words, and a password is drawn.
    if (kind === 'passphrase') recommendations.push(...suggestions)
  }
  return { score: short && score > 3 ? 3 : score, recommendations }
}
