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
  const known = knownFailure(error)
  if (known !== undefined) return known
  const trace = error instanceof Error ? (error.stack ?? error.message) : String(error)
  return {
    text: `nanoagent: this is a bug in nanoagent, please report it with these lines:\n${trace}`,
    exitStatus: EXIT.failed,
  }
}

/** Codes of the libraries' errors that are about what was named, not about a bug. */
const NAMED = new Set([
  'journal_not_found',
  'journal_exists',
  'not_a_journal',
  'newer_journal',
  'journal_locked',
  'journal_read_only',
  'journal_damaged',
  'no_journal_key',
  'wrong_journal_key',
  'unknown_run',
  'ambiguous_run',
  'unknown_message',
  'ambiguous_message',
  'not_resumable',
  'not_replayable',
  'not_forkable',
  'newer_version',
  'import_refused',
  'no_secret_value',
])

/** Codes of those that end what was under way, which no other command line would have helped. */
const OUTER = new Set([
  'journal_failed',
  'journal_full',
  'journal_io',
  'import_stopped',
  'stale_epoch',
])

/** Errors are told by their codes, so that nothing is loaded for them. */
function knownFailure(error: unknown): ReturnType<typeof failureOf> | undefined {
  if (!(error instanceof Error) || !('code' in error) || typeof error.code !== 'string') {
    return undefined
  }
  const wayOn =
    error.code === 'journal_failed' ? ': put that right, then nanoagent resume goes on with it' : ''
  const text = `nanoagent: ${oneLine(error.message)}${wayOn}`
  if (NAMED.has(error.code)) return { text, exitStatus: EXIT.usage }
  return OUTER.has(error.code) ? { text, exitStatus: EXIT.failed } : undefined
}
