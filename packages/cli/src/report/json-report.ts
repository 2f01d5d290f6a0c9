import { attemptsIn } from '@nanoagent/agents'
import { plain } from '../screen/paint.ts'
import { finalResponse } from './final-response.ts'
import type { PasswordRun } from './password-run.ts'
import { withSecrets } from './with-secrets.ts'

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
      implementation: withSecrets(implementation ?? null, (secret) => secret.reveal()),
      testResults: testResults ?? null,
      audit: audit ?? null,
      guidance: guidance ?? null,
      review: review ?? null,
    },
    attempts: attemptsIn(history),
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
