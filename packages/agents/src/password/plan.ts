import * as z from 'zod'
import {
  type Constraints,
  constraintProblems,
  type Hopes,
  PasswordKind,
  repeatsProblem,
} from './constraints.ts'
import { countDifferent } from './variety.ts'

/** Most passwords that one plan makes. */
export const maxCount = 20

/**
 * What to make: the planner's answer, and what the tester holds the result against.
 *
 * Every field is required and plain JSON Schema, as strict structured output wants it; what a schema
 * cannot say, `planProblems` does.
 */
export const Plan = z.strictObject({
  purpose: z.string().describe("What it is for, in a few words: 'email account'"),
  kind: PasswordKind.describe('passphrase: words; pin: digits for a keypad; else password'),
  length: z
    .int()
    .min(3)
    .max(128)
    .describe(
      'Characters of a password, 8-128; words of a passphrase, 3-20; digits of a PIN, 4-12',
    ),
  classes: z
    .strictObject({
      uppercase: z.boolean(),
      lowercase: z.boolean(),
      numbers: z.boolean(),
      symbols: z.boolean(),
    })
    .describe(
      'Which characters a password has: each true one occurs, no false one does. In a passphrase ' +
        'uppercase capitalizes the words and numbers adds a digit',
    ),
  excludeLookAlikes: z.boolean().describe('Leave out characters such as 0 and O, 1 and l'),
  exclude: z.string().describe("Further characters that must not appear; '' for none"),
  mustContain: z.array(z.string()).describe("Strings that must appear, such as '$'; [] for none"),
  noRepeats: z.boolean().describe('Whether no character may occur twice; false for a passphrase'),
  count: z.int().min(1).max(maxCount).describe('How many to make'),
  why: z.string().describe('One or two sentences: what was asked for and why this plan'),
})
export type Plan = z.infer<typeof Plan>

/**
 * What makes a plan impossible; each problem is a sentence with the field, its value and the mend.
 * When there is none, `generatePassword` fulfils the plan, but for `noRepeats`, which is left to chance.
 */
export function planProblems(
  plan: Constraints & Partial<Hopes> & Readonly<Pick<Plan, 'count'>>,
): string[] {
  const problems = constraintProblems(plan)
  const repeats = plan.noRepeats === true ? repeatsProblem(plan) : undefined
  if (problems.length === 0 && repeats !== undefined) problems.push(repeats)
  if (!Number.isInteger(plan.count) || plan.count < 1 || plan.count > maxCount) {
    problems.push(`count is ${plan.count}: choose from 1 to ${maxCount}.`)
  } else if (problems.length === 0) {
    const possible = countDifferent(plan, plan.count)
    if (possible < plan.count) {
      problems.push(
        `count is ${plan.count}, but only ${possible} different can be made: make fewer, or make ` +
          'length greater or mustContain shorter.',
      )
    }
  }
  return problems
}
