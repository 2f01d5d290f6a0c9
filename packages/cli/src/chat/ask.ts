import type { ModelRequest } from '@nanoagent/agents'
import { createOrchestrator } from '@nanoagent/orchestrator'
import { modelName } from '../configuration.ts'
import { stopWhenUnread, unlessAborted } from '../interruption.ts'
import { howToResume, openForWriting } from '../journal-choice.ts'
import { createLogger } from '../logger.ts'
import { createModel } from '../model.ts'
import { readPrompt } from '../prompt.ts'
import { aboutRun, askingTeam, recordedTalk } from '../recorded-command.ts'
import { notifyEnd } from '../report/end-line.ts'
import { liveFor } from '../report/live-for.ts'
import { levelBanner, ruled } from '../report/sections.ts'
import { printAll } from '../screen/output.ts'
import { paintFor } from '../screen/paint.ts'
import { oneLine, printableJson, printableLines } from '../screen/printable.ts'
import type { ChatSettings } from './chat.ts'
import { talkExitStatus, talkLimits } from './talk-settings.ts'

/** Asks a model once and shows its answer, in mock mode what would be sent; gives the exit status. */
export async function ask(settings: ChatSettings): Promise<number> {
  const { configuration, output, interruption, env } = settings
  const { flags, prompt: typed } = settings.arguments
  const reading = readPrompt(typed, { stdin: process.stdin, notify: output.notify })
  const prompt = await unlessAborted(reading, interruption.signal)
  const command = recordedTalk('ask', flags, configuration)
  const team = askingTeam(command)
  using live = liveFor(flags, output, interruption.signal)
  const answering = await createModel(configuration, team.agents)
  const model = live?.watched(answering) ?? answering
  const sent: ModelRequest[] = []
  const logger = await createLogger(flags.logLevel)
  await using journal = await openForWriting({ flags, env, output })
  await using orchestrator = createOrchestrator({
    team,
    model: {
      ...model,
      generate(request, options) {
        sent.push(request)
        return model.generate(request, options)
      },
    },
    journal,
    about: aboutRun(command, model, journal),
    ...(logger === undefined ? {} : { logger }),
  })
  stopWhenUnread(interruption, output)
  const paint = paintFor(process.stdout, { color: flags.color })
  const isShown = flags.json !== true && flags.quiet !== true
  if (isShown) printAll(output, levelBanner(1, 'One Prompt, One Answer', prompt, paint))
  const run = await orchestrator.run(prompt, {
    signal: interruption.signal,
    ...talkLimits(flags),
  })
  const [request] = configuration.mode === 'mock' ? sent : []
  const name = modelName(flags, env)
  if (flags.json === true) {
    const { runId, status, reason, usage, durationMs } = run
    output.print(
      printableJson({
        runId,
        status,
        ...(reason === undefined ? {} : { reason }),
        ...(request === undefined ? {} : { request: { ...request, model: name }, isCanned: true }),
        answer: run.output?.text ?? null,
        usage,
        durationMs: Math.round(durationMs),
      }),
    )
  } else {
    if (isShown && request !== undefined) {
      printAll(output, ruled('-', 'WHAT WOULD BE SENT (mock mode)', paint))
      printAll(output, requestLines(request, name))
      output.print('')
      printAll(output, ruled('-', 'CANNED ANSWER', paint))
    }
    printAll(output, run.output === undefined ? [] : printableLines(run.output.text))
  }
  notifyEnd(run, output, howToResume(journal, flags, run.runId))
  return talkExitStatus(run, interruption)
}

/** A model request as a person reads it. */
function requestLines(request: ModelRequest, model: string): readonly string[] {
  const { instructions, messages, temperature, maxTokens } = request
  return [
    `  model: ${oneLine(model)}`,
    ...(temperature === undefined ? [] : [`  temperature: ${temperature}`]),
    ...(maxTokens === undefined ? [] : [`  most tokens: ${maxTokens}`]),
    `  system: ${oneLine(instructions)}`,
    ...messages.map(({ role, content }) => `  ${role}: ${oneLine(content)}`),
  ]
}
