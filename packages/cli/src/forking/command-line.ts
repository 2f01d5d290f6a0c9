import type { DataChange } from '@nanoagent/orchestrator'
import { Command, Option } from 'commander'
import { UsageError } from '../errors.ts'
import { type ParseOptions, parse } from '../parse-command.ts'
import { type ResumeFlags, withGoingOnOptions } from '../resume/command-line.ts'
import { changeOf } from './change.ts'
import { FORK_HELP } from './help.ts'

/** The options of `fork`, parsed. What is not given stays as it is recorded. */
export interface ForkFlags extends Omit<ResumeFlags, 'all'> {
  /** The message, as typed. */
  readonly at: string
  readonly set: readonly DataChange[]
  /** Whether its data is edited in the editor. */
  readonly edit?: true
  /** A file with its data; `-` means standard input. */
  readonly data?: string
}

/** The command line of `fork`, parsed. */
export interface ForkArguments {
  readonly command: 'fork'
  readonly flags: ForkFlags
  /** As typed. */
  readonly run: string
}

/** Parses what was typed behind `fork`. */
export function parseFork(
  argv: readonly string[],
  options: ParseOptions,
): ForkArguments | undefined {
  const command = forkCommand()
  if (!parse(command, argv, options)) return undefined
  const { args } = command
  const flags = command.opts<Omit<ForkFlags, 'at' | 'set'> & { at?: string; set: string[] }>()
  const [run] = args
  const { at } = flags
  if (run === undefined || at === undefined) {
    throw new UsageError(
      'fork needs a run and a message, as in nanoagent fork last --at .h: ' +
        'nanoagent show last lists them',
    )
  }
  if (args.length > 1) {
    throw new UsageError(
      `${args.length} arguments were given, but fork takes one run: see nanoagent fork --help`,
    )
  }
  return { command: 'fork', run, flags: { ...flags, at, set: flags.set.map(changeOf) } }
}

function forkCommand(): Command {
  const command = new Command('nanoagent fork')
    .usage('<run> --at <message> [options]')
    .description(
      'Makes a new run from a recorded one, from one of its messages on: with other\n' +
        'data, another model, or just once more.',
    )
    .argument('[run...]', 'its id, the beginning of one, or last')
    .option('--at <message>', 'the message from which on it goes its own way')
    .addOption(
      new Option('--set <path=value>', 'change one part of its data (can be repeated)')
        .argParser((typed: string, earlier: string[]) => [...earlier, typed])
        .default([], 'none'),
    )
    .addOption(new Option('--edit', 'edit its data in VISUAL or EDITOR').conflicts(['data']))
    .addOption(new Option('--data <file>', "its data as JSON; '-' reads standard input"))
  return withGoingOnOptions(command).addHelpText('after', FORK_HELP)
}
