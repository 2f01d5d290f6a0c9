import {
  createMemoryJournal,
  type Journal,
  type JournalRecord,
  type MemoryRecord,
  memoryPath,
  RECORD_VERSION,
  toData,
} from '@nanoagent/bus'

/** What a role remembers, by key: JSON with secrets. */
export type RememberedValues = Readonly<Record<string, unknown>>

/** The thread of runs that are given memory. */
export const GIVEN_THREAD = 'given'

/** The run that has written what is given. */
const BEFORE = 'before'

/** What roles remember, as an earlier run of the thread would have written it. */
export function givenMemories(
  given: Readonly<Record<string, RememberedValues>>,
): readonly MemoryRecord[] {
  const entries = Object.entries(given).flatMap(([role, values]) =>
    Object.entries(values).map(([key, value]) => ({ role, key, value })),
  )
  return entries.map(({ role, key, value }, index): MemoryRecord => {
    const id = memoryPath(BEFORE, index + 1)
    let secrets = 0
    return {
      kind: 'memory',
      runId: BEFORE,
      at: 0,
      messageId: BEFORE,
      attempt: 1,
      id,
      role,
      thread: GIVEN_THREAD,
      key,
      value: toData(value, (secret) => secret.name(`secret:${id}#${++secrets}`)),
    }
  })
}

/** A journal with a run that has written them. */
export async function journalWith(memories: readonly MemoryRecord[]): Promise<Journal> {
  const journal = createMemoryJournal()
  const [runId, at] = [BEFORE, 0]
  const limits = { maxHops: 1 }
  const usage = { inputTokens: 0, outputTokens: 0, modelCalls: 0, toolCalls: 0 }
  const opened = { version: RECORD_VERSION, terminal: 'done', limits, seed: 0, about: {} }
  await journal.append(
    [
      { kind: 'run.opened', runId, at, thread: GIVEN_THREAD, ...opened },
      ...memories.map((memory) => ({ ...memory })),
      { kind: 'run.ended', runId, at, status: 'completed', usage },
    ],
    { runId, epoch: 1, owner: BEFORE },
  )
  return journal
}

/** What roles have written in these records, by role and key. */
export function writtenIn(
  records: readonly JournalRecord[],
): Readonly<Record<string, RememberedValues>> {
  const written: Record<string, Record<string, unknown>> = {}
  for (const record of records) {
    if (record.kind !== 'memory') continue
    written[record.role] = { ...written[record.role], [record.key]: record.value }
  }
  return written
}
