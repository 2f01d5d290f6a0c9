import { DatabaseSync } from 'node:sqlite'
import { expect, test } from 'vitest'
import { temporaryFolder } from '../../test/temporary-folder.ts'
import { collect } from '../testing/contract/collect.ts'
import { log, openRun } from '../testing/contract/drafts.ts'
import { openJournal } from './open-journal.ts'

/** A line that the database does not store, as if its disk were full. */
const POISON = 13

function refusePoison(path: string): void {
  const database = new DatabaseSync(path)
  database.exec(`CREATE TRIGGER poison BEFORE INSERT ON batches
    WHEN new.records LIKE '%line ${POISON}%' BEGIN SELECT RAISE(ABORT, 'poison'); END`)
  database.close()
}

test('a transaction that failed leaves no gap in the numbers', async () => {
  using folder = temporaryFolder()
  const path = folder.file('journal.db')
  await using journal = await openJournal(path)
  const [a, b, c] = [
    await openRun(journal, 'a'),
    await openRun(journal, 'b'),
    await openRun(journal, 'c'),
  ]
  refusePoison(path)
  const before = await journal.lastSeq()
  const together = await Promise.allSettled([
    journal.append([log('a', 1)], a),
    journal.append([log('b', POISON)], b),
  ])
  expect(together.map(({ status }) => status)).toEqual(['rejected', 'rejected'])
  const [stored] = await journal.append([log('c', 1)], c)
  expect(stored?.seq).toBe(before + 1)
  expect((await collect(journal.read({ after: before }))).map(({ seq }) => seq)).toEqual([
    before + 1,
  ])
  expect((await journal.verify()).problems).toEqual([])
})
