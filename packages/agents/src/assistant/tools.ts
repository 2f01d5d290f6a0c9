import { secret } from '@nanoagent/bus'
import { z } from 'zod'
import { checkStrength, PasswordKind, Preference, StrengthReport } from '../password/index.ts'
import { defineTool, type Tool } from '../tool.ts'

const Parameters = z.object({
  password: secret(),
  kind: PasswordKind.optional().describe('What it is. Default: what it looks like'),
})

/** The tool that judges any password. */
export type CheckAnyTool = Tool<
  'check_password_strength',
  z.infer<typeof Parameters>,
  z.infer<typeof StrengthReport>,
  z.input<typeof Parameters>
>

/** Judges any password, by itself: nothing is known of a plan. */
export function checkAnyPasswordTool(personalWords: readonly string[]): CheckAnyTool {
  return defineTool({
    name: 'check_password_strength',
    description:
      'Judges one password, given as it was typed or by its handle: strength, score out of 5, checks, ' +
      'recommendations and the verdict.',
    parameters: Parameters,
    result: StrengthReport,
    execute({ password, kind }) {
      const value = password.reveal()
      const words = personalWords.filter((word) => !isSame(word, value))
      return checkStrength(value, { kind: kind ?? looksLike(value), personalWords: words })
    },
  })
}

/** The tool that takes down a preference. */
export type RememberTool = Tool<
  'remember_preference',
  Preference,
  z.infer<typeof Remembered>,
  z.input<typeof Preference>
>

const Remembered = z.object({ remembered: z.string() })

/** Takes down a lasting wish, which whoever calls it is to remember. */
export const rememberPreferenceTool: RememberTool = defineTool({
  name: 'remember_preference',
  description:
    'Remembers a lasting wish of the person for passwords to come (always, never, prefer, from now ' +
    'on), one call for each aspect.',
  parameters: Preference,
  result: Remembered,
  execute: ({ text }) => ({ remembered: text }),
})

/** A word of a request that is the password itself says nothing about its owner. */
function isSame(word: string, password: string): boolean {
  return password.toLowerCase().includes(word.toLowerCase())
}

function looksLike(password: string): PasswordKind {
  if (/^\d{4,12}$/.test(password)) return 'pin'
  return /^\p{L}+(?:[-._ ]\p{L}+){2,}\d?$/u.test(password) ? 'passphrase' : 'password'
}
