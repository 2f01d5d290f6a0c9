import { JournalConflictError } from '../errors.ts'
import { copyPath } from '../paths.ts'
import type { RecordDraft } from '../records.ts'

/** Ids of the deliveries of one run, and whether they are settled. */
export type Settled = Map<string, boolean>

/** What the stored records of a run have settled. */
export function settledIn(records: Iterable<RecordDraft>): Settled {
  const settled: Settled = new Map()
  for (const record of records) note(settled, record)
  return settled
}

/**
 * Throws a `JournalConflictError` where a batch breaks a rule of its run's log, before anything of it is
 * stored; `settled` is of no use then. Otherwise it is up to date, and the result says whether the run
 * is over by the batch's end.
 */
export function checkBatch(
  { runId, ended }: { readonly runId: string; readonly ended: boolean },
  settled: Settled,
  batch: readonly RecordDraft[],
): boolean {
  let isOver = ended
  for (const record of batch) {
    if (record.runId !== runId) {
      throw new JournalConflictError(runId, `a record of run ${record.runId} is in its batch`)
    }
    if (isOver && record.kind !== 'run.reopened') {
      throw new JournalConflictError(runId, `it has ended, a ${record.kind} is too late`)
    }
    isOver = note(settled, record)
  }
  return isOver
}

/** Notes what a record settles, and says whether it ends its run. Throws where it settles nothing. */
function note(settled: Settled, record: RecordDraft): boolean {
  switch (record.kind) {
    case 'message': {
      const { message, copies, runId } = record
      const { size } = settled
      settled.set(message.id, false)
      if (settled.size === size) {
        throw new JournalConflictError(runId, `message ${message.id} is stored already`)
      }
      if (copies !== undefined) {
        for (const listener of copies) settled.set(copyPath(message.id, listener), false)
      }
      return false
    }
    case 'settle': {
      const { messageId, outcome, runId } = record
      const isSettled = settled.get(messageId)
      if (isSettled !== false) {
        const problem = isSettled
          ? `message ${messageId} is settled already`
          : `no message ${messageId} to settle`
        throw new JournalConflictError(runId, problem)
      }
      if (outcome !== 'failed') settled.set(messageId, true)
      return false
    }
    case 'run.reopened':
      for (const id of record.revived) {
        if (settled.get(id) !== true) {
          throw new JournalConflictError(
            record.runId,
            `${id} is not settled, so nothing revives it`,
          )
        }
        settled.set(id, false)
      }
      return false
    default:
      return record.kind === 'run.ended'
  }
}
