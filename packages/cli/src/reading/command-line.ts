import type { RunStatus } from '@nanoagent/bus'
import type { Command } from 'commander'
import { UsageError } from '../errors.ts'
import type { JournalFlags } from '../journal-choice.ts'
import { type ParseOptions, parse } from '../parse-command.ts'
import { readingCommand } from './commands.ts'
import type { TraceFlags } from './trace-command.ts'

/** The words of the commands that read a journal. */
export const READINGS = ['runs', 'show', 'trace', 'tail', 'diff', 'dead-letters', 'stats'] as const

/** One of `READINGS`. */
export type ReadingName = (typeof READINGS)[number]

/** What every command that reads takes. */
export interface ReadFlags extends JournalFlags {
  readonly json?: true
  /** False with `--no-color`. */
  readonly color: boolean
}

/** Which runs, parsed. */
export interface FilterFlags extends ReadFlags {
  readonly status?: readonly (RunStatus | 'open')[]
  readonly team?: string
  readonly thread?: string
  readonly text?: string
  /** The run whose forks they are, as typed; only `runs` takes it. */
  readonly forksOf?: string
  /** Epoch milliseconds. */
  readonly since?: number
  readonly until?: number
  readonly limit?: number
}

/** What is to be read. */
export type Reading =
  | { readonly name: 'runs' | 'dead-letters' | 'stats'; readonly flags: FilterFlags }
  | {
      readonly name: 'show'
      readonly flags: ReadFlags
      readonly run: string
      readonly message?: string
    }
  | { readonly name: 'trace'; readonly flags: TraceFlags; readonly run: string }
  | { readonly name: 'tail'; readonly flags: ReadFlags; readonly run?: string }
  | {
      readonly name: 'diff'
      readonly flags: ReadFlags
      readonly before: string
      readonly after: string
    }

/** The command line of a command that reads, parsed. */
export interface ReadArguments {
  readonly command: 'read'
  readonly reading: Reading
}

/** Parses what was typed behind the word of a command that reads. */
export function parseReading(
  name: ReadingName,
  argv: readonly string[],
  options: ParseOptions,
): ReadArguments | undefined {
  const command = readingCommand(name)
  if (!parse(command, argv, options)) return undefined
  return { command: 'read', reading: readingOf(name, command) }
}

function readingOf(name: ReadingName, command: Command): Reading {
  const [run, message] = namesIn(name, command)
  if (name === 'diff') {
    if (run === undefined || message === undefined) {
      throw new UsageError(
        'diff needs two runs, as in nanoagent diff last~1 last: see nanoagent runs',
      )
    }
    return { name, flags: command.opts<ReadFlags>(), before: run, after: message }
  }
  if (name === 'tail') {
    return { name, flags: command.opts<ReadFlags>(), ...(run === undefined ? {} : { run }) }
  }
  if (name !== 'show' && name !== 'trace') return { name, flags: command.opts<FilterFlags>() }
  if (run === undefined) {
    throw new UsageError(`${name} needs a run, as in nanoagent ${name} last: see nanoagent runs`)
  }
  if (name === 'trace') return { name, flags: command.opts<TraceFlags>(), run }
  const flags = command.opts<ReadFlags>()
  return { name, flags, run, ...(message === undefined ? {} : { message }) }
}

/** How many arguments each takes at most; none where it takes options alone. */
const MOST_NAMES: Readonly<Partial<Record<ReadingName, number>>> = {
  show: 2,
  trace: 1,
  tail: 1,
  diff: 2,
}

function namesIn(name: ReadingName, { args }: Command): readonly string[] {
  const most = MOST_NAMES[name] ?? 0
  if (args.length <= most) return args
  throw new UsageError(
    most === 0
      ? `${name} takes options alone: see nanoagent ${name} --help, or put a prompt's words in quotes`
      : `${args.length} arguments were given, but ${name} takes ${most} at most: see nanoagent ${name} --help`,
  )
}
