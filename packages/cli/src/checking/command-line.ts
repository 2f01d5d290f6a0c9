import { type Command, Option } from 'commander'
import { limit } from '../commands.ts'
import type { ModelFlags } from '../configuration.ts'
import { UsageError } from '../errors.ts'
import type { ReadFlags } from '../reading/command-line.ts'

/** The options of `replay --check`, parsed. */
export interface CheckFlags extends ReadFlags, ModelFlags {
  /** A folder of exported runs, or a file of them; as typed. */
  readonly check: string
  /** Which attempts are made again. */
  readonly attempts: 'settled' | 'all'
  /** Files that are checked at once. */
  readonly atOnce?: number
  /** A file that is written, or written over. */
  readonly junit?: string
  readonly withoutSecrets?: true
  /** Whether runs that have diverged are recorded anew. */
  readonly update?: true
}

/** What goes with `--check` alone. */
const ONLY_WITH_CHECK = ['atOnce', 'junit', 'withoutSecrets', 'update'] as const

/** What goes with `--update` alone. */
const ONLY_WITH_UPDATE = ['mock', 'model', 'baseUrl'] as const

/** Adds the options that check exported runs. */
export function withCheckOptions(command: Command): Command {
  return command
    .addOption(
      new Option('--check <path>', 'check the exported runs of a folder or a file').conflicts([
        'step',
        'journal',
        'speed',
        'agent',
        'runs',
        'live',
        'instructions',
        'requestsAtOnce',
        'status',
        'team',
        'thread',
        'text',
        'since',
        'until',
      ]),
    )
    .addOption(limit('--at-once <n>', 'files checked at once (default: one per core)', 256))
    .option('--junit <file>', 'write what was found as JUnit XML, too')
    .option('--without-secrets', 'leave out the passwords that are sealed in them')
    .addOption(
      new Option(
        '--update',
        'record anew what has diverged, with a model as for an agent',
      ).conflicts('withoutSecrets'),
    )
}

/** The options of `--check`, where it was typed. Throws a `UsageError` for what does not go together. */
export function checkFlags(command: Command): CheckFlags | undefined {
  const flags = command.opts<Partial<CheckFlags>>()
  const { check } = flags
  const stray = check === undefined ? ONLY_WITH_CHECK : flags.update ? [] : ONLY_WITH_UPDATE
  for (const name of stray) {
    if (flags[name] === undefined) continue
    const option = command.options.find((one) => one.attributeName() === name)
    const other = check === undefined ? '--check, as in nanoagent replay --check runs/' : '--update'
    throw new UsageError(`${option?.long ?? name} goes with ${other}`)
  }
  if (check === undefined) return undefined
  for (const [name, value] of [
    ['--check', check],
    ['--junit', flags.junit],
  ] as const) {
    if (value?.trim() === '') throw new UsageError(`${name} is empty: give it a path`)
  }
  const [run] = command.args
  if (run !== undefined) {
    throw new UsageError(`replay takes a run or --check: leave out '${run}' or --check`)
  }
  return command.opts<CheckFlags>()
}
