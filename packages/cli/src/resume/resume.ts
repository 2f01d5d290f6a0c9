import { findRun, type Journal, NotResumableError } from '@nanoagent/bus'
import type { Environment } from '../configuration.ts'
import { ForeignRunError, UsageError } from '../errors.ts'
import { EXIT, exitStatusOf } from '../exit-status.ts'
import { type Interruption, stopWhenUnread } from '../interruption.ts'
import { openForChanging } from '../journal-choice.ts'
import { verdictIn } from '../report/verdict.ts'
import type { Output } from '../screen/output.ts'
import { paintFor } from '../screen/paint.ts'
import type { ResumeArguments } from './command-line.ts'
import { type GoneOn, type GoOnSettings, goOn } from './go-on.ts'

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
      : await goOn(await findRun(journal, ref), settings)
  return statusOf(gone, interruption)
}

async function resumeNewest(settings: GoOnSettings): Promise<GoneOn> {
  const skipped: string[] = []
  for (const runId of await unfinished(settings.journal)) {
    const gone = await unlessOthers(runId, settings)
    if (typeof gone !== 'string') return gone
    skipped.push(gone)
  }
  const others = skipped.length === 0 ? '' : ` that is free: ${skipped.join('; ')}`
  throw new UsageError(`no run is left to go on with${others}: nanoagent runs lists them`)
}

async function resumeAll(settings: GoOnSettings): Promise<number> {
  const { output, interruption, flags } = settings
  const outcomes: (GoneOn | string)[] = []
  const lines = { ...settings, flags: { ...flags, isLine: true } }
  // The oldest first, as they were asked for.
  for (const runId of (await unfinished(settings.journal)).reverse()) {
    if (interruption.signal.aborted) break
    outcomes.push(await unlessOthers(runId, lines))
  }
  const gone = outcomes.filter((outcome) => typeof outcome !== 'string')
  for (const why of outcomes) if (typeof why === 'string') output.notify(`nanoagent: ${why}`)
  if (flags.json !== true && flags.quiet !== true) printSummary(gone, settings)
  if (interruption.exitStatus !== undefined) return interruption.exitStatus
  return gone.every(({ status }) => status === 'completed') ? EXIT.pass : EXIT.failed
}

function printSummary(gone: readonly GoneOn[], { output, flags }: GoOnSettings): void {
  const paint = paintFor(process.stdout, flags)
  const completed = gone.filter(({ status }) => status === 'completed').length
  if (gone.length === 0) {
    output.print('No run is left to go on with.')
    return
  }
  output.print('')
  output.print(paint('bold', `${completed} of ${gone.length} runs are completed:`))
  for (const { runId, status, verdict } of gone) {
    const found = verdict === undefined ? '' : `  ${verdictIn(paint, verdict)}`
    output.print(`  ${runId}  ${status.replaceAll('_', ' ')}${found}`)
  }
}

/** What came of it; why not, where it is another process's or was not begun by this command. */
async function unlessOthers(runId: string, settings: GoOnSettings): Promise<GoneOn | string> {
  try {
    return await goOn(runId, settings)
  } catch (error) {
    if (error instanceof NotResumableError || error instanceof ForeignRunError) return error.message
    throw error
  }
}

/** Ids of the runs that can go on by themselves, newest first. */
async function unfinished(journal: Journal): Promise<string[]> {
  const ids: string[] = []
  for await (const { runId } of journal.runs({ status: UNFINISHED })) ids.push(runId)
  return ids
}

function statusOf(gone: GoneOn, { exitStatus }: Interruption): number {
  const { status, verdict } = gone
  // A signal may come too late to stop anything.
  if (status === 'cancelled' && exitStatus !== undefined) return exitStatus
  if (status === 'completed' && verdict === undefined) return EXIT.pass
  return exitStatusOf({ status, ...(verdict === undefined ? {} : { output: { verdict } }) })
}
