import type { ChatTeam } from '@nanoagent/agents'
import type { Journal, Secret } from '@nanoagent/bus'
import { createOrchestrator, type Orchestrator, type RunResult } from '@nanoagent/orchestrator'
import type { TalkArguments } from '../arguments.ts'
import type { Configuration, Environment } from '../configuration.ts'
import { UsageError } from '../errors.ts'
import { EXIT } from '../exit-status.ts'
import {
  type Interruption,
  stopWhenUnread,
  unlessAborted,
  watchInterruption,
} from '../interruption.ts'
import { howToResume, openForWriting } from '../journal-choice.ts'
import { createLogger } from '../logger.ts'
import { createModel } from '../model.ts'
import { checkPrompt, readPrompt } from '../prompt.ts'
import { aboutRun, chattingTeam, recordedTalk } from '../recorded-command.ts'
import { notifyEnd } from '../report/end-line.ts'
import { liveFor } from '../report/live-for.ts'
import { levelBanner } from '../report/sections.ts'
import { type Output, printAll } from '../screen/output.ts'
import { type Paint, paintFor } from '../screen/paint.ts'
import { printableJson, printableLines } from '../screen/printable.ts'
import { checkThread } from '../thread-choice.ts'
import { freeThread, readConversation } from './conversation.ts'
import { readInstructions } from './instructions.ts'
import { createLineReader } from './line-reader.ts'
import { revealed } from './revealed.ts'
import { talkExitStatus, talkLimits } from './talk-settings.ts'
import { beginningLine, DEFAULT_THREAD, goingOnLine } from './thread-lines.ts'
import { chatReport, toolLines } from './tool-lines.ts'

/** What is asked where nobody could type a prompt. */
const DEFAULT_CHAT_PROMPT = 'Generate a secure 16-character password for my email account'

const HELP = `Type what you want, such as

  Generate a secure 20-character password
  Check if 'myP@ssw0rd!' is secure enough
  Give me 5 password options to choose from

  /new   begin a new conversation, in a thread of its own
  /help  this help
  /quit  leave, like Ctrl-D

Ctrl-C stops an answer. What you type is sent to the model, with the newest of what was said before in
the conversation; passwords that the tools make are not.`

/** What a chat is made of. */
export interface ChatSettings {
  readonly arguments: TalkArguments
  readonly configuration: Configuration
  readonly output: Output
  readonly interruption: Interruption
  readonly env: Environment
}

type ChatRun = RunResult<ChatTeam['terminal'], ChatTeam['context']>
type Team = Orchestrator<ChatTeam['entry']['type'], ChatTeam['terminal'], ChatTeam['context']>

/** Answers one prompt, or converses with whoever sits at the terminal; gives the exit status. */
export async function chat(settings: ChatSettings): Promise<number> {
  const { configuration, output, env } = settings
  const { flags, prompt } = settings.arguments
  const { instructions: file } = flags
  const thread = checkThread(flags.thread ?? DEFAULT_THREAD)
  const instructions = file === undefined ? {} : { instructions: readInstructions(file) }
  const command = { ...recordedTalk('chat', flags, configuration), ...instructions }
  const team = chattingTeam(command)
  const isConversation =
    prompt === undefined && process.stdin.isTTY === true && output.width !== undefined
  if (isConversation && (flags.json === true || flags.quiet === true)) {
    throw new UsageError(
      `a conversation cannot be ${flags.json === true ? '--json' : '--quiet'}: give a prompt with it`,
    )
  }
  const stop = new AbortController()
  using live = liveFor(flags, output, stop.signal)
  const model = await createModel(configuration, team.agents)
  const logger = await createLogger(flags.logLevel)
  await using journal = await openForWriting({ flags, env, output })
  await using orchestrator = createOrchestrator({
    team,
    model: live?.watched(model) ?? model,
    journal,
    about: aboutRun(command, model, journal),
    ...(logger === undefined ? {} : { logger }),
  })
  const paint = paintFor(process.stdout, { color: flags.color })
  const talk = { settings, orchestrator, journal, paint, isConversation }
  return isConversation ? await converse(talk, thread) : await answerOnce(talk, thread)
}

interface Talk {
  readonly settings: ChatSettings
  readonly orchestrator: Team
  readonly journal: Journal
  readonly paint: Paint
  /** Whether the next line follows, instead of the end of the command. */
  readonly isConversation: boolean
}

async function answerOnce(talk: Talk, thread: string): Promise<number> {
  const { settings, journal, paint } = talk
  const { output, interruption } = settings
  const { flags, prompt: typed = DEFAULT_CHAT_PROMPT } = settings.arguments
  const reading = readPrompt(typed, { stdin: process.stdin, notify: output.notify })
  const prompt = await unlessAborted(reading, interruption.signal)
  stopWhenUnread(interruption, output)
  if (flags.json !== true && flags.quiet !== true) {
    printAll(output, levelBanner(2, 'One Agent with Tools', prompt, paint))
    const conversation = await readConversation(journal, thread)
    if (conversation.exchanges > 0) output.print(paint('dim', goingOnLine(thread, conversation)))
  }
  const run = await answer(talk, prompt, thread, interruption.signal)
  return talkExitStatus(run, interruption)
}

async function converse(talk: Talk, given: string): Promise<number> {
  const { journal, settings, paint } = talk
  const { output, interruption } = settings
  // From here on Ctrl-C means the answer that is being given.
  interruption[Symbol.dispose]()
  let thread = given
  const lines = createLineReader({
    input: process.stdin,
    output: process.stdout,
    prompt: paint('bold', '> '),
  })
  output.print('Ask for passwords, or about them. /help says how, /quit leaves.')
  const earlier = await readConversation(journal, thread)
  const opening =
    earlier.exchanges === 0
      ? beginningLine(thread, journal)
      : `${goingOnLine(thread, earlier)} /new begins another one.`
  output.print(paint('dim', opening))
  for (;;) {
    const line = (await lines.next())?.trim()
    if (line === undefined || line === '/quit') return EXIT.pass
    if (line === '/help') output.print(HELP)
    else if (line === '/new') {
      thread = await freeThread(journal, thread)
      output.print(paint('dim', beginningLine(thread, journal)))
    } else if (/^\/\w*$/.test(line)) {
      output.notify(`nanoagent: there is no ${line}: /help says what there is`)
    } else if (line !== '') {
      const exitStatus = await answerLine(talk, line, thread)
      if (exitStatus !== undefined) return exitStatus
    }
  }
}

/** Answers one line of a conversation; gives an exit status where that is the end of it. */
async function answerLine(talk: Talk, line: string, thread: string): Promise<number | undefined> {
  const { output } = talk.settings
  using interruption = watchInterruption(process)
  try {
    await answer(talk, checkPrompt(line), thread, interruption.signal)
  } catch (error) {
    if (!(error instanceof UsageError)) throw error
    output.notify(`nanoagent: ${error.message}`)
  }
  output.print('')
  return interruption.exitStatus === EXIT.terminated ? EXIT.terminated : undefined
}

/** Runs one prompt with what was said before in its thread, and shows what happens. */
async function answer(
  { settings, orchestrator, journal, paint, isConversation }: Talk,
  prompt: string,
  thread: string,
  signal: AbortSignal,
): Promise<ChatRun> {
  const { output } = settings
  const { flags } = settings.arguments
  const { turns, passwords: earlier, exchanges } = await readConversation(journal, thread)
  const { records, result } = orchestrator.start(
    { text: prompt, turns, passwords: earlier },
    { signal, thread, ...talkLimits(flags) },
  )
  const isShown = flags.json !== true && flags.quiet !== true
  const calls: object[] = []
  for await (const record of records) {
    if (isShown) printAll(output, toolLines(record, paint))
    calls.push(...chatReport(record))
  }
  const run = await result
  const { output: answered } = run
  const passwords = [...earlier, ...(answered?.passwords ?? [])]
  if (flags.json === true) {
    output.print(printableJson({ thread, exchanges, ...jsonOf(run, calls, passwords) }))
  } else if (answered !== undefined) {
    if (isShown && calls.length > 0) output.print('')
    const show = (secret: Secret) => paint('bold', secret.reveal())
    const lines = printableLines(answered.text)
    printAll(
      output,
      lines.map((line) => revealed(line, passwords, show)),
    )
  }
  notifyEnd(run, output, isConversation ? undefined : howToResume(journal, flags, run.runId))
  return run
}

/** What `--json` prints. Values are in `passwords` and nowhere else. */
function jsonOf(run: ChatRun, toolCalls: readonly object[], passwords: readonly Secret[]): object {
  const { runId, status, reason, output, usage, durationMs } = run
  return {
    runId,
    status,
    ...(reason === undefined ? {} : { reason }),
    answer:
      output === undefined ? null : revealed(output.text, passwords, (secret) => secret.mask()),
    passwords: output?.passwords.map((password) => password.reveal()) ?? [],
    toolCalls,
    usage,
    durationMs: Math.round(durationMs),
  }
}
