import { Secret } from '@nanoagent/bus'
import { plain } from '../screen/paint.ts'
import { attemptsOf } from './attempts.ts'
import { finalResponse } from './final-response.ts'
import type { PasswordRun } from './password-run.ts'

/** What `--json` prints. The passwords are in `context.implementation` and nowhere else. */
export function jsonReport(run: PasswordRun): object {
  const { runId, status, reason, context, history, usage, durationMs } = run
  const { userRequest, plan, implementation, testResults, audit, guidance, review } = context
  return {
    runId,
    status,
    ...(reason === undefined ? {} : { reason }),
    response: finalResponse(run, { show: (secret) => secret.mask(), paint: plain }),
    context: {
      userRequest: userRequest ?? null,
      plan: plan ?? null,
      implementation: revealed(implementation ?? null),
      testResults: testResults ?? null,
      audit: audit ?? null,
      guidance: guidance ?? null,
      review: review ?? null,
    },
    attempts: attemptsOf(run),
    history: history.map(({ id, from, to, type, content, sentAt }) => ({
      id,
      from,
      to,
      type,
      content,
      sentAt,
    })),
    usage,
    durationMs: Math.round(durationMs),
  }
}

/** The same data with the values of its secrets. */
function revealed(value: unknown): unknown {
  if (value instanceof Secret) return value.reveal()
  if (Array.isArray(value)) return value.map(revealed)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, entry]) => [key, revealed(entry)]))
}
