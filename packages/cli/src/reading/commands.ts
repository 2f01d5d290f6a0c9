import { Command, InvalidArgumentError, Option } from 'commander'
import { recordedJournalOption } from '../journal-choice.ts'
import type { ReadingName } from './command-line.ts'
import {
  DEAD_LETTERS_HELP,
  DIFF_HELP,
  RUNS_HELP,
  SHOW_HELP,
  STATS_HELP,
  TAIL_HELP,
  TRACE_HELP,
} from './help.ts'
import { MOMENTS, momentOf } from './moment.ts'
import { withTraceOptions } from './trace-command.ts'

/** How many runs or dead letters are listed when nobody says otherwise. */
const DEFAULT_LIMIT = 20

/** What a run can be, with the one that has no end yet. */
export const STATUSES = [
  'open',
  'completed',
  'failed',
  'cancelled',
  'timed_out',
  'budget_exhausted',
  'stalled',
] as const

/** A command that reads a journal: its options, and what `--help` says of it. */
export function readingCommand(name: ReadingName): Command {
  return COMMANDS[name]()
}

const COMMANDS: Readonly<Record<ReadingName, () => Command>> = {
  runs: () =>
    filtered(
      journalCommand(
        'runs',
        '[options]',
        'Lists the runs of a journal, the newest first.',
        RUNS_HELP,
      ),
    )
      .option('--forks-of <run>', 'only forks of this run')
      .addOption(limitOption('runs').default(DEFAULT_LIMIT)),
  show: () =>
    journalCommand(
      'show',
      '<run> [message] [options]',
      'Shows a run and its messages, or one message with all that its handling did.',
      SHOW_HELP,
    ),
  trace: () =>
    withTraceOptions(
      journalCommand(
        'trace',
        '<run> [options]',
        'Shows what led to what in a run, what it took, and where it went wrong first.',
        TRACE_HELP,
      ),
    ),
  diff: () =>
    journalCommand(
      'diff',
      '<run> <run> [options]',
      'Compares two runs, message by message where they stand at the same causal position.',
      DIFF_HELP,
    ),
  tail: () =>
    journalCommand(
      'tail',
      '[run] [options]',
      'Shows what happens in a journal as it happens, also in other processes.',
      TAIL_HELP,
    ),
  'dead-letters': () =>
    filtered(
      journalCommand(
        'dead-letters',
        '[options]',
        'Lists the messages whose handling was given up, and why.',
        DEAD_LETTERS_HELP,
      ),
    ).addOption(limitOption('dead letters').default(DEFAULT_LIMIT)),
  stats: () =>
    filtered(
      journalCommand(
        'stats',
        '[options]',
        'Adds up what each role did, and took, and used.',
        STATS_HELP,
      ),
    ).addOption(limitOption('runs')),
}

/** A command on a journal: what every one takes, and what `--help` says of it. */
export function journalCommand(
  name: string,
  usage: string,
  description: string,
  help: string,
): Command {
  return new Command(`nanoagent ${name}`)
    .usage(usage)
    .description(description)
    .argument('[arguments...]')
    .option('--json', 'print JSON and nothing else')
    .addOption(recordedJournalOption())
    .addOption(new Option('--no-color', 'print without colours'))
    .helpOption('-h, --help', 'print this help')
    .addHelpText('after', help)
}

/** With options that say which runs. */
export function filtered(command: Command): Command {
  const moment = (text: string) => {
    const found = momentOf(text, Date.now())
    if (found === undefined) throw new InvalidArgumentError(`expected ${MOMENTS}`)
    return found
  }
  return command
    .addOption(
      new Option('--status <names>', `only runs that are ${STATUSES.join(', ')}`).argParser(
        readStatuses,
      ),
    )
    .option('--team <name>', 'only runs of this team')
    .option('--thread <name>', 'only runs of this thread')
    .option('--text <words>', 'only runs whose request has words that begin so')
    .addOption(new Option('--since <when>', 'only runs begun then or later').argParser(moment))
    .addOption(new Option('--until <when>', 'only runs begun before').argParser(moment))
}

function limitOption(what: string): Option {
  return new Option('--limit <n>', `most ${what}, the newest`).argParser((text: string) => {
    const value = /^\d{1,9}$/.test(text) ? Number(text) : 0
    if (value > 0) return value
    throw new InvalidArgumentError('expected a whole number from 1 to 999999999')
  })
}

/** Statuses of runs, parted by commas. */
export function readStatuses(text: string, before: readonly string[] = []): readonly string[] {
  const names = text.split(',').map((name) => name.trim().toLowerCase().replace(/[- ]/g, '_'))
  const unknown = names.find((name) => !STATUSES.some((status) => status === name))
  if (unknown === undefined) return [...new Set([...before, ...names])]
  throw new InvalidArgumentError(`no run is '${unknown}', they are ${STATUSES.join(', ')}`)
}
