import type { Model, NamedTypes, Team } from '@nanoagent/agents'
import {
  type JournalRecord,
  type MessageType,
  type RunLimits,
  type RunReading,
  type RunStatus,
  readRun,
} from '@nanoagent/bus'
import type { SqliteJournal } from '@nanoagent/bus/sqlite'
import {
  createOrchestrator,
  type Orchestrator,
  type RunResult,
  type StartedRun,
} from '@nanoagent/orchestrator'
import { talkReporterFor } from '../chat/talk-reporter.ts'
import type { Configuration, Environment } from '../configuration.ts'
import type { Interruption } from '../interruption.ts'
import { howToResume } from '../journal-choice.ts'
import { createLogger } from '../logger.ts'
import { createModel } from '../model.ts'
import {
  aboutRun,
  answeredBy,
  askingTeam,
  chattingTeam,
  configureAgain,
  type RecordedCommand,
  readCommand,
  recordedBaseUrl,
  runTeam,
} from '../recorded-command.ts'
import { notifyEnd } from '../report/end-line.ts'
import { liveFor } from '../report/live-for.ts'
import { type Reporter, type ReportFlags, reporterFor } from '../report/reporters.ts'
import type { Output } from '../screen/output.ts'
import type { ResumeFlags } from './command-line.ts'

/** What going on with runs takes. */
export interface GoOnSettings {
  readonly journal: SqliteJournal
  readonly flags: ResumeFlags & Pick<ReportFlags, 'tell'>
  readonly env: Environment
  readonly output: Output
  readonly interruption: Interruption
}

/** What came of a run that went on. */
export interface GoneOn {
  readonly runId: string
  readonly status: RunStatus
  /** Of a password team, where it got so far. */
  readonly verdict?: 'PASS' | 'FAIL'
}

/** How a run goes on: as itself, or as another one. */
export interface WayOn {
  readonly action: 'resume' | 'fork'
  begin<Entry extends MessageType, Terminal extends MessageType, Context extends NamedTypes>(
    orchestrator: Orchestrator<Entry, Terminal, Context>,
    going: Going,
  ): Promise<StartedRun<Terminal, Context>>
  /** Whether a record of the run that goes on is shown; asked for each in its order. */
  isNew(record: JournalRecord): boolean
  /** Says what goes on. */
  line(reading: RunReading, runId: string): string
}

/**
 * Goes on with a run with the team that its record names, and shows it: what was recorded before only
 * where the end needs it. Throws a `UsageError` where no team can be made of the record, and rejects with
 * a `NotResumableError` where the run is completed or somebody else's; then nothing was shown.
 */
export async function goOn(runId: string, settings: GoOnSettings, way: WayOn): Promise<GoneOn> {
  const reading = await readRun(settings.journal, runId)
  const [opened] = reading.records
  const about = opened?.kind === 'run.opened' ? opened.about : {}
  const command = readCommand(runId, about, way.action)
  const { flags, env, journal } = settings
  const baseUrl = recordedBaseUrl(command, journal)
  const configuration = await configureAgain(command, flags, env, baseUrl)
  const going = { ...settings, reading, configuration, command, way }
  switch (command.name) {
    case 'run': {
      const run = await finish(
        runTeam(command),
        (print) => reporterFor(flags, { print, width: settings.output.width }),
        going,
      )
      const verdict = run.output?.verdict
      return { runId: run.runId, status: run.status, ...(verdict === undefined ? {} : { verdict }) }
    }
    case 'chat': {
      const reporter = (print: Print) => talkReporterFor('chat', flags, print)
      const run = await finish(chattingTeam(command), reporter, going)
      return { runId: run.runId, status: run.status }
    }
    case 'ask': {
      const reporter = (print: Print) => talkReporterFor('ask', flags, print)
      const run = await finish(askingTeam(command), reporter, going)
      return { runId: run.runId, status: run.status }
    }
  }
}

type Print = (line: string) => void

interface Going extends GoOnSettings {
  readonly reading: RunReading
  readonly configuration: Configuration
  readonly command: RecordedCommand
  readonly way: WayOn
}

async function finish<
  Entry extends MessageType,
  Terminal extends MessageType,
  Context extends NamedTypes,
>(
  team: Team<Entry, Terminal, Context, string>,
  reporterOn: (print: Print) => Reporter<RunResult<Terminal, Context>>,
  going: Going,
): Promise<RunResult<Terminal, Context>> {
  const { journal, flags, output, interruption, reading, way } = going
  using live = liveFor(flags, output, interruption.signal)
  const model: Model = await createModel(going.configuration, team.agents)
  const logger = await createLogger(flags.logLevel)
  await using orchestrator = createOrchestrator({
    team,
    model: live?.watched(model) ?? model,
    journal,
    about: aboutRun(answeredBy(going.command, going.configuration), model, journal),
    ...(flags.requestsAtOnce === undefined ? {} : { modelRequestsAtOnce: flags.requestsAtOnce }),
    ...(logger === undefined ? {} : { logger }),
  })
  const started = await way.begin(orchestrator, going)
  let isShown = true
  const reporter = reporterOn((line) => {
    if (isShown) output.print(line)
  })
  reporter.begin(reading.summary.request ?? '')
  if (flags.json !== true && flags.quiet !== true) output.print(way.line(reading, started.id))
  for await (const record of started.records) {
    isShown = way.isNew(record)
    reporter.show(record)
  }
  const run = await started.result
  isShown = true
  reporter.end(run)
  notifyEnd(run, output, howToResume(journal, flags, run.runId))
  return run
}

/** The limits that were typed. */
export function limitsIn({
  timeout,
  maxHops,
  maxTokens,
}: Pick<ResumeFlags, 'timeout' | 'maxHops' | 'maxTokens'>): Partial<RunLimits> {
  return {
    ...(timeout === undefined ? {} : { timeoutMs: timeout * 1_000 }),
    ...(maxHops === undefined ? {} : { maxHops }),
    ...(maxTokens === undefined ? {} : { maxTokens }),
  }
}
