import type { Team } from '@nanoagent/agents'
import {
  BusError,
  InvalidOptionError,
  NotReplayableError,
  type RunOpenedRecord,
  type SecretsOptions,
} from '@nanoagent/bus'
import { assertAtOnce } from '../at-once.ts'
import {
  openingOf,
  type ReplayDivergence,
  type ReplayRunOptions,
  type ReplayVerdict,
  replayRun,
} from '../replay.ts'
import { cutDivergence } from './cut-divergence.ts'
import { type BrokenFile, type RecordedRun, recordedRuns } from './recorded-runs.ts'
import type { RunsFile } from './run-files.ts'

/** How recorded runs are checked. */
export interface CheckRunsOptions
  extends SecretsOptions,
    Pick<ReplayRunOptions, 'attempts' | 'toolRounds' | 'corrections' | 'patienceMs'> {
  /** Read one after the other, each as it comes to it. */
  readonly files: Iterable<RunsFile> | AsyncIterable<RunsFile>
  /**
   * The team as it is now, or what finds that of a run, which may throw a `NotReplayableError`.
   */
  readonly team: Team | ((run: RunOpenedRecord) => Team)
  /** Most runs in memory, and being replayed, at once. Default 4. */
  readonly atOnce?: number
  /**
   * Gets what came of each run, in the order of the report, as soon as that is known of all up to it; and how
   * many there were of each kind so far.
   */
  readonly onRun?: (run: CheckedRun, counts: CheckCounts) => void
  /** Ends the check early. */
  readonly signal?: AbortSignal
}

/** What came of a run, or of a file that cannot be read further. */
export type CheckedRun = CheckedOutcome & {
  /** The name of its file. */
  readonly file: string
  /** Of its first record, or of what cannot be read; from 1, absent where it is no single one. */
  readonly line?: number
  /** Absent where it is `unreadable`. */
  readonly runId?: string
  /** Whole milliseconds. */
  readonly durationMs: number
}

/** What a run comes to, as of a replay; `unreadable` where a file is broken, from there on. */
export type CheckedOutcome =
  | { readonly status: 'identical'; readonly reason?: never; readonly divergence?: never }
  | {
      readonly status: 'diverged'
      readonly reason?: never
      /**
       * The first one in causal order. Long parts of it are cut, so that a check holds little of each run: texts
       * to 500 characters, from a little before where they differ, each field of `expected` and `actual` to
       * 1,000, and `differences` to 20. `replayRun` gives the whole of it.
       */
      readonly divergence: ReplayDivergence
      /** Present where more fields differ than `divergence` has: how many more. */
      readonly moreFields?: number
    }
  | {
      readonly status: 'not_replayable' | 'unreadable'
      /** Why. */
      readonly reason: string
      readonly divergence?: never
    }

/** How many runs came to what; `unreadable` counts files. */
export type CheckCounts = Readonly<Record<CheckedRun['status'], number>>

/** What came of a check. */
export interface CheckReport {
  readonly counts: CheckCounts
  /** In the order of their files, and in that of a file. */
  readonly runs: readonly CheckedRun[]
  /** False where it was ended early; then what was under way is left out. */
  readonly isComplete: boolean
}

/**
 * Replays recorded runs, several at once, with the team of today: see `replayRun`. Of each only what came
 * of it is kept, and that is bounded. A run knows what earlier runs of its file have remembered. A file that is broken counts as
 * one that failed, and the others are checked; the check rejects where a passphrase or a team cannot be had,
 * and with an `InvalidOptionError` where it cannot be made so.
 */
export async function checkRuns(options: CheckRunsOptions): Promise<CheckReport> {
  const { atOnce = 4, onRun, signal } = options
  assertAtOnce('atOnce', atOnce)
  const counts = { identical: 0, diverged: 0, not_replayable: 0, unreadable: 0 }
  const runs: CheckedRun[] = []
  // What comes after one that is under way, by its place.
  const later = new Map<number, CheckedRun>()
  const items = recordedRuns(options.files, options)
  const work = async () => {
    for await (const item of items) {
      const run = await checkItem(item, options)
      if (signal?.aborted === true) return
      later.set(item.place, run)
      tell()
    }
  }
  const tell = () => {
    for (let next = later.get(runs.length); next !== undefined; next = later.get(runs.length)) {
      later.delete(runs.length)
      counts[next.status]++
      runs.push(next)
      onRun?.(next, { ...counts })
      if (signal?.aborted === true) return
    }
  }
  const isComplete = await isDone(Promise.all(Array.from({ length: atOnce }, work)), signal)
  return { counts, runs, isComplete }
}

async function checkItem(
  item: RecordedRun | BrokenFile,
  options: CheckRunsOptions,
): Promise<CheckedRun> {
  const { file } = item
  if ('status' in item) {
    const { status, line, reason } = item
    return { file, ...(line === undefined ? {} : { line }), status, reason, durationMs: 0 }
  }
  const { runId, line } = item
  const began = performance.now()
  const outcome = await replayItem(item, options)
  return { file, line, runId, ...outcome, durationMs: Math.round(performance.now() - began) }
}

async function replayItem(
  { records, memory }: RecordedRun,
  { team, attempts, toolRounds, corrections, patienceMs }: CheckRunsOptions,
): Promise<CheckedOutcome> {
  try {
    const report = await replayRun({
      team: typeof team === 'function' ? team(openingOf(records)) : team,
      records,
      memory,
      ...(attempts === undefined ? {} : { attempts }),
      ...(toolRounds === undefined ? {} : { toolRounds }),
      ...(corrections === undefined ? {} : { corrections }),
      ...(patienceMs === undefined ? {} : { patienceMs }),
    })
    return outcomeOf(report)
  } catch (error) {
    if (error instanceof InvalidOptionError) throw error
    if (error instanceof NotReplayableError) {
      return { status: 'not_replayable', reason: error.reason }
    }
    if (error instanceof BusError) return { status: 'not_replayable', reason: error.message }
    throw error
  }
}

function outcomeOf({ status, reason, divergence: whole }: ReplayVerdict): CheckedOutcome {
  switch (status) {
    case 'identical':
      return { status }
    case 'not_replayable':
      return { status, reason }
    case 'diverged': {
      const divergence = cutDivergence(whole)
      const moreFields = whole.differences.length - divergence.differences.length
      return { status, divergence, ...(moreFields > 0 ? { moreFields } : {}) }
    }
  }
}

/** Whether it has come to its end before the signal aborted. */
async function isDone(work: Promise<unknown>, signal: AbortSignal | undefined): Promise<boolean> {
  const ended = work.then(() => true)
  if (signal === undefined) return await ended
  const aborted = Promise.withResolvers<boolean>()
  const abort = () => aborted.resolve(false)
  if (signal.aborted) abort()
  signal.addEventListener('abort', abort)
  try {
    return await Promise.race([aborted.promise, ended])
  } finally {
    signal.removeEventListener('abort', abort)
  }
}
