import { type Command, Option } from 'commander'
import { baseUrlOption, limit, mockOption } from '../commands.ts'
import type { ModelFlags } from '../configuration.ts'
import { UsageError } from '../errors.ts'
import { type ParseOptions, parse } from '../parse-command.ts'
import { journalCommand } from '../reading/commands.ts'
import {
  assertNarrowable,
  choosingRuns,
  type RunChoice,
  type RunChoiceFlags,
} from '../reading/run-choice.ts'
import { ATTACH_HELP } from './help.ts'

/** The options of `attach`, parsed. */
interface AttachFlags extends ModelFlags, RunChoiceFlags {
  /** A file with what the agent is told. */
  readonly instructions?: string
  readonly requestsAtOnce?: number
}

/** The command line of `attach`, parsed. */
export interface AttachArguments {
  readonly command: 'attach'
  readonly flags: AttachFlags
  /** A role, or the path of a module; as typed. */
  readonly agent: string
  readonly runs: RunChoice
}

/** Parses what was typed behind `attach`. */
export function parseAttach(
  argv: readonly string[],
  options: ParseOptions,
): AttachArguments | undefined {
  const command = attachCommand()
  if (!parse(command, argv, options)) return undefined
  const { args } = command
  const flags = command.opts<AttachFlags>()
  const [agent, ...others] = args
  if (agent === undefined || others.length > 0) {
    throw new UsageError(
      'attach takes one agent, as in nanoagent attach security-auditor --runs last:10',
    )
  }
  const { runs } = flags
  if (runs === undefined) {
    throw new UsageError('attach needs --runs: last:N for the newest N, all, or one run')
  }
  assertNarrowable(runs, flags)
  return { command: 'attach', flags, agent, runs }
}

function attachCommand(): Command {
  return choosingRuns(
    journalCommand(
      'attach',
      '<agent> --runs <which> [options]',
      'Lets an agent that was not in the team hear runs that are past, and says what it\n' +
        'would have published. Nothing is stored.',
      ATTACH_HELP,
    ),
  )
    .option('--instructions <file>', 'what the agent is told, in place of its own')
    .addOption(mockOption())
    .addOption(
      new Option(
        '--model <name>',
        "the model's name (default: NANOAGENT_MODEL, else gpt-4.1-mini)",
      ),
    )
    .addOption(baseUrlOption())
    .addOption(
      limit('--requests-at-once <n>', 'most requests at once, per model (default: 8)', 10_000),
    )
}
