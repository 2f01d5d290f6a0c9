import { ImportError, ImportStoppedError } from '../errors.ts'
import type { Journal } from '../journal.ts'
import { isFingerprint } from '../memory-steps.ts'
import type { RecordDraft } from '../records.ts'
import { type Runtime, systemRuntime } from '../runtime.ts'
import {
  ExportReader,
  type OpenExport,
  type SecretsOptions,
  type WrittenRun,
} from './read-export.ts'

/** What runs are imported into. */
export interface ImportTarget extends Pick<Journal, 'runs' | 'append' | 'release'> {
  /** What is left of a run that was pruned; `undefined` where it was not. */
  pruned?(runId: string): Promise<unknown>
}

/** How runs are imported. */
export interface ImportOptions extends SecretsOptions {
  /** Whether runs that the journal has, or had before they were pruned, are left out. Default false. */
  readonly skipsKnown?: boolean
  /** Whether everything is only checked, and nothing stored. Default false. */
  readonly isDryRun?: boolean
  /** Is told after each run, once while all are checked and once while they are stored. */
  readonly onRun?: (step: 'checked' | 'stored', report: ImportReport) => void
  readonly runtime?: Pick<Runtime, 'newId'>
}

/** What was imported. */
export interface ImportReport {
  readonly runs: number
  readonly records: number
  /** Those of the runs that have not ended, and can be resumed. */
  readonly open: number
  /** Runs that were left out because they are known. */
  readonly known: number
  /**
   * Fingerprints of secrets that were taken for the memory of threads. They were made with the key of the
   * journal that the runs come from, and match nothing in a journal that has another one.
   */
  readonly fingerprints: number
}

const NOTHING: ImportReport = Object.freeze({
  runs: 0,
  records: 0,
  open: 0,
  known: 0,
  fingerprints: 0,
})

/**
 * Stores what `exportRuns` has written: the same records in the same order, with numbers of this journal.
 * Runs that have not ended are open and owned by nobody. It is read twice, by opening it anew, one run in
 * memory at a time: everything is checked before anything is stored.
 *
 * Throws an `ImportError` where something is not as it should be or the journal knows a run already, and
 * a `NewerVersionError` for records of a newer format: then nothing was stored. Where the journal fails in
 * the middle it throws an `ImportStoppedError`: the runs before that are stored, each of them whole.
 */
export async function importRuns(
  journal: ImportTarget,
  open: OpenExport,
  options: ImportOptions = {},
): Promise<ImportReport> {
  const { onRun, isDryRun = false, skipsKnown = false, runtime = systemRuntime } = options
  const reader = new ExportReader(open, options)
  let checked = NOTHING
  for await (const run of reader.runs()) {
    const isKnown = await isIn(journal, run.runId)
    if (isKnown && !skipsKnown) {
      throw new ImportError(
        `the journal has run ${run.runId}, or had it: skip what it knows, or take another journal`,
        run.line,
      )
    }
    checked = counted(checked, run, isKnown)
    onRun?.('checked', checked)
  }
  if (isDryRun) return checked
  const owner = runtime.newId()
  let stored = NOTHING
  for await (const run of reader.runs()) {
    const isKnown = skipsKnown && (await isIn(journal, run.runId))
    if (!isKnown) await store(journal, run, { owner, before: stored.runs })
    stored = counted(stored, run, isKnown)
    onRun?.('stored', stored)
  }
  return stored
}

function counted(
  report: ImportReport,
  { records, hasEnded }: WrittenRun,
  isKnown: boolean,
): ImportReport {
  if (isKnown) return { ...report, known: report.known + 1 }
  return {
    ...report,
    runs: report.runs + 1,
    records: report.records + records.length,
    open: report.open + (hasEnded ? 0 : 1),
    fingerprints: report.fingerprints + fingerprintsIn(records),
  }
}

function fingerprintsIn(records: readonly RecordDraft[]): number {
  const [opened] = records
  if (opened?.kind !== 'run.opened' || opened.thread === undefined) return 0
  return records.filter((record) => record.kind === 'step' && isFingerprint(record)).length
}

async function isIn(journal: ImportTarget, runId: string): Promise<boolean> {
  for await (const known of journal.runs({ idPrefix: runId }))
    if (known.runId === runId) return true
  return (await journal.pruned?.(runId)) !== undefined
}

async function store(
  journal: ImportTarget,
  { runId, records, hasEnded }: WrittenRun,
  { owner, before }: { readonly owner: string; readonly before: number },
): Promise<void> {
  const lease = { runId, epoch: 1, owner }
  try {
    await journal.append(records, lease)
    if (!hasEnded) await journal.release(lease)
  } catch (error) {
    throw new ImportStoppedError(runId, before, error)
  }
}
