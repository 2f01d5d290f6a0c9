import { PasswordReady } from '@nanoagent/agents'
import type { PasswordRun } from './password-run.ts'

/** How many times the password was made. */
export function attemptsOf({ history }: Pick<PasswordRun, 'history'>): number {
  const made = new Set(
    // What is handed to several agents at once was made once.
    history
      .filter(({ type }) => type === PasswordReady.name)
      .map(({ causationId, id }) => causationId ?? id),
  )
  return made.size
}
