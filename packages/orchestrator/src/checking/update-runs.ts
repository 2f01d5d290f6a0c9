import type { Model, Team } from '@nanoagent/agents'
import {
  causalGraph,
  diffRuns,
  type JournalRecord,
  type RunOpenedRecord,
  type RunsDiff,
} from '@nanoagent/bus'
import { openingOf } from '../replay.ts'
import type { CheckedRun } from './check-runs.ts'
import { type Rerecorded, rerecordRun } from './rerecord-run.ts'
import { type RewriteOptions, rewriteFile } from './rewrite-file.ts'
import type { RunsFileOnDisk } from './run-files.ts'

/** Who makes a run anew. */
export interface RunMaker {
  readonly team: Team
  readonly model: Model
  /** What to keep with the run in place of what is kept with it: JSON. */
  readonly about?: Readonly<Record<string, unknown>>
}

/** How recorded runs are brought up to date. */
export interface UpdateRunsOptions {
  readonly files: Iterable<RunsFileOnDisk>
  /** What `checkRuns` has found in these files. */
  readonly runs: Iterable<CheckedRun>
  /** Who makes a run anew, or what finds that for each. */
  readonly by: RunMaker | ((run: RunOpenedRecord) => RunMaker | Promise<RunMaker>)
  /** Opens the values of secrets and seals them again, in files where they are sealed. */
  readonly passphrase?: string | (() => Promise<string>)
  /** Gets what came of each run, once its file is written. */
  readonly onRun?: (run: UpdatedRun) => void
  /** Ends it early; the file that is under way stays as it is. */
  readonly signal?: AbortSignal
}

/** What came of a run that has diverged. */
export interface UpdatedRun {
  /** The name of its file. */
  readonly file: string
  /** Of its first record as it was. */
  readonly line: number
  readonly runId: string
  /** What differs between the run as it was and as it is; absent where it stays as it was. */
  readonly diff?: RunsDiff
  /** Present where it stays as it was: why. */
  readonly reason?: string
}

/**
 * Records the runs of a check that have diverged anew, with the team of today and a model that answers what
 * they have not asked before, and writes their files anew: each whole, or as it was. Files without such a run
 * are not touched, nor are those that cannot be read to their end. A run stays as it was where it would end
 * worse than before, or where it is not replayed alike even then, or where that takes the values of secrets
 * that its file does not have. Tools are called. A fork is made again from a new run of its parent's request,
 * unless that has no such message any more, or its parent was a fork that had changed another one.
 *
 * Rejects with the signal's reason once that aborts, with an `ImportError` where a file has changed since the
 * check and cannot be read, and with the system's error where one cannot be written.
 */
export async function updateRuns(options: UpdateRunsOptions): Promise<readonly UpdatedRun[]> {
  const byFile = Map.groupBy(options.runs, ({ file }) => file)
  const all: UpdatedRun[] = []
  for (const file of options.files) {
    const runs = byFile.get(file.name) ?? []
    const diverged = runs.filter(({ status }) => status === 'diverged')
    if (diverged.length === 0) continue
    const isBroken = runs.some(({ status }) => status === 'unreadable')
    const updated = isBroken
      ? diverged.map(keptOfBroken)
      : await updateFile(file, diverged, options)
    for (const run of updated) {
      all.push(run)
      options.onRun?.(run)
    }
  }
  return all
}

function keptOfBroken({ file, runId = '', line = 0 }: CheckedRun): UpdatedRun {
  return { file, runId, line, reason: 'its file cannot be read to its end: mend that first' }
}

async function updateFile(
  file: RunsFileOnDisk,
  diverged: readonly CheckedRun[],
  { by, passphrase, signal }: UpdateRunsOptions,
): Promise<readonly UpdatedRun[]> {
  const meant = new Set(diverged.map(({ runId }) => runId))
  const updated: UpdatedRun[] = []
  const threads = new Map<string, JournalRecord[][]>()
  const change: RewriteOptions['change'] = async ({ runId, records, line }, { isSealed }) => {
    signal?.throwIfAborted()
    const opening = openingOf(records)
    const { thread = opening.forkedFrom?.memory?.thread ?? '' } = opening
    const earlier = threads.get(thread) ?? []
    const made = meant.has(runId)
      ? await rerecordRun(records, {
          ...(typeof by === 'function' ? await by(opening) : by),
          earlier,
          isSealed,
          ...(signal === undefined ? {} : { signal }),
        })
      : undefined
    if (made !== undefined) updated.push({ file: file.name, line, runId, ...cameOf(records, made) })
    const now = made !== undefined && 'records' in made ? made.records : undefined
    if (opening.thread !== undefined)
      threads.set(opening.thread, [...earlier, [...(now ?? records)]])
    return now
  }
  await rewriteFile(file, { change, ...(passphrase === undefined ? {} : { passphrase }) })
  return updated
}

function cameOf(before: readonly JournalRecord[], made: Rerecorded) {
  if ('reason' in made) return { reason: made.reason }
  return { diff: diffRuns(causalGraph(before), causalGraph(made.records)) }
}
