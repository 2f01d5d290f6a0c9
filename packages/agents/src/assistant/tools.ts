import { secret } from '@nanoagent/bus'
import { z } from 'zod'
import { checkStrength, PasswordKind, StrengthReport } from '../password/index.ts'
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

/** A word of a request that is the password itself says nothing about its owner. */
function isSame(word: string, password: string): boolean {
  return password.toLowerCase().includes(word.toLowerCase())
}

function looksLike(password: string): PasswordKind {
  if (/^\d{4,12}$/.test(password)) return 'pin'
  return /^\p{L}+(?:[-._ ]\p{L}+){2,}\d?$/u.test(password) ? 'passphrase' : 'password'
}
