import type { Model, Team } from '@nanoagent/agents'
import {
  type Journal,
  type JournalRecord,
  NotReplayableError,
  type RecordDraft,
  type RunOpenedRecord,
  type Runtime,
  systemRuntime,
} from '@nanoagent/bus'
import { createOrchestrator } from '../orchestrator.ts'
import { limitsOf } from '../replay.ts'
import { recordedAnswers } from './recorded-answers.ts'

/** What running a request again takes. */
export interface RunAgainOptions {
  readonly team: Team
  /** Answers what the run has not asked before. */
  readonly model: Model
  /** What to keep with the run in place of what is kept with it: JSON. */
  readonly about?: Readonly<Record<string, unknown>>
  readonly signal?: AbortSignal
}

/**
 * Runs the request of a recorded run again, under its id and limits, with its seed, from the time on at which it
 * was recorded. What is asked as in `answered` is answered as it was there.
 */
export async function runAgain(
  recorded: readonly (RecordDraft | JournalRecord)[],
  answered: Iterable<RecordDraft>,
  journal: Journal,
  { signal, ...options }: RunAgainOptions,
) {
  const [opening] = recorded
  const root = recorded.find((record) => record.kind === 'message')
  if (opening?.kind !== 'run.opened' || root === undefined) {
    throw new NotReplayableError(opening?.runId, 'it has no first message')
  }
  const { runId, limits, thread } = opening
  await using orchestrator = orchestratorAt(opening, answered, journal, options)
  return await orchestrator.run(root.original ?? root.message.data, {
    ...limits,
    runId,
    metadata: root.message.metadata,
    ...(thread === undefined ? {} : { thread }),
    ...(signal === undefined ? {} : { signal }),
  })
}

/** An orchestrator as of the time at which a run was opened. */
export function orchestratorAt(
  opening: RunOpenedRecord,
  answered: Iterable<RecordDraft>,
  journal: Journal,
  { team, model, about }: Omit<RunAgainOptions, 'signal'>,
) {
  return createOrchestrator({
    team,
    model: recordedAnswers(answered, model),
    journal,
    runtime: runtimeOf(opening),
    about: { ...opening.about, ...about },
    ...limitsOf(opening),
  })
}

/** The world as it was when a run was opened: its clock, and the chance that its seed is made of. */
function runtimeOf({ at, seed }: RunOpenedRecord): Runtime {
  const since = systemRuntime.elapsed()
  let isSeeded = false
  return {
    ...systemRuntime,
    now: () => Math.round(at + systemRuntime.elapsed() - since),
    random() {
      if (isSeeded) return systemRuntime.random()
      isSeeded = true
      return seed / 2 ** 32
    },
  }
}
