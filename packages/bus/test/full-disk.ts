import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { openJournal } from '../src/sqlite/open-journal.ts'
import { log, openRun } from '../src/testing/contract/drafts.ts'

// Fills the disk of the folder that it is given while runs are written there, and prints what comes of it.
const [, , folder = ''] = process.argv
const outcome = (promise: Promise<unknown>) =>
  promise.then(
    () => 'stored',
    ({ code }: { readonly code: string }) => code,
  )
const line = (runId: string, number: number) => {
  const record = log(runId, number)
  return [record.kind === 'log' ? { ...record, text: 'x'.repeat(20_000) } : record]
}
const results: Record<string, unknown> = {}
const journal = await openJournal(join(folder, 'journal.db'))
const [a, b] = [await openRun(journal, 'a'), await openRun(journal, 'b')]
writeFileSync(join(folder, 'filler'), Buffer.alloc(500_000))
let stored = 0
while ((await outcome(journal.append(line('a', stored + 1), a))) === 'stored') stored++
results.full = await Promise.all([
  outcome(journal.append(line('a', stored + 1), a)),
  outcome(journal.append(line('b', 1), b)),
  outcome(openRun(journal, 'c')),
])
rmSync(join(folder, 'filler'))
results.room = await Promise.all([
  outcome(journal.append(line('a', stored + 2), a)),
  outcome(openRun(journal, 'd')),
])
await journal.release(a)
const again = await journal.acquire('a', 'other')
if (again !== undefined) results.again = await outcome(journal.append(line('a', stored + 1), again))
const numbers: number[] = []
for await (const record of journal.read({ runId: 'a' })) {
  if (record.kind === 'log') numbers.push(record.number)
}
results.isWhole = numbers.every((number, index) => number === index + 1) && numbers.length > stored
results.problems = (await journal.verify()).problems
await journal.close()
process.stdout.write(JSON.stringify(results))
