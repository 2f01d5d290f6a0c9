import { Command, CommanderError, InvalidArgumentError, Option } from 'commander'
import type { ModelFlags } from './configuration.ts'
import { UsageError } from './errors.ts'
import { HELP } from './help.ts'
import { LOG_LEVELS, type LogLevel } from './logger.ts'
import { firstCharacters, oneLine } from './screen/printable.ts'

/** The command's options, parsed. */
export interface Flags extends ModelFlags {
  /** Seconds. */
  readonly timeout: number
  readonly maxHops?: number
  readonly maxTokens?: number
  readonly json?: true
  readonly quiet?: true
  /** False with `--no-color`. */
  readonly color: boolean
  readonly logLevel: LogLevel
}

/** The command line, parsed. */
export interface Arguments {
  readonly flags: Flags
  /** As typed; `-` means standard input. Absent for the default. */
  readonly prompt?: string
  /** Whether nothing was typed but the command itself. */
  readonly isBare: boolean
}

/** Longest time of a run: one day. */
const MAX_TIMEOUT_S = 86_400

/**
 * Parses what was typed after the command's name. Gives `undefined` where `--help` or `--version`
 * said it all; throws a `UsageError` for anything that cannot be meant.
 */
export function parseArguments(
  argv: readonly string[],
  options: { readonly version: string; readonly write: (text: string) => void },
): Arguments | undefined {
  const command = createCommand(options.version)
  command.configureOutput({ writeOut: options.write, writeErr: () => {} }).exitOverride()
  try {
    command.parse(argv, { from: 'user' })
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error
    if (error.exitCode === 0) return undefined
    throw new UsageError(refusal(oneLine(error.message)))
  }
  const words = command.args[0] === 'run' ? command.args.slice(1) : command.args
  const [prompt] = words
  // Behind `run` or `--` it is a prompt.
  if (words.length === 1 && words === command.args && !argv.includes('--')) {
    if (prompt === 'help') command.outputHelp()
    if (prompt === 'version') options.write(`${options.version}\n`)
    if (prompt === 'help' || prompt === 'version') return undefined
  }
  if (words.length > 1) {
    throw new UsageError(
      `${words.length} arguments were given, but there is one prompt: put it in quotes, ` +
        'as in nanoagent "Generate a 6-digit PIN"',
    )
  }
  return {
    flags: command.opts<Flags>(),
    ...(prompt === undefined ? {} : { prompt }),
    isBare: argv.length === 0 || (argv.length === 1 && argv[0] === 'run'),
  }
}

function createCommand(version: string): Command {
  return new Command('nanoagent')
    .usage('[run] [prompt] [options]')
    .description('Three agents plan, make and test a password, and show how.')
    .argument('[prompt...]', "what to generate; '-' reads it from standard input")
    .option('--mock', 'answer offline, without a model or a key')
    .option('--model <name>', "the model's name (default: NANOAGENT_MODEL, else gpt-4.1-mini)")
    .option('--base-url <url>', 'where an OpenAI-compatible API begins')
    .addOption(limit('--timeout <seconds>', 'time of the whole run', MAX_TIMEOUT_S).default(300))
    .addOption(limit('--max-hops <n>', 'most handoffs in a row (default: 32)', 10_000))
    .addOption(limit('--max-tokens <n>', 'most tokens of the run (default: no limit)', 1e9))
    .addOption(new Option('--json', 'print one JSON object and nothing else').conflicts('quiet'))
    .option('--quiet', 'print the password alone; of several, one a line')
    .option('--no-color', 'print without colours')
    .addOption(
      new Option('--log-level <level>', 'write JSON logs to standard error')
        .choices(LOG_LEVELS)
        .default('silent'),
    )
    .version(version, '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print this help')
    .addHelpText('after', HELP)
}

function limit(flags: string, description: string, max: number): Option {
  return new Option(flags, description).argParser((text) => {
    const value = /^\d{1,10}$/.test(text) ? Number(text) : 0
    if (value >= 1 && value <= max) return value
    throw new InvalidArgumentError(`expected a whole number from 1 to ${max}`)
  })
}

/** A message of commander's as our line. */
function refusal(message: string): string {
  const words = message
    .replace(/^error: /, '')
    .replace(/ is invalid\. Allowed choices are (.*)\.$/, ' is invalid: choose one of $1')
    .replace(' is invalid. ', ' is invalid: ')
  const unknown = /^unknown option '(.*)'(?: \(Did you mean (\S+)\?\))?$/.exec(words)
  if (unknown === null) return `${words}; see nanoagent --help`
  const [, typed = '', similar] = unknown
  // What was typed behind an unknown option may be a key.
  const name = firstCharacters(typed.replace(/=.*/, ''), 40)
  const meant =
    similar === undefined ? 'see nanoagent --help' : `write ${similar} if you meant that`
  return `unknown option '${name}': ${meant}, or put -- before a prompt that begins with a dash`
}
