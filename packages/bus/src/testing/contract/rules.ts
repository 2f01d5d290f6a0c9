import { copyPath } from '../../paths.ts'
import type { JournalRecord } from '../../records.ts'
import { brokenTogether } from './rules-together.ts'

/** Rules that the records of any journal keep at any moment; gives a line for each that they break. */
export function brokenRules(records: readonly JournalRecord[]): string[] {
  const broken: string[] = []
  const rule = (holds: boolean, text: string) => {
    if (!holds) broken.push(text)
  }
  const opened = new Set<string>()
  const ended = new Set<string>()
  const messages = new Set<string>()
  const settled = new Set<string>()
  let seq = 0
  for (const record of records) {
    const where = `#${record.seq} ${record.kind} of ${record.runId}`
    rule(record.seq > seq, `${where}: numbers rise`)
    seq = record.seq
    rule(!ended.has(record.runId) || record.kind === 'run.reopened', `${where}: after the end`)
    if (record.kind === 'run.opened') {
      rule(!opened.has(record.runId), `${where}: opened twice`)
      opened.add(record.runId)
    } else if (record.kind === 'run.ended') ended.add(record.runId)
    else if (record.kind === 'run.reopened') {
      ended.delete(record.runId)
      for (const id of record.revived) settled.delete(id)
    } else if (record.kind === 'message') {
      rule(!messages.has(record.message.id), `${where}: ${record.message.id} twice`)
      messages.add(record.message.id)
      for (const listener of record.copies ?? []) {
        messages.add(copyPath(record.message.id, listener))
      }
      for (const id of record.joined ?? [])
        rule(messages.has(id), `${where}: joins ${id} too early`)
    } else if (record.kind === 'settle') {
      rule(messages.has(record.messageId), `${where}: settles a message that is not there`)
      rule(!settled.has(record.messageId), `${where}: ${record.messageId} is settled again`)
      if (record.outcome !== 'failed') settled.add(record.messageId)
      const isOneWay = record.published.length <= 1 || record.fanOut !== undefined
      rule(isOneWay, `${where}: one way forward`)
      rule(record.outcome === 'done' || record.published.length === 0, `${where}: publishes`)
      for (const id of record.published) {
        const at = records.findIndex((other) => other.kind === 'message' && other.message.id === id)
        // Between a settlement and what it published there is only what it cancelled.
        const between = records.slice(records.indexOf(record) + 1, at)
        const isNear = between.every(
          ({ kind, ...rest }) =>
            kind === 'message' || ('outcome' in rest && rest.outcome === 'cancelled'),
        )
        rule(at >= 0 && isNear, `${where}: ${id} is in the same append`)
      }
    }
  }
  return [...broken, ...brokenTogether(records)]
}

/** The records of one kind. */
export function ofKind<K extends JournalRecord['kind']>(
  records: readonly JournalRecord[],
  kind: K,
): Extract<JournalRecord, { kind: K }>[] {
  return records.filter(
    (record): record is Extract<JournalRecord, { kind: K }> => record.kind === kind,
  )
}

/** What happened, a word each: kinds of records, and of settlements their outcome. */
export function storyOf(records: readonly JournalRecord[]): string[] {
  return records.map((record) =>
    record.kind === 'settle'
      ? `${record.role} ${record.outcome}`
      : record.kind === 'message'
        ? record.message.type
        : record.kind,
  )
}
