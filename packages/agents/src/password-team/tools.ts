import { randomInt } from 'node:crypto'
import { type DeepReadonly, type MemoryReads, secret } from '@nanoagent/bus'
import { z } from 'zod'
import {
  checkStrength,
  GenerateOptions,
  generatePassword,
  ImpossibleOptionsError,
  type Plan,
  planOptions,
  type RandomInt,
  type StrengthOptions,
  StrengthReport,
} from '../password/index.ts'
import { defineTool, type Tool } from '../tool.ts'
import { wasGiven } from './given.ts'

/** Draws in a row without anything new, after which there is nothing new: options may allow one string only. */
const mostRepeats = 1_000

/** Passwords that were given before and are drawn by one call, after which it gives up. */
const mostGiven = 1_000

const cryptoRandomInt: RandomInt = (max) => randomInt(max)

/** A tool's parameters, for the type of the tool. */
type Options = z.infer<typeof GenerateOptions>
type OptionsInput = z.input<typeof GenerateOptions>
type Made = z.infer<typeof MadeOne>

const MadeOne = z.object({ password: secret() })
const MadeSeveral = z.object({ passwords: z.array(secret()) })
const SeveralOptions = GenerateOptions.extend({
  count: z.int().min(2).max(20).describe('How many to make, each different from the others'),
})

/** The tool that makes one password. */
export type GenerateTool = Tool<'generate_password', Options, Made, OptionsInput>

/** The tool that makes several. */
export type GenerateMultipleTool = Tool<
  'generate_multiple_passwords',
  z.infer<typeof SeveralOptions>,
  z.infer<typeof MadeSeveral>,
  z.input<typeof SeveralOptions>
>

/** The tool that judges a password. */
export type CheckTool = Tool<
  'check_password_strength',
  z.infer<typeof CheckParameters>,
  z.infer<typeof StrengthReport>,
  z.input<typeof CheckParameters>
>

const CheckParameters = z.object({ password: secret() })

/** Makes one password that was not given before; the randomness can be replaced in tests. */
export function generatePasswordTool(random: RandomInt = cryptoRandomInt): GenerateTool {
  return defineTool({
    name: 'generate_password',
    description: 'Makes one random password, passphrase or PIN. Gives its handle.',
    parameters: GenerateOptions,
    result: MadeOne,
    async execute(options, { memory }) {
      const [password = ''] = await drawNew(options, 1, { random, memory })
      return { password }
    },
  })
}

/** Makes several different passwords of one kind that were not given before. */
export function generateMultiplePasswordsTool(
  random: RandomInt = cryptoRandomInt,
): GenerateMultipleTool {
  return defineTool({
    name: 'generate_multiple_passwords',
    description:
      'Makes several different random passwords, passphrases or PINs. Gives their handles.',
    parameters: SeveralOptions,
    result: MadeSeveral,
    execute: async ({ count, ...options }, { memory }) => ({
      passwords: await drawNew(options, count, { random, memory }),
    }),
  })
}

/** Draws different passwords that were not given before. Throws where the options allow no more of them. */
async function drawNew(
  options: DeepReadonly<GenerateOptions>,
  count: number,
  { random, memory }: { readonly random: RandomInt; readonly memory: MemoryReads },
): Promise<string[]> {
  const drawn = new Set<string>()
  const found: string[] = []
  for (let repeats = 0; found.length < count; ) {
    const password = await generatePassword(mutable(options), random)
    const isNew = !drawn.has(password)
    repeats = isNew ? 0 : repeats + 1
    const given = drawn.size - found.length
    if (repeats === mostRepeats || given === mostGiven) {
      throw new ImpossibleOptionsError([shortage(found.length, count, given)])
    }
    drawn.add(password)
    if (isNew && !(await wasGiven(memory, password))) found.push(password)
  }
  return found
}

function shortage(found: number, count: number, given: number): string {
  const next = 'make fewer or loosen the options.'
  if (given === 0) return `only ${found} of ${count} different ones were found: ${next}`
  const all = given === 1 ? 'the only one' : `each of the ${given}`
  if (found === 0) {
    return `${all} that can be found was given before: loosen the options, or begin another thread.`
  }
  return `only ${found} of ${count} were found that were not given before: ${next}`
}

/** The call of one of the two that makes what a plan wants. */
export function generateCall(plan: Plan): { readonly name: string; readonly arguments: object } {
  const options = planOptions(plan)
  return plan.count === 1
    ? { name: 'generate_password', arguments: options }
    : { name: 'generate_multiple_passwords', arguments: { ...options, count: plan.count } }
}

/** Judges a password by what is known of its plan and its owner. */
export function checkPasswordStrengthTool(options: StrengthOptions): CheckTool {
  return defineTool({
    name: 'check_password_strength',
    description:
      'Judges one password: strength, score out of 5, checks, recommendations and the verdict.',
    parameters: CheckParameters,
    result: StrengthReport,
    execute: ({ password }) => checkStrength(password.reveal(), options),
  })
}

function mutable<T extends { readonly mustContain: readonly string[] }>(
  options: T,
): Omit<T, 'mustContain'> & { mustContain: string[] } {
  return { ...options, mustContain: [...options.mustContain] }
}
