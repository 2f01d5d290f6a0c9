import { COORDINATOR, type Message } from '../../message.ts'
import { askPath, replyPath } from '../../paths.ts'
import type { SettleRecord } from '../../records.ts'
import type { DeliveryBook, RunBook } from './books.ts'
import { fold } from './chance.ts'
import type { Ledger } from './ledger.ts'
import { Done, Part, Told, Work } from './messages.ts'
import { type Expected, expectAttempt } from './reference.ts'
import { isQuestion, joinRoleOf, trailOf } from './together.ts'

/** Checks a settlement against the plan of its attempt, and a dead letter for its reason. */
export function checkSettlement(
  ledger: Ledger,
  book: RunBook,
  delivery: DeliveryBook,
  record: SettleRecord,
  published: readonly Message[],
): void {
  const { findings, scenario } = ledger
  const { message } = delivery
  const role = scenario.roles.find(({ name }) => name === message.to)
  const wrong = (what: string) =>
    findings.break('as-predicted', `attempt ${record.attempt} of ${message.id} ${what}`)
  if (book.plan === undefined || record.outcome === 'cancelled') return
  const get = (id: string) => book.messages.get(id)?.message
  const joinTo = joinRoleOf(message, get)
  if (
    role === undefined ||
    (message.to === joinTo && message.type === Work.name && !isFirst(message))
  ) {
    if (record.reason !== 'unaddressed') wrong(`to '${message.to}' is ${record.outcome}`)
    return
  }
  const { attempt } = record
  const tries = attempt - delivery.firstAttempt + 1
  const isLast = tries >= role.attempts
  if (attempt !== delivery.attempt || tries > role.attempts) {
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
  const replies = plan.asks.map((_role, index) => {
    const reply = get(replyPath(askPath(message.id, attempt, index + 1)))
    return reply === undefined ? -1 : trailOf(reply)
  })
  const place = { isAsked: isQuestion(message), joinTo }
  const expected = expectAttempt(plan, trailOf(message), place, replies)
  const isLate = scenario.hasEarlyTimers && record.error?.code === 'delivery_timeout'
  const mayFail = isLate || expected.kind === 'fails' || expected.kind === 'hangs'
  switch (record.reason) {
    case undefined:
      if (record.outcome === 'done') checkDone(wrong, expected, record, published)
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
  { fanOut }: SettleRecord,
  all: readonly Message[],
): void {
  const [published] = all
  if (expected.kind === 'nothing' && published === undefined) return
  if (published === undefined) {
    wrong(`published nothing, ${say(expected)}`)
    return
  }
  if (expected.kind === 'fan-out') {
    const isRight =
      fanOut?.to === expected.to &&
      fanOut.join === `${expected.join}.joined` &&
      all.length === expected.branches.length &&
      all.every(
        (branch, index) =>
          branch.to === expected.branches[index] &&
          branch.type === Work.name &&
          trailOf(branch) === fold(expected.trail, index),
      )
    if (!isRight) wrong(`fans out to ${all.map(({ to }) => to)}, ${say(expected)}`)
    return
  }
  const wanted = {
    handoff: { type: Work.name, to: 'to' in expected ? expected.to : '' },
    part: { type: Part.name, to: 'to' in expected ? expected.to : '' },
    finish: { type: Done.name, to: COORDINATOR },
    reply: { type: Told.name, to: published.to },
    nothing: undefined,
    fails: undefined,
    terminal: undefined,
    hangs: undefined,
    kill: undefined,
  }[expected.kind]
  const isRight = all.length === 1 && published.type === wanted?.type && published.to === wanted.to
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

/** Whether a message begins a branch, whatever role that begins with. */
function isFirst({ id }: Message): boolean {
  return /\.b[a-e]?\d+$/.test(id)
}

function say(expected: Expected): string {
  return `its plan says ${JSON.stringify(expected)}`
}
