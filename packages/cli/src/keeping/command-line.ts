import type { RunStatus } from '@nanoagent/bus'
import { type Command, InvalidArgumentError, Option } from 'commander'
import { UsageError } from '../errors.ts'
import { type ParseOptions, parse } from '../parse-command.ts'
import type { FilterFlags, ReadFlags } from '../reading/command-line.ts'
import { filtered, journalCommand, readStatuses, STATUSES } from '../reading/commands.ts'
import { queryOf } from '../reading/filters.ts'
import { durationOf } from '../reading/moment.ts'
import { BACKUP_HELP, EXPORT_HELP, IMPORT_HELP, PRUNE_HELP, VERIFY_HELP } from './help.ts'

/** The words of the commands that keep a journal. */
export const KEEPINGS = ['export', 'import', 'prune', 'verify', 'backup'] as const

/** One of `KEEPINGS`. */
export type KeepingName = (typeof KEEPINGS)[number]

/** The options of `export`, parsed. */
interface ExportFlags extends FilterFlags {
  readonly all?: true
  /** A file that is made; absent for standard output. */
  readonly output?: string
  readonly withSecrets?: true
}

/** The options of `import`, parsed. */
export interface ImportFlags extends ReadFlags {
  readonly withoutSecrets?: true
  readonly skipKnown?: true
  readonly dryRun?: true
}

/** The options of `prune`, parsed. */
export interface PruneFlags extends ReadFlags {
  /** Milliseconds. */
  readonly olderThan?: number
  /** How many of the newest stay. */
  readonly keep?: number
  readonly status?: readonly (RunStatus | 'open')[]
  readonly dryRun?: true
  readonly yes?: true
}

/** What is to be done with a journal. */
export type Keeping =
  | { readonly name: 'export'; readonly flags: ExportFlags; readonly runs: readonly string[] }
  | { readonly name: 'import'; readonly flags: ImportFlags; readonly file: string }
  | { readonly name: 'prune'; readonly flags: PruneFlags }
  | { readonly name: 'verify'; readonly flags: ReadFlags }
  | { readonly name: 'backup'; readonly flags: ReadFlags; readonly file: string }

/** The command line of a command that keeps a journal, parsed. */
export interface KeepArguments {
  readonly command: 'keep'
  readonly keeping: Keeping
}

/** Parses what was typed behind the word of a command that keeps a journal. */
export function parseKeeping(
  name: KeepingName,
  argv: readonly string[],
  options: ParseOptions,
): KeepArguments | undefined {
  const command = COMMANDS[name]()
  if (!parse(command, argv, options)) return undefined
  return { command: 'keep', keeping: keepingOf(name, command) }
}

const COMMANDS: Readonly<Record<KeepingName, () => Command>> = {
  export: () =>
    filtered(
      journalCommand(
        'export',
        '[run...] [options]',
        'Writes runs as lines of JSON, with everything that is recorded of them.',
        EXPORT_HELP,
      ),
    )
      .option('--all', 'all runs')
      .option('-o, --output <file>', 'write to a new file in place of standard output')
      .option('--with-secrets', 'with the passwords, sealed under a passphrase'),
  import: () =>
    journalCommand(
      'import',
      '<file> [options]',
      "Stores runs that nanoagent export has written; '-' reads standard input.",
      IMPORT_HELP,
    )
      .option('--without-secrets', 'leave out the passwords that are sealed in it')
      .option('--skip-known', 'leave out runs that the journal has, or had')
      .option('--dry-run', 'check it, and store nothing'),
  prune: () =>
    journalCommand(
      'prune',
      '[options]',
      'Deletes runs that have ended, and everything that is recorded of them.',
      PRUNE_HELP,
    )
      .addOption(
        new Option('--older-than <time>', 'only runs that ended so long ago, as 30d').argParser(
          duration,
        ),
      )
      .addOption(new Option('--keep <n>', 'only those beyond the newest so many').argParser(kept))
      .addOption(
        new Option(
          '--status <names>',
          `only runs that are ${STATUSES.slice(1).join(', ')}`,
        ).argParser(readStatuses),
      )
      .option('--dry-run', 'say what would be deleted, and delete nothing')
      .option('--yes', 'delete without asking'),
  verify: () =>
    journalCommand('verify', '[options]', 'Checks that a journal is whole.', VERIFY_HELP),
  backup: () =>
    journalCommand(
      'backup',
      '<file> [options]',
      'Copies a journal into a new file, also while runs go on.',
      BACKUP_HELP,
    ),
}

function keepingOf(name: KeepingName, command: Command): Keeping {
  const { args } = command
  switch (name) {
    case 'export':
      return exportOf(command.opts<ExportFlags>(), args)
    case 'import':
      return { name, flags: command.opts<ImportFlags>(), file: oneFile(name, args) }
    case 'backup':
      return { name, flags: command.opts<ReadFlags>(), file: oneFile(name, args) }
    case 'prune':
      assertNone(name, args)
      return { name, flags: pruneFlags(command.opts<PruneFlags>()) }
    case 'verify':
      assertNone(name, args)
      return { name, flags: command.opts<ReadFlags>() }
  }
}

function exportOf(flags: ExportFlags, runs: readonly string[]): Keeping {
  const ways = [runs.length > 0, flags.all === true, Object.keys(queryOf(flags)).length > 0].filter(
    (isGiven) => isGiven,
  )
  if (ways.length === 0) {
    throw new UsageError('say which runs to export: their ids, last, --all, or --since 1d')
  }
  if (ways.length > 1) {
    throw new UsageError(
      'export takes ids of runs, --all, or options that choose them: one of these',
    )
  }
  return { name: 'export', flags, runs }
}

function pruneFlags(flags: PruneFlags): PruneFlags {
  const { olderThan, keep, status } = flags
  if (olderThan === undefined && keep === undefined && status === undefined) {
    throw new UsageError(
      'say what to prune: --older-than 30d, --keep 1000, or --status failed; --dry-run only shows it',
    )
  }
  return flags
}

function oneFile(name: KeepingName, [file, ...others]: readonly string[]): string {
  if (file !== undefined && file.trim() !== '' && others.length === 0) return file
  const given = file === undefined ? 'none was given' : `not ${others.length + 1}`
  throw new UsageError(
    `${name} takes one file, ${given}: nanoagent ${name} runs.${name === 'backup' ? 'db' : 'jsonl'}`,
  )
}

function assertNone(name: KeepingName, args: readonly string[]): void {
  if (args.length === 0) return
  throw new UsageError(
    `${name} takes options alone: see nanoagent ${name} --help, or put a prompt's words in quotes`,
  )
}

function duration(text: string): number {
  const found = durationOf(text)
  if (found !== undefined) return found
  throw new InvalidArgumentError('expected a time such as 12h, 30d or 8w')
}

function kept(text: string): number {
  if (/^\d{1,9}$/.test(text)) return Number(text)
  throw new InvalidArgumentError('expected a whole number from 0')
}
