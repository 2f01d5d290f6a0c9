import { AssertionError } from 'node:assert'
import { fileURLToPath } from 'node:url'
import {
  type CheckedRun,
  type CheckReport,
  type CheckRunsOptions,
  checkRuns,
} from '../checking/check-runs.ts'
import { describeCheckedRun } from '../checking/describe-run.ts'
import { runFiles } from '../checking/run-files.ts'

/** Most runs that a failure shows. */
const MOST_SHOWN = 10

/** Which recorded runs a test checks, and how. */
export interface CheckRecordedRunsOptions extends Omit<CheckRunsOptions, 'files' | 'onRun'> {
  /**
   * A folder with files of `nanoagent export` or `exportRuns` that end in `.jsonl`, in it or in folders in
   * it; or one such file. From the working directory where it is no URL and not absolute.
   */
  readonly folder: string | URL
}

/**
 * Replays recorded runs with the team of today. Throws an `AssertionError` where one of them is not replayed
 * alike, cannot be replayed or cannot be read: it says in which file, at which message and step, what was
 * expected and what it is now, and why. Throws one, too, where there are no runs.
 */
export async function checkRecordedRuns({
  folder,
  ...options
}: CheckRecordedRunsOptions): Promise<CheckReport> {
  const path = typeof folder === 'string' ? folder : fileURLToPath(folder)
  const report = await checkRuns({ ...options, files: await runFiles(path) })
  const { runs } = report
  if (runs.length === 0) {
    fail(`there are no recorded runs in ${path}: write some there with nanoagent export`)
  }
  const failed = runs.filter(({ status }) => status !== 'identical')
  if (failed.length > 0) {
    const [first] = failed.flatMap(({ divergence }) => divergence ?? [])
    fail(messageOf(path, failed, runs.length), first)
  }
  if (!report.isComplete) fail(`the check of the recorded runs in ${path} was ended early`)
  return report
}

function messageOf(path: string, failed: readonly CheckedRun[], count: number): string {
  const more = failed.length - MOST_SHOWN
  const verb = failed.length === 1 ? 'is' : 'are'
  return [
    `${failed.length} of ${count} recorded runs in ${path} ${verb} not replayed alike:`,
    ...failed.slice(0, MOST_SHOWN).flatMap((run) => describeCheckedRun(run)),
    ...(more > 0 ? [`and ${more} more`] : []),
  ].join('\n')
}

function fail(
  message: string,
  { expected, actual }: { readonly expected?: unknown; readonly actual?: unknown } = {},
): never {
  throw new AssertionError({
    message,
    expected,
    actual,
    operator: 'checkRecordedRuns',
    stackStartFn: checkRecordedRuns,
  })
}
