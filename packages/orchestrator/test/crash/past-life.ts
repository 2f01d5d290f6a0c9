import type { JournalRecord } from '@nanoagent/bus'
import { openJournal } from '@nanoagent/bus/sqlite'
import type { Life } from './life.ts'
import type { Aftermath, PastLife } from './losses.ts'

/** What a life tells of itself once it is over. */
export function pastLife({ name, seed, reports }: Life): PastLife {
  const opened = reports.find(({ what }) => what === 'opened')
  return {
    ...{ name, seed },
    lastSeq: opened?.what === 'opened' ? opened.lastSeq : Number.POSITIVE_INFINITY,
    acknowledged: reports.flatMap((said) => (said.what === 'acknowledged' ? said.records : [])),
  }
}

/** Everything that a journal in a file has, and what is wrong with it. */
export async function readJournal(path: string): Promise<Pick<Aftermath, 'records' | 'problems'>> {
  await using journal = await openJournal(path, { mode: 'read' })
  const { problems } = await journal.verify()
  const records: JournalRecord[] = []
  for await (const record of journal.read()) records.push(record)
  return { records, problems }
}
