import { externalPath } from '../../paths.ts'
import type { RunEndedRecord } from '../../records.ts'
import type { RunBook } from './books.ts'
import { SECRET_MARK } from './messages.ts'
import { Predictor } from './prediction.ts'
import type { Prediction } from './reference.ts'
import { trailOf } from './together.ts'
import type { World } from './world.ts'

/** Checks what must hold when nothing is left to happen. */
export function checkWorld({ client, findings, ledger, scenario }: World): void {
  const [open] = client.unended
  if (open !== undefined) {
    findings.break('every-run-ends', `${open} is open and nothing is left to happen`)
  }
  for (const book of ledger.runs.values()) {
    if (book.ended !== undefined) checkEnd(ledger, book, book.ended)
  }
  if (scenario.hasSecrets) {
    const text = JSON.stringify(ledger.records)
    const at = text.indexOf(SECRET_MARK)
    if (at !== -1) {
      findings.break('no-secret-in-records', `the records have …${text.slice(at - 80, at + 20)}…`)
    }
  }
}

/** Checks a run's end against the predicted ends of its chains, as far as no race decides it. */
function checkEnd(ledger: World['ledger'], book: RunBook, ended: RunEndedRecord): void {
  const { plan } = book
  // What was opened again has had attempts that nobody predicted.
  if (plan === undefined || book.reopenings > 0 || isRaced(ledger, book, ended)) return
  const chains = [{ path: '', to: plan.to, hops: 0 }]
  for (const [index, to] of [...book.messages.values()]
    .flatMap(({ message: { id, to } }, at) =>
      at > 0 && /^\.x[a-e]?\d+$/.test(id.slice(book.runId.length)) ? [to] : [],
    )
    .entries()) {
    chains.push({ path: externalPath('', index + 1), to, hops: 1 })
  }
  const predictor = new Predictor(ledger.scenario, ledger.behaviour, plan)
  const predictions = chains.map((chain) => predictor.predict(chain))
  if (predictions.some(({ status }) => status === 'unknown')) return
  const ways = predictions.filter(({ status }) => status !== 'stalled')
  const expected: readonly Prediction[] = ways.length > 0 ? ways : [{ status: 'stalled' }]
  const terminal = [...book.messages.values()].at(-1)
  const trail =
    ended.status === 'completed' && terminal !== undefined ? trailOf(terminal.message) : undefined
  if (expected.some((one) => one.status === ended.status && one.trail === trail)) return
  ledger.findings.break(
    'as-predicted',
    `${book.runId} is ${ended.status} (${ended.reason ?? `trail ${trail}`}), ` +
      `predicted ${JSON.stringify(expected)}`,
  )
}

/** Whether chance may have decided how the run ended, and did so in a way that it may. */
function isRaced(ledger: World['ledger'], { plan, messages }: RunBook, ended: RunEndedRecord) {
  const { hasEarlyTimers } = ledger.scenario
  if (hasEarlyTimers || plan === undefined) return true
  if (ended.status === 'cancelled') return plan.isCancelled
  if (ended.status === 'timed_out') return plan.timeoutMs !== undefined
  const { inputTokens, outputTokens } = ended.usage
  if (ended.status === 'budget_exhausted' && plan.maxTokens !== undefined) {
    return inputTokens + outputTokens > plan.maxTokens
  }
  for (const { settled } of messages.values()) {
    // Each was justified when it was stored.
    if (settled?.reason === 'crashed' || settled?.reason === 'outcome_unknown') return true
  }
  return false
}
