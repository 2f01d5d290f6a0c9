import { type Command, Option } from 'commander'
import { type CheckFlags, checkFlags, withCheckOptions } from '../checking/command-line.ts'
import { UsageError } from '../errors.ts'
import { type ParseOptions, parse } from '../parse-command.ts'
import type { ReadFlags } from '../reading/command-line.ts'
import { journalCommand } from '../reading/commands.ts'
import { type AgentReplaying, agentReplaying, withAgentOptions } from './agent-options.ts'
import { REPLAY_HELP } from './help.ts'

/** How fast the records of a run are shown. */
const SPEEDS = ['1', '4', 'max'] as const

/** One of `SPEEDS`. */
export type Speed = (typeof SPEEDS)[number]

/** The options of `replay RUN`, parsed. */
export interface ReplayFlags extends ReadFlags {
  readonly speed: Speed
  /** Whether each delivery waits for a person's command. */
  readonly step?: true
  /** Which attempts are made again. */
  readonly attempts: 'settled' | 'all'
}

/** One run that is to be replayed. */
export interface RunReplaying {
  readonly name: 'run'
  readonly flags: ReplayFlags
  /** As typed. */
  readonly run: string
}

/** What is to be replayed. */
export type Replaying =
  | RunReplaying
  | AgentReplaying
  | { readonly name: 'check'; readonly flags: CheckFlags }

/** The command line of `replay`, parsed. */
export interface ReplayArguments {
  readonly command: 'replay'
  readonly replaying: Replaying
}

/** Parses what was typed behind `replay`. */
export function parseReplay(
  argv: readonly string[],
  options: ParseOptions,
): ReplayArguments | undefined {
  const command = replayCommand()
  if (!parse(command, argv, options)) return undefined
  return { command: 'replay', replaying: replayingOf(command) }
}

function replayCommand(): Command {
  const command = journalCommand(
    'replay',
    '<run> [options]\n       nanoagent replay [run] --agent <role> [options]\n' +
      '       nanoagent replay --check <path> [options]',
    'Runs the team of today against the recorded steps of a run, without a model or a\n' +
      'key, and says whether it does the same, or where it first does something else.',
    REPLAY_HELP,
  )
    .addOption(
      new Option('--speed <factor>', 'how fast it is shown: as it was, four times so, at once')
        .choices(SPEEDS)
        .default('max')
        .conflicts('json'),
    )
    .addOption(
      new Option('--step', 'wait for a command before each message is handled').conflicts('json'),
    )
    .addOption(
      new Option('--attempts <which>', 'make only those again that settled something, or all')
        .choices(['settled', 'all'])
        .default('settled'),
    )
  return withCheckOptions(withAgentOptions(command))
}

function replayingOf(command: Command): Replaying {
  const check = checkFlags(command)
  if (check !== undefined) return { name: 'check', flags: check }
  const agent = agentReplaying(command)
  if (agent !== undefined) return agent
  const { args } = command
  const [run] = args
  if (run === undefined) {
    throw new UsageError('replay needs a run, as in nanoagent replay last: see nanoagent runs')
  }
  if (args.length > 1) {
    throw new UsageError(
      `${args.length} arguments were given, but replay takes one run: see nanoagent replay --help`,
    )
  }
  return { name: 'run', flags: command.opts<ReplayFlags>(), run }
}
