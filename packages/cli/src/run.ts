import { createOrchestrator } from '@nanoagent/orchestrator'
import type { RunArguments } from './arguments.ts'
import type { Configuration, Environment } from './configuration.ts'
import { exitStatusOf } from './exit-status.ts'
import { type Interruption, stopWhenUnread, unlessAborted } from './interruption.ts'
import { howToResume, openForWriting } from './journal-choice.ts'
import { createLogger } from './logger.ts'
import { createModel } from './model.ts'
import { readPrompt } from './prompt.ts'
import { aboutRun, recordedRun, runTeam } from './recorded-command.ts'
import { notifyEnd } from './report/end-line.ts'
import { liveFor } from './report/live-for.ts'
import { reporterFor } from './report/reporters.ts'
import type { Output } from './screen/output.ts'
import { checkThread } from './thread-choice.ts'

/** What a run is made of. */
export interface RunSettings {
  readonly arguments: RunArguments
  readonly configuration: Configuration
  readonly output: Output
  readonly interruption: Interruption
  readonly env: Environment
}

/** Runs a team on the prompt and shows it; gives the exit status. */
export async function run({
  arguments: typed,
  configuration,
  output,
  interruption,
  env,
}: RunSettings): Promise<number> {
  const { flags } = typed
  const thread = flags.thread === undefined ? {} : { thread: checkThread(flags.thread) }
  const reading = readPrompt(typed.prompt, {
    stdin: process.stdin,
    notify: output.notify,
  })
  const prompt = await unlessAborted(reading, interruption.signal)
  const command = recordedRun(flags, configuration)
  const team = runTeam(command)
  const model = await createModel(configuration, team.agents)
  const logger = await createLogger(flags.logLevel)
  await using journal = await openForWriting({ flags, env, output })
  using live = liveFor(flags, output, interruption.signal)
  await using orchestrator = createOrchestrator({
    team,
    model: live?.watched(model) ?? model,
    journal,
    about: aboutRun(command, model, journal),
    ...(flags.requestsAtOnce === undefined ? {} : { modelRequestsAtOnce: flags.requestsAtOnce }),
    ...(logger === undefined ? {} : { logger }),
  })
  const reporter = reporterFor(flags, output)

  reporter.begin(prompt)
  const { records, result } = orchestrator.start(prompt, {
    ...thread,
    signal: interruption.signal,
    timeoutMs: flags.timeout * 1_000,
    ...(flags.maxHops === undefined ? {} : { maxHops: flags.maxHops }),
    ...(flags.maxTokens === undefined ? {} : { maxTokens: flags.maxTokens }),
  })
  stopWhenUnread(interruption, output)
  for await (const record of records) reporter.show(record)
  const ended = await result
  reporter.end(ended)

  notifyEnd(ended, output, howToResume(journal, flags, ended.runId))
  if (flags.quiet === true && ended.output?.verdict === 'FAIL') {
    output.notify('nanoagent: the verdict is FAIL: run it without --quiet to see the checks')
  }
  // A signal may come too late to stop anything.
  const stopped = ended.status === 'cancelled' ? interruption.exitStatus : undefined
  return stopped ?? exitStatusOf(ended)
}
