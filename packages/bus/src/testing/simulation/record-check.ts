import { RunCheck } from '../../journals/run-check.ts'
import type { JournalRecord } from '../../records.ts'
import type { World } from './world.ts'

/** Checks that an import would take what is recorded of a run. */
export function checkRecords({ findings }: World, records: readonly JournalRecord[]): void {
  const [first] = records
  if (first === undefined) return
  const check = new RunCheck(first.runId)
  for (const record of records) {
    const problem = check.problemOf(record)
    if (problem !== undefined) findings.break('fits-its-run', `record ${record.seq}: ${problem}`)
  }
  const missing = check.missing()
  if (missing !== undefined) findings.break('fits-its-run', missing)
}
