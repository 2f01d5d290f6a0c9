import type { Agent, GenerationLimits, Listener } from '@nanoagent/agents'
import {
  DEFAULTS,
  InvalidOptionError,
  type Journal,
  type JournalReader,
  type JournalRecord,
  type RunOpenedRecord,
  type Runtime,
} from '@nanoagent/bus'
import { assertAtOnce } from './at-once.ts'
import { openingOf } from './replay.ts'

/** Which runs an agent gets messages of, and how. */
export interface RehearsedRunsOptions extends GenerationLimits {
  /** Where the runs are. It is only read. */
  readonly journal: JournalReader & Pick<Journal, 'memory'>
  /** Their ids, not one alone. Read as they are needed, so there may be any number of them. */
  readonly runs: (Iterable<string> & object) | AsyncIterable<string>
  /** Deliveries that are handled at once. Default 8. */
  readonly deliveriesAtOnce?: number
  /** Model requests at once for each model name. Default 8. */
  readonly modelRequestsAtOnce?: number
  /** Ends everything; whoever waits for a result gets its reason. */
  readonly signal?: AbortSignal
  /** Where time comes from. Default: the real world. */
  readonly runtime?: Runtime
}

/** A run that has been read. */
export interface RecordedRun {
  readonly opening: RunOpenedRecord
  readonly records: readonly JournalRecord[]
}

/** One thing to do with a run. */
export type Task<Result> = (signal: AbortSignal) => Promise<Result>

/**
 * Reads runs one after the other, and does what there is to do with each, some of it at once. Gives the
 * results in the order of the runs, and of the tasks of each; only so many runs are in memory at a time.
 */
export async function* doWithRuns<Result>(
  {
    journal,
    runs,
    deliveriesAtOnce: atOnce = DEFAULTS.modelRequestsAtOnce,
    signal,
  }: RehearsedRunsOptions,
  tasksOf: (run: RecordedRun) => Promise<readonly Task<Result>[]>,
): AsyncGenerator<Result> {
  assertAtOnce('deliveriesAtOnce', atOnce)
  if (typeof runs === 'string') {
    throw new InvalidOptionError('runs', `'${runs}'`, `a list of ids, as in ['${runs}']`)
  }
  const stop = new AbortController()
  const either = signal === undefined ? stop.signal : AbortSignal.any([signal, stop.signal])
  const underWay: Promise<Result>[] = []
  try {
    for await (const runId of runs) {
      either.throwIfAborted()
      for (const task of await tasksOf(await readRecorded(journal, runId))) {
        const result = task(either)
        // It is looked at when its turn comes.
        result.catch(() => {})
        if (underWay.push(result) < atOnce) continue
        const first = underWay.shift()
        if (first !== undefined) yield await first
      }
    }
    for (const result of underWay) yield await result
  } finally {
    stop.abort()
  }
}

async function readRecorded(journal: JournalReader, runId: string): Promise<RecordedRun> {
  const records = await Array.fromAsync(journal.read({ runId }))
  return { opening: openingOf(records, runId), records }
}

/** Whether it listens. */
export function isListener(agent: Agent | Listener): agent is Listener {
  return 'listens' in agent
}
