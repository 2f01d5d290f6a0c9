import { describe, ImportError, JournalConflictError } from '../errors.ts'
import type { Journal } from '../journal.ts'
import { type Runtime, systemRuntime } from '../runtime.ts'
import {
  ExportReader,
  type OpenExport,
  type SecretsOptions,
  type WrittenRun,
} from './read-export.ts'

/** How runs are imported. */
export interface ImportOptions extends SecretsOptions {
  /** Is told after each run, once while all are checked and once while they are stored. */
  readonly onRun?: (step: 'checked' | 'stored', report: ImportReport) => void
  /** Whether everything is only checked, and nothing stored. Default false. */
  readonly isDryRun?: boolean
  readonly runtime?: Pick<Runtime, 'newId'>
}

/** What was imported. */
export interface ImportReport {
  readonly runs: number
  readonly records: number
  /** Runs that have not ended, and can be resumed. */
  readonly open: number
}

/**
 * Stores what `exportRuns` has written: the same records in the same order, with numbers of this journal.
 * Runs that have not ended are open and owned by nobody. It is read twice, by opening it anew, one run in
 * memory at a time: everything is checked before anything is stored. Throws an `ImportError` where
 * something is not as it should be, or where the journal knows a run already, and a `NewerVersionError`
 * for records of a newer format; then nothing was stored.
 */
export async function importRuns(
  journal: Journal,
  open: OpenExport,
  options: ImportOptions = {},
): Promise<ImportReport> {
  const { onRun, isDryRun = false, runtime = systemRuntime } = options
  const reader = new ExportReader(open, options)
  const checked = new Tally((report) => onRun?.('checked', report))
  for await (const run of reader.runs()) {
    await assertUnknown(journal, run)
    checked.add(run)
  }
  if (isDryRun) return checked.report
  const owner = runtime.newId()
  const stored = new Tally((report) => onRun?.('stored', report))
  for await (const run of reader.runs()) {
    await store(journal, run, owner)
    stored.add(run)
  }
  return stored.report
}

class Tally {
  report: ImportReport = { runs: 0, records: 0, open: 0 }
  readonly #onRun: (report: ImportReport) => void

  constructor(onRun: (report: ImportReport) => void) {
    this.#onRun = onRun
  }

  add({ records, hasEnded }: WrittenRun): void {
    const { runs, records: before, open } = this.report
    this.report = {
      runs: runs + 1,
      records: before + records.length,
      open: open + (hasEnded ? 0 : 1),
    }
    this.#onRun(this.report)
  }
}

async function assertUnknown(journal: Journal, { runId, line }: WrittenRun): Promise<void> {
  for await (const known of journal.runs({ idPrefix: runId })) {
    if (known.runId !== runId) continue
    throw new ImportError(`run ${runId} is in the journal already`, line)
  }
}

async function store(
  journal: Journal,
  { runId, records, hasEnded, line }: WrittenRun,
  owner: string,
): Promise<void> {
  const lease = { runId, epoch: 1, owner }
  try {
    await journal.append(records, lease)
  } catch (error) {
    if (!(error instanceof JournalConflictError)) throw error
    throw new ImportError(describe(error), line, { cause: error })
  }
  if (!hasEnded) await journal.release(lease)
}
