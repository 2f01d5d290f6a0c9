import { findRun, type JournalReader, listRuns } from '@nanoagent/bus'
import { type Command, InvalidArgumentError, Option } from 'commander'
import { UsageError } from '../errors.ts'
import type { FilterFlags } from './command-line.ts'
import { filtered } from './commands.ts'
import { queryOf } from './filters.ts'

/** Which runs are meant: the newest so many, all, or one. */
export type RunChoice =
  | { readonly kind: 'newest'; readonly count: number }
  | { readonly kind: 'all' }
  /** `ref` is as typed. */
  | { readonly kind: 'one'; readonly ref: string }

/** The options that say which runs, parsed. */
export type RunChoiceFlags = Omit<FilterFlags, 'limit'> & { readonly runs?: RunChoice }

/** With options that choose runs. */
export function choosingRuns(command: Command): Command {
  return filtered(
    command.addOption(
      new Option('--runs <which>', 'last:N for the newest N, all, or one run').argParser(
        readChoice,
      ),
    ),
  )
}

/** Reads `last:100`, `all`, or what names one run. */
export function readChoice(text: string): RunChoice {
  const ref = text.trim()
  if (ref === 'all') return { kind: 'all' }
  const [, count] = /^last:(.*)$/.exec(ref) ?? []
  if (count === undefined) return { kind: 'one', ref }
  if (/^[1-9]\d{0,8}$/.test(count)) return { kind: 'newest', count: Number(count) }
  throw new InvalidArgumentError(
    'expected last:N with a whole number from 1 to 999999999, all, or one run',
  )
}

/** Throws a `UsageError` where the options that narrow runs down are given for a single run. */
export function assertNarrowable(choice: RunChoice, flags: RunChoiceFlags): void {
  const [given] = Object.keys(queryOf(flags))
  if (choice.kind !== 'one' || given === undefined) return
  throw new UsageError(
    `--${given} chooses among several runs: give --runs last:N or --runs all with it`,
  )
}

/** The ids of the chosen runs, the newest first, while they are read. */
export async function* chosenRuns(
  journal: JournalReader,
  choice: RunChoice,
  flags: RunChoiceFlags,
): AsyncGenerator<string> {
  if (choice.kind === 'one') {
    yield await findRun(journal, choice.ref)
    return
  }
  const limit = choice.kind === 'all' ? {} : { limit: choice.count }
  for await (const { runId } of listRuns(journal, { ...queryOf(flags), ...limit })) yield runId
}
