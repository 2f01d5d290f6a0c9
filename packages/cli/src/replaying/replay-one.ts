import { findRun, readRun } from '@nanoagent/bus'
import { replayRun } from '@nanoagent/orchestrator'
import { EXIT } from '../exit-status.ts'
import { openForReading } from '../journal-choice.ts'
import { readCommand, teamOf } from '../recorded-command.ts'
import type { Replaying } from './command-line.ts'
import type { ReplaySettings } from './replay.ts'

/** Replays one run and shows it; gives the exit status. */
export async function replayOne(
  { run, flags }: Extract<Replaying, { readonly name: 'run' }>,
  { env, output }: ReplaySettings,
): Promise<number> {
  await using journal = await openForReading({ flags, env, output })
  const { runId, records } = await readRun(journal, await findRun(journal, run))
  const [opened] = records
  const about = opened?.kind === 'run.opened' ? opened.about : {}
  const team = teamOf(readCommand(runId, about))
  const { memory } = journal
  const report = await replayRun({ team, records, memory })
  output.print(report.status)
  return report.status === 'identical' ? EXIT.pass : EXIT.diverged
}
