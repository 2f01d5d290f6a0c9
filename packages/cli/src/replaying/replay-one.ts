import type { NamedTypes, Team } from '@nanoagent/agents'
import { findRun, type MessageType, readRun, type Secret } from '@nanoagent/bus'
import { type RunResult, replayRun } from '@nanoagent/orchestrator'
import { humanTalk, type TalkKind, type TalkRun } from '../chat/talk-reporter.ts'
import { EXIT } from '../exit-status.ts'
import { unlessAborted } from '../interruption.ts'
import { openForReading } from '../journal-choice.ts'
import { interruptible } from '../reading/interruptible.ts'
import { askingTeam, chattingTeam, readCommand, runTeam } from '../recorded-command.ts'
import { failureText } from '../report/progress.ts'
import { humanReporter, type Reporter } from '../report/reporters.ts'
import { printAll } from '../screen/output.ts'
import { paintFor } from '../screen/paint.ts'
import { oneLine, printableJson } from '../screen/printable.ts'
import type { RunReplaying } from './command-line.ts'
import type { ReplaySettings } from './replay.ts'
import { type Showing, showReplay } from './show-replay.ts'
import { type Verdict, verdictJson, verdictLines } from './verdict.ts'

/** Replays one run and shows it; gives the exit status. */
export async function replayOne(
  { run, flags }: RunReplaying,
  { env, output, interruption }: ReplaySettings,
): Promise<number> {
  const { signal } = interruption
  await using journal = await openForReading({ flags, env, output })
  const reader = interruptible(journal, signal)
  const reading = await readRun(reader, await findRun(reader, run))
  const [opened] = reading.records
  const about = opened?.kind === 'run.opened' ? opened.about : {}
  const command = readCommand(reading.runId, about, 'replay')
  const paint = paintFor(process.stdout, flags)
  const { memory } = journal
  const showing = { memory, reading, flags, output, paint, interruption }
  switch (command.name) {
    case 'run': {
      const reporter = humanReporter(output.print, paint, { show: masked })
      return await replayAs(runTeam(command), reporter, showing)
    }
    case 'chat':
      return await replayAs(chattingTeam(command), talkReporter('chat', showing), showing)
    case 'ask':
      return await replayAs(askingTeam(command), talkReporter('ask', showing), showing)
  }
}

/** A password is used in a replay, and not shown. */
function masked(secret: Secret): string {
  return secret.mask()
}

/** As the run was shown, with the attempts that failed. */
function talkReporter(kind: TalkKind, { output, paint }: Showing): Reporter<TalkRun> {
  const reporter = humanTalk(kind, paint, output.print, masked)
  return {
    ...reporter,
    show(record) {
      reporter.show(record)
      if (record.kind !== 'settle' || record.outcome !== 'failed') return
      const name = paint('cyan', `[${oneLine(record.role).toUpperCase()}]`)
      output.print(`  ${name} ${oneLine(failureText(record))}`)
    },
  }
}

async function replayAs<
  Entry extends MessageType,
  Terminal extends MessageType,
  Context extends NamedTypes,
>(
  team: Team<Entry, Terminal, Context, string>,
  reporter: Reporter<RunResult<Terminal, Context>>,
  showing: Showing,
): Promise<number> {
  const { memory, reading, flags, output, paint } = showing
  const { signal } = showing.interruption
  if (flags.json === true) {
    const { records } = reading
    const { attempts } = flags
    const report = await unlessAborted(replayRun({ team, records, memory, attempts }), signal)
    output.print(printableJson(verdictJson(report, flags)))
    return EXITS[report.status]
  }
  const verdict = await unlessAborted(showReplay(team, reporter, showing), signal)
  printAll(output, verdictLines(verdict, { paint, width: output.width }))
  return EXITS[verdict.status]
}

const EXITS: Readonly<Record<Verdict['status'], number>> = {
  identical: EXIT.pass,
  left: EXIT.pass,
  diverged: EXIT.diverged,
  not_replayable: EXIT.failed,
}
