import type { JournalRecord } from '../records.ts'
import { ExportReader, type OpenExport, type SecretsOptions } from './read-export.ts'

/** A run as `exportRuns` has written it. */
export interface ExportedRun {
  readonly runId: string
  /** In their order, with numbers of their own from 1. */
  readonly records: readonly JournalRecord[]
  /** The line of its first record, from 1. */
  readonly line: number
}

/**
 * Reads what `exportRuns` has written, in its order, one run in memory at a time. Throws an `ImportError`
 * where something is not as it should be, after the runs before that, and a `NewerVersionError` for records
 * of a newer format. Whether the end is missing is known at the end alone.
 */
export async function* readExport(
  open: OpenExport,
  options: SecretsOptions = {},
): AsyncGenerator<ExportedRun> {
  for await (const { runId, records, line } of new ExportReader(open, options).runs()) {
    yield { runId, records: records.map((record, index) => ({ ...record, seq: index + 1 })), line }
  }
}
