import type { Journal, JournalRecord, SettleRecord } from '@nanoagent/bus'

/** The run as it was right before a settlement, with nothing else left to do than to settle that again. */
export function recordsBefore(
  records: readonly JournalRecord[],
  { runId, messageId, attempt, seq }: SettleRecord & { readonly seq: number },
): readonly JournalRecord[] {
  const before = records.filter((record) => record.runId === runId && record.seq < seq)
  const settled = settledIn(before)
  const everSettled = settledIn(records)
  // Replies, and what a branch ends with, are handled by nobody.
  const isThere = (id: string) => id === messageId || settled.has(id) || !everSettled.has(id)
  return before.flatMap((record): readonly JournalRecord[] => {
    switch (record.kind) {
      case 'run.opened':
        // Its budget and its deadline have been kept already.
        return [{ ...record, limits: { maxHops: record.limits.maxHops } }]
      case 'message':
        return isThere(record.message.id) ? [record] : []
      case 'settle':
        // Branches that are not there would be handled, or be missed.
        return isThere(record.messageId)
          ? [{ ...record, published: record.published.filter(isThere) }]
          : []
      case 'start':
        return []
      case 'log':
        return record.messageId === messageId && record.attempt === attempt ? [] : [record]
      default:
        return [record]
    }
  })
}

function settledIn(records: readonly JournalRecord[]): ReadonlySet<string> {
  return new Set(
    records.flatMap((record) =>
      record.kind === 'settle' && record.outcome !== 'failed' ? record.messageId : [],
    ),
  )
}

/** A journal that has these records, and tells what is added to them. */
export function recordedJournal(
  records: readonly JournalRecord[],
  onRecord: (record: JournalRecord) => void,
): Journal {
  let seq = records.at(-1)?.seq ?? 0
  const close = async () => {}
  return {
    features: { durability: 'memory', multiProcess: false },
    async append(batch) {
      const stored = batch.map((draft) => ({ ...draft, seq: ++seq }))
      stored.forEach(onRecord)
      return stored
    },
    async *read() {
      yield* records
    },
    async *follow() {},
    async *openRuns() {},
    acquire: async (runId, owner) => ({ runId, epoch: 2, owner }),
    renew: async () => true,
    release: async () => {},
    close,
    [Symbol.asyncDispose]: close,
  }
}
