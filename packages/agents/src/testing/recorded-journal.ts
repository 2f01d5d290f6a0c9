import type { Journal, JournalRecord, SettleRecord } from '@nanoagent/bus'

/** The run as it was right before a settlement, with nothing else left to do than to settle that again. */
export function recordsBefore(
  records: readonly JournalRecord[],
  { runId, messageId, attempt, seq }: SettleRecord & { readonly seq: number },
): readonly JournalRecord[] {
  const before = records.filter((record) => record.runId === runId && record.seq < seq)
  const settled = new Set(
    before.map((record) =>
      record.kind === 'settle' && record.outcome !== 'failed' ? record.messageId : undefined,
    ),
  )
  const isThere = (id: string) => id === messageId || settled.has(id)
  return before.flatMap((record): readonly JournalRecord[] => {
    switch (record.kind) {
      case 'run.opened':
        // Its budget and its deadline have been kept already.
        return [{ ...record, limits: { maxHops: record.limits.maxHops } }]
      case 'message':
        return isThere(record.message.id) ? [record] : []
      case 'settle':
        return isThere(record.messageId) ? [record] : []
      case 'start':
        return []
      case 'log':
        return record.messageId === messageId && record.attempt === attempt ? [] : [record]
      default:
        return [record]
    }
  })
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
