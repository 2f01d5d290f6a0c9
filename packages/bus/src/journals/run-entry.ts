import type { RunEntry, RunsQuery } from '../journal.ts'
import type { JournalRecord, RunOpenedRecord } from '../records.ts'

/** The team that a run's record names; absent where it names none. */
export function teamOf({ about }: RunOpenedRecord): string | undefined {
  return typeof about.team === 'string' ? about.team : undefined
}

/** A run as listings have it, from its records; `undefined` where they are not those of a run. */
export function entryOf(records: readonly JournalRecord[]): RunEntry | undefined {
  const [opened] = records
  if (opened?.kind !== 'run.opened') return undefined
  const { runId, at: openedAt, thread, forkedFrom } = opened
  const team = teamOf(opened)
  const last = records.at(-1)
  return {
    runId,
    openedAt,
    ...(last?.kind === 'run.ended'
      ? { status: last.status, endedAt: last.at }
      : { status: 'open' as const }),
    ...(thread === undefined ? {} : { thread }),
    ...(team === undefined ? {} : { team }),
    ...(forkedFrom === undefined ? {} : { forkedFrom: forkedFrom.runId }),
  }
}

/** Whether a query asks for a run. */
export function isListed(
  { runId, openedAt, status, thread, team, forkedFrom }: RunEntry,
  query: RunsQuery,
): boolean {
  return (
    (query.status === undefined || query.status.includes(status)) &&
    (query.thread === undefined || query.thread === thread) &&
    (query.team === undefined || query.team === team) &&
    (query.forkedFrom === undefined || query.forkedFrom === forkedFrom) &&
    (query.idPrefix === undefined || runId.startsWith(query.idPrefix)) &&
    (query.since === undefined || openedAt >= query.since) &&
    (query.until === undefined || openedAt < query.until)
  )
}
