import { Command, Option } from 'commander'
import { jsonOption, limit, logLevelOption, mockOption, noColorOption } from '../commands.ts'
import type { ModelFlags } from '../configuration.ts'
import { UsageError } from '../errors.ts'
import { type JournalFlags, recordedJournalOption } from '../journal-choice.ts'
import type { LogLevel } from '../logger.ts'
import { type ParseOptions, parse } from '../parse-command.ts'
import { RESUME_HELP } from './help.ts'

/** The options of `resume`, parsed. What is not given stays as it is recorded. */
export interface ResumeFlags extends ModelFlags, JournalFlags {
  /** Every run that can go on, in place of one. */
  readonly all?: true
  /** Seconds. */
  readonly timeout?: number
  readonly maxHops?: number
  readonly maxTokens?: number
  readonly requestsAtOnce?: number
  readonly json?: true
  readonly quiet?: true
  /** Whether the causal graph is shown at the end. */
  readonly trace?: true
  /** False with `--no-color`. */
  readonly color: boolean
  readonly logLevel: LogLevel
}

/** The command line of `resume`, parsed. */
export interface ResumeArguments {
  readonly command: 'resume'
  readonly flags: ResumeFlags
  /** As typed; absent for the newest that can go on. */
  readonly run?: string
}

/** Parses what was typed behind `resume`. */
export function parseResume(
  argv: readonly string[],
  options: ParseOptions,
): ResumeArguments | undefined {
  const command = resumeCommand()
  if (!parse(command, argv, options)) return undefined
  const { args } = command
  const flags = command.opts<ResumeFlags>()
  const [run] = args
  if (args.length > 1) {
    throw new UsageError(
      `${args.length} arguments were given, but resume takes one run: --all resumes every one`,
    )
  }
  if (run !== undefined && flags.all === true) {
    throw new UsageError(`resume takes a run or --all: leave out '${run}' or --all`)
  }
  return { command: 'resume', flags, ...(run === undefined ? {} : { run }) }
}

function resumeCommand(): Command {
  const command = new Command('nanoagent resume')
    .usage('[run] [options]')
    .description(
      'Goes on with a run that did not complete: its process ended, it was interrupted,\n' +
        'it timed out or it failed. What was done is not done again.',
    )
    .argument('[run...]', 'its id, the beginning of one, or last; default: the newest such run')
    .option('--all', 'go on with every such run, one after the other')
  return withGoingOnOptions(command).addHelpText('after', RESUME_HELP)
}

/** Adds the options of whatever goes on with a recorded run. */
export function withGoingOnOptions(command: Command): Command {
  return command
    .addOption(mockOption())
    .option('--model <name>', "the model's name (default: as recorded)")
    .option('--base-url <url>', 'where its API begins (default: as recorded)')
    .addOption(limit('--timeout <seconds>', 'time of the whole run (default: as recorded)', 86_400))
    .addOption(limit('--max-hops <n>', 'most handoffs in a row (default: as recorded)', 10_000))
    .addOption(limit('--max-tokens <n>', 'most tokens of the run (default: as recorded)', 1e9))
    .addOption(
      limit('--requests-at-once <n>', 'most requests at once, per model (default: 8)', 10_000),
    )
    .addOption(jsonOption().conflicts('quiet'))
    .option('--quiet', 'print the password or the answer alone')
    .addOption(
      new Option('--trace', 'print at the end what led to what, and what it took').conflicts(
        'quiet',
      ),
    )
    .addOption(recordedJournalOption())
    .addOption(noColorOption())
    .addOption(logLevelOption())
    .helpOption('-h, --help', 'print this help')
}
