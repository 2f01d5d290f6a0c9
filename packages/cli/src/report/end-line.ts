import type { PasswordRun } from './password-run.ts'

const WORDS = {
  completed: { what: 'completed', hint: '' },
  failed: { what: 'failed', hint: '' },
  cancelled: { what: 'was cancelled', hint: '' },
  timed_out: { what: 'timed out', hint: ' (see --timeout)' },
  budget_exhausted: { what: 'is over its budget', hint: ' (see --max-tokens and --max-hops)' },
  stalled: { what: 'stalled', hint: '' },
}

/** Why a run did not complete, for standard error; `undefined` where it did. */
export function endLine({ status, reason }: PasswordRun): string | undefined {
  if (status === 'completed') return undefined
  const { what, hint } = WORDS[status]
  // The reason of a cancelled run may say so itself.
  const why = reason?.replace(/^cancelled: /, '') ?? 'no reason was given'
  return `nanoagent: the run ${what}: ${why}${hint}`
}
