import type { JournalReader, RunSummary } from '@nanoagent/bus'
import { pathOf } from './message-path.ts'

/** Most forks of a run that are named to people. */
const MOST_NAMED = 5

/** The ids of the forks of a run, newest first. */
export async function forksOf(journal: JournalReader, runId: string): Promise<readonly string[]> {
  const forks: string[] = []
  for await (const fork of journal.runs({ forkedFrom: runId })) forks.push(fork.runId)
  return forks
}

/** Where a run comes from; `undefined` where it is no fork. */
export function originText({ forkedFrom }: RunSummary): string | undefined {
  if (forkedFrom === undefined) return undefined
  return `${forkedFrom.runId} at ${pathOf(forkedFrom.messageId)}`
}

/** The forks of a run for people, and how to list them where they are many; `undefined` where it has none. */
export function forksText(
  { runId }: Pick<RunSummary, 'runId'>,
  forks: readonly string[],
): string | undefined {
  if (forks.length === 0) return undefined
  const named = forks.slice(0, MOST_NAMED).join(', ')
  const more = forks.length - MOST_NAMED
  return more > 0 ? `${named} and ${more} more: nanoagent runs --forks-of ${runId}` : named
}

/** What is said below a trace of the run's family; nothing where it has none. */
export function familyLines(summary: RunSummary, forks: readonly string[]): readonly string[] {
  const origin = originText(summary)
  const children = forksText(summary, forks)
  return [
    ...(origin === undefined ? [] : [`  forked from run ${origin}`]),
    ...(children === undefined ? [] : [`  its forks: ${children}`]),
  ]
}
