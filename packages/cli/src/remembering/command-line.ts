import type { Command } from 'commander'
import { UsageError } from '../errors.ts'
import { type ParseOptions, parse } from '../parse-command.ts'
import type { ReadFlags } from '../reading/command-line.ts'
import { journalCommand } from '../reading/commands.ts'
import { MEMORY_HELP, THREADS_HELP } from './help.ts'

/** The words of the commands about what is remembered. */
export const REMEMBERINGS = ['threads', 'memory'] as const

/** The options of `memory`, parsed. */
export interface MemoryFlags extends ReadFlags {
  readonly thread?: string
  readonly role?: string
  /** Of `list`: words. */
  readonly text?: string
  /** Of `list`: fingerprints, too, each by itself. */
  readonly all?: true
  /** Of `forget`: without asking. */
  readonly yes?: true
}

/** What is to be done with what is remembered. */
export type Remembering =
  | { readonly name: 'threads'; readonly flags: ReadFlags }
  | { readonly name: 'list'; readonly flags: MemoryFlags }
  | { readonly name: 'show'; readonly flags: MemoryFlags; readonly memory: string }
  | {
      readonly name: 'forget'
      readonly flags: MemoryFlags
      /** A key or an id; absent for all of a thread. */
      readonly memory?: string
    }

/** The command line of a command about what is remembered, parsed. */
export interface RememberArguments {
  readonly command: 'remember'
  readonly remembering: Remembering
}

/** Parses what was typed behind the word of a command about what is remembered. */
export function parseRemembering(
  name: (typeof REMEMBERINGS)[number],
  argv: readonly string[],
  options: ParseOptions,
): RememberArguments | undefined {
  const command = name === 'threads' ? threadsCommand() : memoryCommand()
  if (!parse(command, argv, options)) return undefined
  const remembering = name === 'threads' ? threadsOf(command) : memoryOf(command)
  return { command: 'remember', remembering }
}

function threadsCommand(): Command {
  return journalCommand(
    'threads',
    '[options]',
    'Lists the threads of a journal, the one that was used last first.',
    THREADS_HELP,
  )
}

function memoryCommand(): Command {
  return journalCommand(
    'memory',
    '[list | show <key> | forget <key>] [options]',
    'Lists, shows or forgets what agents remember in threads.',
    MEMORY_HELP,
  )
    .option('--thread <name>', 'only what is remembered in this thread')
    .option('--role <name>', 'only what this role remembers')
    .option('--text <words>', 'list: only what has words that begin so')
    .option('--all', 'list: each fingerprint of a password by itself, too')
    .option('--yes', 'forget: without asking')
}

function threadsOf(command: Command): Remembering {
  if (command.args.length > 0) {
    throw new UsageError(
      "threads takes options alone: see nanoagent threads --help, or put a prompt's words in quotes",
    )
  }
  return { name: 'threads', flags: command.opts<ReadFlags>() }
}

function memoryOf(command: Command): Remembering {
  const flags = command.opts<MemoryFlags>()
  const [name = 'list', memory, ...others] = command.args
  if (others.length > 0) {
    throw new UsageError(`${name} takes one key: put it in quotes, as in "preference bank form"`)
  }
  if (flags.text !== undefined && name !== 'list') {
    throw new UsageError('--text is an option of nanoagent memory list')
  }
  if (flags.all === true && name !== 'list') {
    throw new UsageError('--all is an option of nanoagent memory list')
  }
  if (flags.yes === true && name !== 'forget') {
    throw new UsageError('--yes is an option of nanoagent memory forget')
  }
  if (name === 'list' && memory === undefined) return { name, flags }
  if (name === 'show' && memory !== undefined) return { name, flags, memory }
  if (name === 'forget' && (memory ?? flags.thread) !== undefined) {
    return { name, flags, ...(memory === undefined ? {} : { memory }) }
  }
  throw new UsageError(REFUSALS.get(name) ?? NO_SUCH)
}

const NO_SUCH =
  'memory lists, shows or forgets: nanoagent memory list, or see nanoagent memory --help'

const REFUSALS = new Map([
  [
    'list',
    'memory list takes options alone: --text looks for words, nanoagent memory show for a key',
  ],
  ['show', 'memory show needs a key or an id: see nanoagent memory list'],
  ['forget', 'memory forget needs a key or an id, or --thread for all of a thread'],
])
