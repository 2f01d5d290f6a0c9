import {
  type ForkOrigin,
  type Journal,
  type JournalRecord,
  NotForkableError,
  recordsInRun,
} from '@nanoagent/bus'
import { openingOf } from '../replay.ts'
import { orchestratorAt, type RunAgainOptions, runAgain } from './run-again.ts'

/**
 * Makes a recorded fork again: runs the request of its parent again, under the parent's id, and forks that at the
 * same message, with what the fork had put there. Throws a `NotForkableError` where there is no such message, and
 * where the parent was a fork that had changed something itself, which no record tells how to make again.
 */
export async function forkAgain(
  recorded: readonly JournalRecord[],
  { runId: parent, messageId, memory }: ForkOrigin,
  journal: Journal,
  { signal, ...options }: RunAgainOptions,
) {
  const opening = openingOf(recorded)
  const asParent = recordsInRun(recorded, parent)
  const edited = asParent.flatMap((record) =>
    record.kind === 'message' && 'original' in record ? record.message : [],
  )
  if (edited.some(({ id }) => id !== messageId)) {
    throw new NotForkableError(parent, 'it was a fork itself, with another message changed')
  }
  const { forkedFrom: _, ...others } = opening
  const parentOpening = {
    ...others,
    runId: parent,
    at: memory?.until ?? sentAt(recorded) ?? opening.at,
    ...(memory === undefined ? {} : { thread: memory.thread }),
  }
  const signals = signal === undefined ? {} : { signal }
  await runAgain([parentOpening, ...asParent.slice(1)], asParent, journal, {
    ...options,
    ...signals,
  })
  signal?.throwIfAborted()
  await using orchestrator = orchestratorAt(opening, madeAnew(recorded), journal, options)
  const [message] = edited
  const fork = await orchestrator.fork(parent, {
    ...opening.limits,
    runId: opening.runId,
    at: messageId,
    ...(message === undefined ? {} : { data: message.data }),
    ...signals,
  })
  return await fork.result
}

/** When the first message was sent, which was when the parent was opened. */
function sentAt(records: readonly JournalRecord[]): number | undefined {
  return records.find((record) => record.kind === 'message')?.message.sentAt
}

/** What the fork has not been served: what comes after it began to go on. */
function madeAnew(records: readonly JournalRecord[]): readonly JournalRecord[] {
  const from = records.findIndex((record) => {
    return record.kind === 'run.reopened' && record.revived.length === 0
  })
  return from === -1 ? [] : records.slice(from)
}
