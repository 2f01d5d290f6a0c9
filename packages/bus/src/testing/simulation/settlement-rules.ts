import { COORDINATOR, type Message } from '../../message.ts'
import type { SettleRecord } from '../../records.ts'
import type { DeliveryBook, RunBook } from './books.ts'
import type { Ledger } from './ledger.ts'
import { Done, Work } from './messages.ts'
import { type Expected, expectAttempt } from './reference.ts'

/** Checks a settlement against the plan of its attempt, and a dead letter for its reason. */
export function checkSettlement(
  ledger: Ledger,
  book: RunBook,
  delivery: DeliveryBook,
  record: SettleRecord,
  published: Message | undefined,
): void {
  const { findings, scenario } = ledger
  const { message } = delivery
  const role = scenario.roles.find(({ name }) => name === message.to)
  const wrong = (what: string) =>
    findings.break('as-predicted', `attempt ${record.attempt} of ${message.id} ${what}`)
  if (book.plan === undefined) return
  if (role === undefined) {
    if (record.reason !== 'unaddressed') wrong(`to '${message.to}' is ${record.outcome}`)
    return
  }
  const { attempt } = record
  const isLast = attempt >= role.attempts
  if (attempt !== delivery.attempt || attempt > role.attempts) {
    findings.break(
      'bounded-attempts',
      `attempt ${attempt} of ${message.id} is settled, attempt ${delivery.attempt} of ${role.attempts} is due`,
    )
    return
  }
  if (record.error?.code === 'non_determinism') {
    findings.break('same-start-again', `${message.id}: ${record.error.message}`)
  }
  const path = message.id.slice(book.runId.length)
  const plan = ledger.behaviour.plan(book.plan.variant, path, message.to, attempt)
  const expected = expectAttempt(plan, trailOf(message))
  const isLate = scenario.hasEarlyTimers && record.error?.code === 'delivery_timeout'
  const mayFail = isLate || expected.kind === 'fails' || expected.kind === 'hangs'
  switch (record.reason) {
    case undefined:
      if (record.outcome === 'done') checkDone(wrong, expected, published)
      else if (!mayFail || isLast) wrong(`failed (${record.error?.message}), ${say(expected)}`)
      break
    case 'exhausted':
      if (!mayFail || !isLast) wrong(`is exhausted (${record.error?.message}), ${say(expected)}`)
      break
    case 'terminal':
      if (expected.kind !== 'terminal') wrong(`is terminal, ${say(expected)}`)
      break
    case 'outcome_unknown':
      if ([...delivery.intents.values()].every((state) => state === 'answered')) {
        findings.break('outcome-unknown-justified', `${message.id} has no intent without a result`)
      }
      break
    case 'crashed':
      checkCrash(ledger, delivery, expected, role.startsPerAttempt)
      break
    default:
      wrong(`is ${record.reason}`)
  }
}

function checkDone(
  wrong: (what: string) => void,
  expected: Expected,
  published: Message | undefined,
): void {
  if (expected.kind === 'nothing' && published === undefined) return
  if (published === undefined) {
    wrong(`published nothing, ${say(expected)}`)
    return
  }
  const isRight =
    expected.kind === 'handoff'
      ? published.to === expected.to && published.type === Work.name
      : expected.kind === 'finish' && published.to === COORDINATOR && published.type === Done.name
  if (isRight && 'trail' in expected && trailOf(published) === expected.trail) return
  wrong(
    `published ${published.type} to '${published.to}' with trail ${trailOf(published)}, ${say(expected)}`,
  )
}

function checkCrash(
  ledger: Ledger,
  { message, starts, startedBy }: DeliveryBook,
  expected: Expected,
  startsPerAttempt: number,
): void {
  if (starts < startsPerAttempt) {
    ledger.findings.break(
      'crash-loop-contained',
      `${message.id} is crashed after ${starts} of ${startsPerAttempt} starts`,
    )
  }
  // Who is allowed a single start cannot be told from the one who killed the process.
  const killer = startedBy?.killedBy
  if (startsPerAttempt === 1 || killer === undefined || killer === message.id) return
  ledger.findings.break(
    'crash-loop-contained',
    `${message.id} is crashed, but ${killer} killed the process (${say(expected)})`,
  )
}

/** The trail in a message's data; -1 where there is none. */
export function trailOf({ data }: Message): number {
  if (typeof data !== 'object' || data === null || !('trail' in data)) return -1
  return typeof data.trail === 'number' ? data.trail : -1
}

function say(expected: Expected): string {
  return `its plan says ${JSON.stringify(expected)}`
}
