import { branchPath } from '../../paths.ts'
import type { JournalRecord, MessageRecord, SettleRecord } from '../../records.ts'
import type { RunBook } from './books.ts'
import type { Ledger } from './ledger.ts'
import { Part } from './messages.ts'
import { branchesOf, trailOf } from './together.ts'

type Finder = Pick<Ledger['findings'], 'break'>

/** Checks a join against what its branches came to, by the records up to its append. */
export function checkJoin(
  findings: Finder,
  book: RunBook,
  { message, joined = [] }: MessageRecord,
  batch: readonly JournalRecord[],
): void {
  const wrong = (what: string) => findings.break('join-as-recorded', `${message.id} ${what}`)
  const { causationId = '' } = message
  const branches = branchesOf(message)
  const settlements = [
    ...[...book.messages.values()].flatMap(({ settled }) => settled ?? []),
    ...batch.flatMap((record) => (record.kind === 'settle' ? record : [])),
  ]
  const point = settlements.find(({ messageId }) => messageId === causationId)
  if (point?.fanOut === undefined || branches === undefined) {
    wrong('joins no fan-out')
    return
  }
  const { fanOut, published } = point
  if (message.to !== fanOut.to || message.type !== fanOut.join)
    wrong('is not what it fanned out to')
  if (branches.length !== published.length) wrong(`has ${branches.length} results`)
  const messages = [
    ...[...book.messages.values()].map((delivery) => delivery.message),
    ...batch.flatMap((record) => (record.kind === 'message' ? record.message : [])),
  ]
  let done = 0
  for (const [index, branch] of branches.entries()) {
    const path = branchPath(causationId, index + 1)
    const last = joined.find((id) => id === path || id.startsWith(`${path}.`))
    const end = messages.find(({ id }) => id === last)
    if (branch.status === 'done') {
      done++
      if (end?.type !== Part.name || end.to !== fanOut.to || trailOf(end) !== branch.trail) {
        wrong(`has ${branch.trail} of branch ${index + 1}, which is not there`)
      }
    } else if (branch.status === 'failed') {
      const isOver = settlements.some(
        ({ messageId, outcome }) =>
          (messageId === path || messageId.startsWith(`${path}.`)) && outcome !== 'cancelled',
      )
      if (last === undefined || !isOver) wrong(`has branch ${index + 1} as failed, which it is not`)
    } else if (last !== undefined) wrong(`joins ${last}, which is cancelled`)
  }
  const isMet =
    typeof fanOut.policy === 'object'
      ? done === fanOut.policy.first
      : branches.every(
          ({ status }) => status === 'done' || (fanOut.policy !== 'all' && status === 'failed'),
        )
  if (!isMet) wrong(`is closed with ${branches.map(({ status }) => status)}`)
}

/** Checks that a delivery is cancelled in the append that ends what waits for it. */
export function checkCancelled(
  findings: Finder,
  { hasEarlyTimers }: Ledger['scenario'],
  { messageId, error }: SettleRecord,
  batch: readonly JournalRecord[],
): void {
  const isEnded = batch.some(
    (record) =>
      record.kind === 'settle' &&
      record.messageId !== messageId &&
      record.outcome !== 'cancelled' &&
      isRelated(record.messageId, messageId),
  )
  if (isEnded || (error?.code === 'ask_timeout' && hasEarlyTimers)) return
  const isOfTimedOut = batch.some(
    (record) => record.kind === 'settle' && record.error?.code === 'ask_timeout',
  )
  if (isOfTimedOut && hasEarlyTimers) return
  findings.break('cancelled-justified', `${messageId} is cancelled (${error?.message}) by nothing`)
}

/** Whether two messages come from one fan-out or ask: one path is above, or a branch beside, the other. */
function isRelated(cause: string, cancelled: string): boolean {
  const points = cancelled.split(/(?=\.[ab])/)
  return points.some((_point, index) => {
    const scope = points.slice(0, index).join('')
    return scope !== '' && (cause === scope || cause.startsWith(`${scope}.`))
  })
}
