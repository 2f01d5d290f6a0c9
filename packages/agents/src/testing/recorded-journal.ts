import {
  type Journal,
  type JournalMemory,
  type JournalRecord,
  type MemoryRecord,
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

/** A journal that has these records and remembers what was before, and tells what is added to it. */
export function recordedJournal(
  records: readonly JournalRecord[],
  {
    remembered,
    onRecord,
  }: {
    readonly remembered: readonly MemoryRecord[]
    readonly onRecord: (record: JournalRecord) => void
  },
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
    memory: new RecordedMemory([...remembered, ...records]),
    acquire: async (runId, owner) => ({ runId, epoch: 2, owner }),
    renew: async () => true,
    release: async () => {},
    close,
    [Symbol.asyncDispose]: close,
  }
}

/** Has what was read, by id: that is all that steps which are served ask for. */
class RecordedMemory implements JournalMemory {
  readonly #records = new Map<string, MemoryRecord>()

  constructor(records: readonly (JournalRecord | MemoryRecord)[]) {
    for (const record of records) if (record.kind === 'memory') this.#records.set(record.id, record)
  }

  async get(): Promise<undefined> {}

  async read(id: string): Promise<MemoryRecord | undefined> {
    return this.#records.get(id)
  }

  async search(): Promise<readonly MemoryRecord[]> {
    return []
  }

  async *list(): AsyncIterable<MemoryRecord> {}

  async forget(): Promise<readonly MemoryRecord[]> {
    return []
  }

  fingerprint(): string {
    return ''
  }
}
