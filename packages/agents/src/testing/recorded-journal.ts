import {
  createMemoryJournal,
  type Journal,
  type JournalRecord,
  messageOfDelivery,
  type SettleRecord,
} from '@nanoagent/bus'

/**
 * The run as it was right before a settlement. What bounds the run, and what the attempt has logged, is
 * left out, so that the attempt can be made again.
 */
export function recordsBefore(
  records: readonly JournalRecord[],
  settlement: SettleRecord & { readonly seq: number },
): readonly JournalRecord[] {
  const { runId, messageId, attempt, seq } = settlement
  const before = records.filter((record) => record.runId === runId && record.seq < seq)
  const asked = new Set(
    before.flatMap((record) =>
      record.kind === 'message' &&
      record.asked?.attempt === attempt &&
      record.message.causationId === messageOfDelivery(messageId)
        ? record.message.id
        : [],
    ),
  )
  return before.flatMap((record): readonly JournalRecord[] => {
    switch (record.kind) {
      case 'run.opened':
        // Its budget and its deadline have been kept already.
        return [{ ...record, limits: { maxHops: record.limits.maxHops } }]
      case 'start':
        return []
      case 'log':
        return record.messageId === messageId && record.attempt === attempt ? [] : [record]
      case 'settle':
        // The end of an attempt cancels what it has asked, right before its own record where it is dead.
        return asked.has(record.messageId) && record.error?.code === 'asker_done' ? [] : [record]
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
    lastSeq: async () => seq,
    async *runs() {},
    memory: createMemoryJournal().memory,
    acquire: async (runId, owner) => ({ runId, epoch: 2, owner }),
    renew: async () => true,
    release: async () => {},
    close,
    [Symbol.asyncDispose]: close,
  }
}
