import { hostname } from 'node:os'
import {
  findRun,
  type Journal,
  NotResumableError,
  type RunReading,
  type RunStatus,
} from '@nanoagent/bus'
import type { SqliteJournal } from '@nanoagent/bus/sqlite'
import type { Environment } from '../configuration.ts'
import { ForeignRunError, UsageError } from '../errors.ts'
import { EXIT, exitStatusOf } from '../exit-status.ts'
import { type Interruption, stopWhenUnread } from '../interruption.ts'
import { openForChanging } from '../journal-choice.ts'
import { countText, statusText } from '../reading/words.ts'
import { verdictIn } from '../report/verdict.ts'
import type { Output } from '../screen/output.ts'
import { paintFor } from '../screen/paint.ts'
import { printableJson } from '../screen/printable.ts'
import type { ResumeArguments } from './command-line.ts'
import { type GoneOn, type GoOnSettings, goOn, limitsIn, type WayOn } from './go-on.ts'

/** What `resume` takes. */
export interface ResumeSettings {
  readonly arguments: ResumeArguments
  readonly env: Environment
  readonly output: Output
  readonly interruption: Interruption
}

/** What a run is that goes on by itself: others need another limit, or another team. */
const UNFINISHED = ['open', 'cancelled', 'timed_out', 'failed'] as const

/** Goes on with a run, the newest unfinished one, or all of them; gives the exit status. */
export async function resume({
  arguments: typed,
  env,
  output,
  interruption,
}: ResumeSettings): Promise<number> {
  const { flags, run: ref } = typed
  await using journal = await openForChanging({ flags, env, output })
  stopWhenUnread(interruption, output)
  const settings = { journal, flags, env, output, interruption }
  if (flags.all === true) return await resumeAll(settings)
  const gone =
    ref === undefined
      ? await resumeNewest(settings)
      : await goOn(await findRun(journal, ref), settings, await resuming(journal))
  return statusOf(gone, interruption)
}

async function resumeNewest(settings: GoOnSettings): Promise<GoneOn> {
  const skipped: string[] = []
  for (const runId of await unfinished(settings.journal)) {
    const gone = await unlessOthers(runId, settings)
    if (!('why' in gone)) return gone
    skipped.push(gone.why)
  }
  const others = skipped.length === 0 ? '' : ` that is free: ${skipped.join('; ')}`
  throw new UsageError(`no run is left to go on with${others}: nanoagent runs lists them`)
}

async function resumeAll(settings: GoOnSettings): Promise<number> {
  const { output, interruption, flags } = settings
  const outcomes: Outcome[] = []
  const runs: object[] = []
  const told = {
    ...settings,
    flags: { ...flags, tell: (report: object) => void runs.push(report) },
  }
  // The oldest first, as they were asked for.
  for (const runId of (await unfinished(settings.journal)).reverse()) {
    if (interruption.signal.aborted) break
    outcomes.push(await unlessOthers(runId, told))
  }
  const skipped = outcomes.filter((outcome) => 'why' in outcome)
  for (const { why } of skipped) output.notify(`nanoagent: ${why}`)
  if (flags.json === true) output.print(printableJson({ runs, skipped }))
  else if (flags.quiet !== true) printSummary(outcomes, settings)
  if (interruption.exitStatus !== undefined) return interruption.exitStatus
  return outcomes.every(isCompleted) ? EXIT.pass : EXIT.failed
}

function isCompleted(outcome: Outcome): boolean {
  return 'status' in outcome && outcome.status === 'completed'
}

function printSummary(outcomes: readonly Outcome[], { output, flags }: GoOnSettings): void {
  const paint = paintFor(process.stdout, flags)
  const completed = outcomes.filter(isCompleted).length
  if (outcomes.length === 0) {
    output.print('No run is left to go on with.')
    return
  }
  output.print('')
  output.print(paint('bold', `${completed} of ${countText(outcomes.length, 'run')} completed:`))
  for (const outcome of outcomes) {
    if ('why' in outcome) {
      output.print(`  ${outcome.runId}  not resumed`)
      continue
    }
    const { runId, status, verdict } = outcome
    const found = verdict === undefined ? '' : `  ${verdictIn(paint, verdict)}`
    output.print(`  ${runId}  ${statusText(status)}${found}`)
  }
}

/** A run that did not go on, and why. */
interface Skipped {
  readonly runId: string
  readonly why: string
}

type Outcome = GoneOn | Skipped

/** What came of it; why not, where it is another process's or was not begun by this command. */
async function unlessOthers(runId: string, settings: GoOnSettings): Promise<Outcome> {
  try {
    return await goOn(runId, settings, await resuming(settings.journal))
  } catch (error) {
    if (error instanceof NotResumableError || error instanceof ForeignRunError) {
      return { runId, why: error.message }
    }
    throw error
  }
}

/** A run goes on as itself; what was recorded before is not shown again. */
async function resuming(journal: SqliteJournal): Promise<WayOn> {
  const before = await journal.lastSeq()
  return {
    action: 'resume',
    async begin(orchestrator, { reading: { runId }, flags, interruption }) {
      await assertFree(runId, journal)
      const { signal } = interruption
      return await orchestrator.resume(runId, { reopen: true, signal, ...limitsIn(flags) })
    },
    isNew: ({ seq }) => seq > before,
    line: goesOnLine,
  }
}

async function assertFree(runId: string, journal: SqliteJournal): Promise<void> {
  const holder = await journal.holder(runId)
  if (holder === undefined) return
  const where = holder.host === hostname() ? '' : ` on ${holder.host}`
  throw new NotResumableError(
    runId,
    `process ${holder.pid}${where} runs it, so wait for its end, or stop that process first`,
  )
}

const WAS: Readonly<Record<RunStatus | 'open', string>> = {
  open: 'was left open',
  completed: 'was completed',
  failed: 'failed',
  cancelled: 'was interrupted',
  timed_out: 'timed out',
  budget_exhausted: 'was over its budget',
  stalled: 'stalled',
}

/** Says where a run goes on. */
function goesOnLine({ runId, summary, graph }: RunReading): string {
  const handoffs = Math.max(0, graph.nodes.size - 1)
  const after = handoffs === 0 ? '' : ` after ${countText(handoffs, 'handoff')}`
  return `Going on${after} with run ${runId}, which ${WAS[summary.status]}.`
}

/** Ids of the runs that can go on by themselves, newest first. */
async function unfinished(journal: Journal): Promise<string[]> {
  const ids: string[] = []
  for await (const { runId } of journal.runs({ status: UNFINISHED })) ids.push(runId)
  return ids
}

/** The exit status of a run that went on. */
export function statusOf(gone: GoneOn, { exitStatus }: Interruption): number {
  const { status, verdict } = gone
  // A signal may come too late to stop anything.
  if (status === 'cancelled' && exitStatus !== undefined) return exitStatus
  if (status === 'completed' && verdict === undefined) return EXIT.pass
  return exitStatusOf({ status, ...(verdict === undefined ? {} : { output: { verdict } }) })
}
