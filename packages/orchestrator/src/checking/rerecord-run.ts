import {
  BusError,
  createMemoryJournal,
  exportRuns,
  type Journal,
  type JournalRecord,
  NotForkableError,
  type RunOpenedRecord,
  readExport,
  secretsIn,
} from '@nanoagent/bus'
import { openingOf, replayRun } from '../replay.ts'
import { describeWhy } from '../why.ts'
import { forkAgain } from './fork-again.ts'
import { type RunAgainOptions, runAgain } from './run-again.ts'

/** What recording a run anew takes. */
export interface RerecordOptions extends RunAgainOptions {
  /** Earlier runs of its thread, each with all its records. */
  readonly earlier: Iterable<readonly JournalRecord[]>
  /** Whether the values of its secrets are in the file that it is written to. */
  readonly isSealed: boolean
}

/** A run that was recorded anew, or why what came of it does not take its place. */
export type Rerecorded =
  | { readonly records: readonly JournalRecord[] }
  | { readonly reason: string }

/**
 * Runs the request of a recorded run again with the team of today, under its id and limits, with its seed,
 * from the time on at which it was recorded. What the models were asked before is answered as it was
 * recorded; tools are called. Of a fork the request of its parent is run again, and that is forked at the same
 * message, with the same data where the fork had changed that. The new run does not take the place of the old one where it ends worse, or is
 * not replayed alike itself as its file will have it. Rejects with the signal's reason once that aborts.
 */
export async function rerecordRun(
  recorded: readonly JournalRecord[],
  options: RerecordOptions,
): Promise<Rerecorded> {
  const opening = openingOf(recorded)
  try {
    const journal = await journalOf(knownBy(opening, options.earlier))
    const { status, reason } =
      opening.forkedFrom === undefined
        ? await runAgain(recorded, recorded, journal, options)
        : await forkAgain(recorded, opening.forkedFrom, journal, options)
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
    if (error instanceof NotForkableError) {
      return { reason: `${error.message}; fork a run of today in its place` }
    }
    if (error instanceof BusError) return { reason: error.message }
    throw error
  }
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

/** Earlier runs of which it knows what they have remembered: a fork those that its parent knew. */
function knownBy(
  { forkedFrom }: RunOpenedRecord,
  earlier: Iterable<readonly JournalRecord[]>,
): Iterable<readonly JournalRecord[]> {
  if (forkedFrom === undefined) return earlier
  const until = forkedFrom.memory?.until ?? 0
  return [...earlier].filter((records) => openingOf(records).at < until)
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
