import { UnknownRunError } from '../errors.ts'
import type { JournalReader } from '../journal.ts'
import type { JournalRecord } from '../records.ts'
import { type CausalGraph, causalGraph } from './graph.ts'
import { type RunSummary, summaryOf } from './run-summary.ts'

/** One run, read whole. */
export interface RunReading {
  readonly runId: string
  /** In journal order. */
  readonly records: readonly JournalRecord[]
  readonly graph: CausalGraph
  readonly summary: RunSummary
}

/**
 * Reads a run of the journal, also an open one as far as it got. Takes its whole id; rejects with an
 * `UnknownRunError` where there is none, see `findRun`.
 */
export async function readRun(journal: JournalReader, runId: string): Promise<RunReading> {
  const records = await Array.fromAsync(journal.read({ runId }))
  const summary = summaryOf(records)
  if (summary === undefined) throw new UnknownRunError(runId)
  return { runId, records, graph: causalGraph(records), summary }
}
