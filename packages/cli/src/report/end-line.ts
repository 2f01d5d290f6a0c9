import type { Output } from '../screen/output.ts'
import type { PasswordRun } from './password-run.ts'
import { tidied } from './plain-words.ts'

type Rewording = readonly [RegExp, string | ((text: string, ms: string) => string)]

// The reasons speak of the library's options, a person has the flags.
const REWORDINGS: Partial<Record<PasswordRun['status'], readonly Rewording[]>> = {
  failed: [
    [/\(maxTokens (?=\d+\))/, '(--max-answer-tokens '],
    [/\b(?:set|raise) maxTokens\b/, 'raise --max-answer-tokens'],
    [/\bmodelRequestsAtOnce\b/, '--requests-at-once'],
    // What only the author of an agent can do.
    [/\braise toolRounds, make the instructions clearer, or try\b/, 'try'],
    [/\btry another model or a simpler output schema$/, 'try another model'],
  ],
  timed_out: [
    [/^the run /, 'it '],
    [/\b(\d+) ms\b/, (_text, ms) => `${Number(ms) / 1_000} seconds`],
    [/: raise the timeout$/, ': raise --timeout'],
    [/(?<=, waiting for model .* at http.*)$/, ', or check the endpoint with nanoagent doctor'],
  ],
  budget_exhausted: [
    [/^the run /, 'it '],
    [/\braise maxTokens\b/, 'raise --max-tokens'],
    [/\braise maxHops\b/, 'raise --max-hops'],
  ],
}

const WHAT = {
  failed: 'the run failed: ',
  // Whoever stopped it: the reason says so.
  cancelled: '',
  timed_out: 'the run timed out: ',
  budget_exhausted: 'the run is over its budget: ',
  stalled: 'the run stalled: ',
}

/**
 * Says on standard error why a run did not complete, and how it can go on where that is known; nothing
 * where it did, or nobody reads any more.
 */
export function notifyEnd(
  run: Pick<PasswordRun, 'status' | 'reason'>,
  { notify, closed }: Pick<Output, 'notify' | 'closed'>,
  howToResume?: string,
): void {
  const line = endLine(run)
  if (line === undefined || closed.aborted) return
  notify(line)
  if (howToResume !== undefined) notify(`To go on: ${howToResume}`)
}

/** Why a run did not complete, for standard error; `undefined` where it did. */
export function endLine({
  status,
  reason,
}: Pick<PasswordRun, 'status' | 'reason'>): string | undefined {
  return status === 'completed'
    ? undefined
    : `nanoagent: ${WHAT[status]}${plainReason({ status, reason })}`
}

/** Why a run ended so, with the words of the command in place of the library's. */
export function plainReason({
  status,
  reason,
}: {
  readonly status: PasswordRun['status']
  readonly reason?: string | undefined
}): string {
  let why = reason?.replace(/^cancelled: /, '') ?? 'no reason was given'
  for (const [pattern, words] of REWORDINGS[status] ?? []) {
    why = typeof words === 'string' ? why.replace(pattern, words) : why.replace(pattern, words)
  }
  return tidied(why)
}
