import { askPath, branchPath, joinPath, listenerOfDelivery, replyPath } from '../../paths.ts'
import type { JournalRecord, MessageRecord, SettleRecord } from '../../records.ts'

/** Where in the records a message is, and its settlements. */
interface Reading {
  readonly at: number
  readonly record: MessageRecord
  readonly settlements: { readonly at: number; readonly record: SettleRecord }[]
}

/**
 * Rules that the records of fan-outs, joins, asks and copies keep at any moment; gives a line for each
 * that they break.
 */
export function brokenTogether(records: readonly JournalRecord[]): string[] {
  const broken: string[] = []
  const messages = readMessages(records)
  for (const reading of messages.values()) {
    const { message, asked, joined } = reading.record
    const rule = (holds: boolean, text: string) => {
      if (!holds) broken.push(`${message.id}: ${text}`)
    }
    if (joined !== undefined) checkJoin(reading, joined, messages, rule)
    if (asked !== undefined) checkAsk(reading, asked, messages, records, rule)
    for (const { record } of reading.settlements) checkPublished(record, message.id, rule)
  }
  for (const record of records) {
    if (record.kind !== 'settle' || listenerOfDelivery(record.messageId) === undefined) continue
    if (record.published.length > 0) broken.push(`${record.messageId}: a listener publishes`)
    if (record.outcome === 'cancelled') broken.push(`${record.messageId}: a copy is cancelled`)
  }
  return broken
}

type Rule = (holds: boolean, text: string) => void

function readMessages(records: readonly JournalRecord[]): ReadonlyMap<string, Reading> {
  const messages = new Map<string, Reading>()
  for (const [at, record] of records.entries()) {
    if (record.kind === 'message') messages.set(record.message.id, { at, record, settlements: [] })
    else if (record.kind === 'settle') {
      messages.get(record.messageId)?.settlements.push({ at, record })
    }
  }
  return messages
}

/** Ids follow from what published them. */
function checkPublished({ published, fanOut }: SettleRecord, id: string, rule: Rule): void {
  if (fanOut === undefined) return
  const ids = published.map((_id, index) => branchPath(id, index + 1))
  rule(published.join() === ids.join(), 'its branches are numbered in their order')
}

/** A join comes once its policy is met, holds what its branches came to, and leaves none of them open. */
function checkJoin(
  { at, record: { message } }: Reading,
  joined: readonly string[],
  messages: ReadonlyMap<string, Reading>,
  rule: Rule,
): void {
  const { id, type, to, causationId = '', data } = message
  const settled = messages.get(causationId)?.settlements.find(({ record }) => record.fanOut)
  const fanOut = settled?.record.fanOut
  rule(id === joinPath(causationId), 'a join hangs under its fan-out')
  rule(fanOut?.join === type && fanOut.to === to, 'a join is what was fanned out to')
  if (settled === undefined || fanOut === undefined) return
  const { published } = settled.record
  const statuses = statusesOf(data)
  rule(statuses.length === published.length, 'a join has a result for each branch')
  const isOf = (branch: string) => (one: string) => one === branch || one.startsWith(`${branch}.`)
  for (const [index, branch] of published.entries()) {
    const last = joined.filter(isOf(branch))
    const isWaitedFor = statuses[index] !== 'cancelled'
    rule(
      last.length === (isWaitedFor ? 1 : 0),
      `a join names the last message of branch ${index + 1}`,
    )
    for (const [one, { settlements }] of messages) {
      if (!isOf(branch)(one)) continue
      rule(
        settlements.every((settlement) => settlement.at < at),
        `${one} outlives its join`,
      )
    }
  }
  const done = statuses.filter((status) => status === 'done').length
  const { policy } = fanOut
  if (policy === 'all') rule(done === statuses.length, 'a join of all has all')
  else if (policy === 'all-settled') rule(!statuses.includes('cancelled'), 'all of it are settled')
  else rule(done === policy.first, `a join of the first ${policy.first} has as many`)
}

/** What was asked is named after its asker, who is at work; it is answered or cancelled when that ends. */
function checkAsk(
  { at, record: { message }, settlements }: Reading,
  { attempt, step }: NonNullable<MessageRecord['asked']>,
  messages: ReadonlyMap<string, Reading>,
  records: readonly JournalRecord[],
  rule: Rule,
): void {
  const { id, from, causationId = '' } = message
  const asker = messages.get(causationId)
  rule(id === askPath(causationId, attempt, step), 'an ask is named after its attempt and step')
  rule(asker?.record.message.to === from, 'an ask is of whoever handles its cause')
  for (const { record } of settlements) {
    const isReply = record.published.length === 0 || record.published.join() === replyPath(id)
    rule(isReply, 'what is asked publishes nothing but its reply')
  }
  const end = asker?.settlements.find(({ record }) => record.attempt === attempt)
  if (end === undefined) return
  rule(at < end.at, 'nobody asks when its attempt is over')
  const last = settlements.at(-1)
  if (last === undefined || last.at < end.at) return
  const between = records.slice(end.at + 1, last.at + 1)
  const isAtOnce = between.every((record) => 'outcome' in record && record.outcome === 'cancelled')
  rule(isAtOnce, 'an ask ends with the attempt that asked')
}

function statusesOf(data: unknown): readonly unknown[] {
  if (typeof data !== 'object' || data === null || !('branches' in data)) return []
  const { branches } = data
  if (!Array.isArray(branches)) return []
  return branches.map((branch: unknown) =>
    typeof branch === 'object' && branch !== null && 'status' in branch ? branch.status : undefined,
  )
}
