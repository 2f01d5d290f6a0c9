import type { ModelSettings } from '@nanoagent/agents'
import type { Command } from 'commander'
import { type AttachArguments, parseAttach } from './attaching/command-line.ts'
import { askCommand, chatCommand, checkCommand, doctorCommand, runCommand } from './commands.ts'
import type { ModelFlags } from './configuration.ts'
import { UsageError } from './errors.ts'
import { type ForkArguments, parseFork } from './forking/command-line.ts'
import type { JournalFlags } from './journal-choice.ts'
import { KEEPINGS, type KeepArguments, parseKeeping } from './keeping/command-line.ts'
import type { LogLevel } from './logger.ts'
import { type ParseOptions, parse } from './parse-command.ts'
import { type PerRoleFlags, type Role, settingsByRole } from './per-role.ts'
import { parseReading, READINGS, type ReadArguments } from './reading/command-line.ts'
import {
  parseRemembering,
  REMEMBERINGS,
  type RememberArguments,
} from './remembering/command-line.ts'
import { parseReplay, type ReplayArguments } from './replaying/command-line.ts'
import { parseResume, type ResumeArguments } from './resume/command-line.ts'
import { rolesOf, type TeamFlags } from './team-choice.ts'

/** The options of a run, parsed. */
export interface RunFlags extends ModelFlags, TeamFlags, JournalFlags {
  /** Model settings of single roles. */
  readonly roles: { readonly [Name in Role]?: ModelSettings }
  /** Times that a password which fails is made again. */
  readonly retries: number
  /** Seconds. */
  readonly timeout: number
  readonly maxHops?: number
  readonly maxTokens?: number
  readonly requestsAtOnce?: number
  /** The thread that the run is of. */
  readonly thread?: string
  readonly json?: true
  readonly quiet?: true
  /** Whether the causal graph is shown at the end. */
  readonly trace?: true
  /** False with `--no-color`. */
  readonly color: boolean
  readonly logLevel: LogLevel
}

/** The options of `doctor`, parsed. */
export interface DoctorFlags extends ModelFlags {
  /** Seconds that each answer may take. */
  readonly timeout: number
  readonly json?: true
  /** False with `--no-color`. */
  readonly color: boolean
}

/** The options of `check`, parsed. */
export interface CheckFlags extends TeamFlags {
  readonly json?: true
  /** Whether only the diagram is printed. */
  readonly mermaid?: true
  /** False with `--no-color`. */
  readonly color: boolean
}

/** The command line of a run, parsed. */
export interface RunArguments {
  readonly command: 'run'
  readonly flags: RunFlags
  /** As typed; `-` means standard input. Absent for the default. */
  readonly prompt?: string
  /** Whether nothing was typed but the command itself. */
  readonly isBare: boolean
}

/** The options of `chat` and `ask`, parsed. */
export interface TalkFlags extends ModelFlags, JournalFlags {
  readonly temperature?: number
  readonly maxAnswerTokens?: number
  /** Seconds that each answer may take. */
  readonly timeout: number
  readonly maxTokens?: number
  /** Of `chat`: a file with what the assistant is told. */
  readonly instructions?: string
  /** Of `chat`: the thread that its conversation is of. */
  readonly thread?: string
  readonly json?: true
  readonly quiet?: true
  /** False with `--no-color`. */
  readonly color: boolean
  readonly logLevel: LogLevel
}

/** The command line of `chat` or `ask`, parsed. */
export interface TalkArguments {
  readonly command: 'chat' | 'ask'
  readonly flags: TalkFlags
  /** As typed; `-` means standard input. */
  readonly prompt?: string
  /** Whether nothing was typed but the command itself. */
  readonly isBare: boolean
}

/** The command line, parsed. */
export type Arguments =
  | RunArguments
  | TalkArguments
  | { readonly command: 'check'; readonly flags: CheckFlags }
  | { readonly command: 'doctor'; readonly flags: DoctorFlags }
  | ResumeArguments
  | ReadArguments
  | KeepArguments
  | RememberArguments
  | ReplayArguments
  | AttachArguments
  | ForkArguments

/** Flags as commander has them. */
type Typed<Flags> = Omit<Flags, 'model'> & PerRoleFlags

/**
 * Parses what was typed after the command's name. Gives `undefined` where `--help` or `--version`
 * said it all; throws a `UsageError` for anything that cannot be meant.
 */
export function parseArguments(
  argv: readonly string[],
  options: ParseOptions,
): Arguments | undefined {
  const [first = ''] = argv
  const named = SUBCOMMANDS.get(first)
  if (named !== undefined) return named(argv.slice(1), options)
  const command = runCommand(options.version)
  if (!parse(command, argv, options)) return undefined
  const words = command.args[0] === 'run' ? command.args.slice(1) : command.args
  const [prompt = '', topic = ''] = words
  // Behind `run` or `--` it is a prompt.
  const mayBeCommand = words === command.args && !argv.includes('--')
  if (mayBeCommand) {
    // Options may stand before it.
    const later = SUBCOMMANDS.get(prompt)
    if (later !== undefined) return later(argv.toSpliced(argv.indexOf(prompt), 1), options)
    const asked = words.length === 2 && prompt === 'help' ? SUBCOMMANDS.get(topic) : undefined
    if (asked !== undefined) return asked(['--help'], options)
    if (words.length === 1) {
      if (prompt === 'help') command.outputHelp()
      if (prompt === 'version') options.write(`${options.version}\n`)
      if (prompt === 'help' || prompt === 'version') return undefined
    }
  }
  assertOnePrompt(words, 'nanoagent "Generate a 6-digit PIN"')
  const { model, temperature, maxAnswerTokens, ...flags } =
    command.opts<Typed<Omit<RunFlags, 'roles'>>>()
  return {
    command: 'run',
    flags: {
      ...flags,
      ...(model?.all === undefined ? {} : { model: model.all }),
      roles: settingsByRole({ model, temperature, maxAnswerTokens }, rolesOf(flags)),
    },
    ...(words.length === 0 ? {} : { prompt }),
    isBare: argv.length === 0 || (argv.length === 1 && argv[0] === 'run'),
  }
}

/** The commands beside the run, by the word that names them. */
const SUBCOMMANDS = new Map<string, Parse>([
  ['ask', (argv, options) => parseTalk('ask', argv, options)],
  ['attach', parseAttach],
  ['chat', (argv, options) => parseTalk('chat', argv, options)],
  ['check', parseCheck],
  ['doctor', parseDoctor],
  ['fork', parseFork],
  ['replay', parseReplay],
  ['resume', parseResume],
  ...KEEPINGS.map((name): [string, Parse] => [
    name,
    (argv, options) => parseKeeping(name, argv, options),
  ]),
  ...REMEMBERINGS.map((name): [string, Parse] => [
    name,
    (argv, options) => parseRemembering(name, argv, options),
  ]),
  ...READINGS.map((name): [string, Parse] => [
    name,
    (argv, options) => parseReading(name, argv, options),
  ]),
])

/** The words of all commands beside the run. */
export const COMMAND_WORDS: readonly string[] = [...SUBCOMMANDS.keys()]

type Parse = (argv: readonly string[], options: ParseOptions) => Arguments | undefined

function parseTalk(
  name: TalkArguments['command'],
  argv: readonly string[],
  options: ParseOptions,
): Arguments | undefined {
  const command = name === 'chat' ? chatCommand() : askCommand()
  if (!parse(command, argv, options)) return undefined
  assertOnePrompt(command.args, `nanoagent ${name} "Generate a 20-character password"`)
  const [prompt] = command.args
  return {
    command: name,
    flags: command.opts<TalkFlags>(),
    ...(prompt === undefined ? {} : { prompt }),
    isBare: argv.length === 0,
  }
}

/** A prompt is one argument. */
function assertOnePrompt(words: readonly string[], example: string): void {
  if (words.length <= 1) return
  throw new UsageError(
    `${words.length} arguments were given, but there is one prompt: put it in quotes, as in ${example}`,
  )
}

function parseCheck(argv: readonly string[], options: ParseOptions): Arguments | undefined {
  const command = checkCommand()
  if (!parse(command, argv, options)) return undefined
  assertOptionsAlone('check', command)
  return { command: 'check', flags: command.opts<CheckFlags>() }
}

function parseDoctor(argv: readonly string[], options: ParseOptions): Arguments | undefined {
  const command = doctorCommand()
  if (!parse(command, argv, options)) return undefined
  assertOptionsAlone('doctor', command)
  const { model, ...flags } = command.opts<Typed<DoctorFlags>>()
  if (model !== undefined && Object.keys(model.roles).length > 0) {
    throw new UsageError('doctor checks one model: give --model its name alone, without a role')
  }
  return {
    command: 'doctor',
    flags: { ...flags, ...(model?.all === undefined ? {} : { model: model.all }) },
  }
}

function assertOptionsAlone(name: string, { args }: Command): void {
  if (args.length === 0) return
  throw new UsageError(
    `${name} takes options alone: see nanoagent ${name} --help, or put a prompt's words in quotes`,
  )
}
