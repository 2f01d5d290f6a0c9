import type { Model, Team } from '@nanoagent/agents'
import {
  BusError,
  createMemoryJournal,
  exportRuns,
  type Journal,
  type JournalRecord,
  NotReplayableError,
  type RunOpenedRecord,
  type Runtime,
  readExport,
  secretsIn,
  systemRuntime,
} from '@nanoagent/bus'
import { createOrchestrator } from '../orchestrator.ts'
import { limitsOf, openingOf, replayRun } from '../replay.ts'
import { describeWhy } from '../why.ts'
import { recordedAnswers } from './recorded-answers.ts'

/** What recording a run anew takes. */
export interface RerecordOptions {
  readonly team: Team
  /** Answers what the run has not asked before. */
  readonly model: Model
  /** What to keep with the run in place of what is kept with it: JSON. */
  readonly about?: Readonly<Record<string, unknown>>
  /** Earlier runs of its thread, each with all its records. */
  readonly earlier: Iterable<readonly JournalRecord[]>
  /** Whether the values of its secrets are in the file that it is written to. */
  readonly isSealed: boolean
  readonly signal?: AbortSignal
}

/** A run that was recorded anew, or why what came of it does not take its place. */
export type Rerecorded =
  | { readonly records: readonly JournalRecord[] }
  | { readonly reason: string }

/**
 * Runs the request of a recorded run again with the team of today, under its id and limits, with its seed,
 * from the time on at which it was recorded. What the models were asked before is answered as it was
 * recorded; tools are called. The new run does not take the place of the old one where it ends worse, or is
 * not replayed alike itself as its file will have it. Rejects with the signal's reason once that aborts.
 */
export async function rerecordRun(
  recorded: readonly JournalRecord[],
  options: RerecordOptions,
): Promise<Rerecorded> {
  const opening = openingOf(recorded)
  if (opening.forkedFrom !== undefined) {
    return { reason: 'it is a fork, which has no request of its own: fork its parent again' }
  }
  try {
    const journal = await journalOf(options.earlier)
    const { status, reason } = await runAgain(opening, recorded, journal, options)
    options.signal?.throwIfAborted()
    const records = await Array.fromAsync(journal.read({ runId: opening.runId }))
    const before = recorded.at(-1)
    const wasAlike = before?.kind === 'run.ended' && before.status === status
    if (status !== 'completed' && !wasAlike) {
      return { reason: lacksValues(recorded) ? WITHOUT_VALUES : `it is ${status} now: ${reason}` }
    }
    const kept = options.isSealed ? records : await withoutValues(records)
    const { memory } = journal
    const replay = await replayRun({ team: options.team, records: kept, memory })
    if (replay.status === 'identical') return { records }
    if (replay.status === 'not_replayable' && lacksValues(kept)) return { reason: WITHOUT_VALUES }
    const why = replay.divergence === undefined ? replay.reason : describeWhy(replay.divergence.why)
    return { reason: `it is not replayed alike when it is new: ${why}` }
  } catch (error) {
    if (error instanceof BusError) return { reason: error.message }
    throw error
  }
}

async function runAgain(
  opening: RunOpenedRecord,
  recorded: readonly JournalRecord[],
  journal: Journal,
  { team, model, about, signal }: RerecordOptions,
) {
  const { runId, limits, thread } = opening
  const root = recorded.find((record) => record.kind === 'message')
  if (root === undefined) throw new NotReplayableError(runId, 'it has no first message')
  await using orchestrator = createOrchestrator({
    team,
    model: recordedAnswers(recorded, model),
    journal,
    runtime: runtimeOf(opening),
    about: { ...opening.about, ...about },
    ...limitsOf(opening),
  })
  return await orchestrator.run(root.message.data, {
    ...limits,
    runId,
    metadata: root.message.metadata,
    ...(thread === undefined ? {} : { thread }),
    ...(signal === undefined ? {} : { signal }),
  })
}

const WITHOUT_VALUES =
  'the values of its secrets are not in this file, and it needs them: export the run again --with-secrets'

function lacksValues(records: readonly JournalRecord[]): boolean {
  return secretsIn(records).some(({ hasValue }) => !hasValue)
}

/** A run as it is in a file that has no values of secrets. */
async function withoutValues(records: readonly JournalRecord[]): Promise<readonly JournalRecord[]> {
  const { runId } = openingOf(records)
  async function* read() {
    yield* records
  }
  const lines: string[] = []
  await exportRuns({ read }, [runId], (line) => lines.push(line))
  async function* open() {
    yield Buffer.from(lines.join(''))
  }
  const [run] = await Array.fromAsync(readExport(open))
  return run?.records ?? []
}

/** A journal in which these runs are. */
async function journalOf(runs: Iterable<readonly JournalRecord[]>): Promise<Journal> {
  const journal = createMemoryJournal()
  for (const records of runs) {
    const lease = { runId: openingOf(records).runId, epoch: 1, owner: 'recorded' }
    // A journal numbers what it is given.
    await journal.append(
      records.map((record) => ({ ...record })),
      lease,
    )
  }
  return journal
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
