import type { JournalReader } from '../journal.ts'
import type { JournalRecord } from '../records.ts'

/** What opened the run, and its root message. */
export async function firstRecords(
  journal: JournalReader,
  runId: string,
): Promise<readonly JournalRecord[]> {
  const records: JournalRecord[] = []
  for await (const record of journal.read({ runId })) {
    records.push(record)
    if (record.kind === 'message') break
  }
  return records
}

/** The terminal message, if it has one, and its end. */
export async function lastRecords(
  journal: JournalReader,
  runId: string,
): Promise<readonly JournalRecord[]> {
  const records: JournalRecord[] = []
  for await (const record of journal.read({ runId, last: 2 })) records.push(record)
  return records.slice(-2)
}
