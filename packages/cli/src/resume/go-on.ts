import { hostname } from 'node:os'
import type { Model, NamedTypes, Team } from '@nanoagent/agents'
import {
  type JournalRecord,
  type MessageType,
  NotResumableError,
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
import { type Configuration, configure, type Environment } from '../configuration.ts'
import type { Interruption } from '../interruption.ts'
import { howToResume } from '../journal-choice.ts'
import { createLogger } from '../logger.ts'
import { createModel } from '../model.ts'
import { countText } from '../reading/words.ts'
import {
  aboutRun,
  answeredBy,
  askingTeam,
  chattingTeam,
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
export async function goOn(runId: string, settings: GoOnSettings, way?: WayOn): Promise<GoneOn> {
  const reading = await readRun(settings.journal, runId)
  const [opened] = reading.records
  const about = opened?.kind === 'run.opened' ? opened.about : {}
  const command = readCommand(runId, about, way?.action ?? 'resume')
  const { flags } = settings
  const configuration = await modelFor(command, settings)
  const on = way ?? (await resuming(settings.journal))
  const going = { ...settings, reading, configuration, command, way: on }
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

/** The model that is recorded, where it was asked, unless another one or another place was typed. */
async function modelFor(
  command: RecordedCommand,
  { flags, env, journal }: GoOnSettings,
): Promise<Configuration> {
  const { mode, model } = command
  const isTyped = flags.model !== undefined || flags.baseUrl !== undefined
  if (mode === 'mock' && !isTyped) return { mode: 'mock', isImplied: false }
  const baseUrl = recordedBaseUrl(command, journal)
  const recorded = {
    ...(model === undefined ? {} : { model }),
    ...(baseUrl === undefined ? {} : { baseUrl }),
  }
  return await configure({ ...recorded, ...flags }, env)
}

export interface Going extends GoOnSettings {
  readonly reading: RunReading
  readonly configuration: Configuration
  readonly command: RecordedCommand
  readonly way: WayOn
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

async function assertFree(runId: string, journal: SqliteJournal): Promise<void> {
  const holder = await journal.holder(runId)
  if (holder === undefined) return
  const where = holder.host === hostname() ? '' : ` on ${holder.host}`
  throw new NotResumableError(
    runId,
    `process ${holder.pid}${where} runs it, so wait for its end, or stop that process first`,
  )
}

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
