import { InterruptedError, UsageError } from './errors.ts'
import { EXIT } from './exit-status.ts'
import { oneLine } from './screen/printable.ts'

/** What to say on standard error about a command that could not go on, and its exit status. */
export function failureOf(error: unknown): { readonly text: string; readonly exitStatus: number } {
  if (error instanceof UsageError) {
    return { text: `nanoagent: ${oneLine(error.message)}`, exitStatus: EXIT.usage }
  }
  if (error instanceof InterruptedError) {
    return { text: `nanoagent: ${oneLine(error.message)}`, exitStatus: error.exitStatus }
  }
  const trace = error instanceof Error ? (error.stack ?? error.message) : String(error)
  return {
    text: `nanoagent: this is a bug in nanoagent, please report it with these lines:\n${trace}`,
    exitStatus: EXIT.failed,
  }
}
