import type { JournalReader, RunEntry, RunsQuery } from '../journal.ts'
import { hasWords, textIn, wordsOf } from '../journals/search-words.ts'
import { firstRecords, lastRecords } from './run-ends.ts'
import { type RunSummary, rootIn, summaryOfEnds } from './run-summary.ts'

/** Which runs to read. What is absent does not matter. */
export interface ReadingQuery extends RunsQuery {
  /**
   * Only runs whose request has all of these words, each as the beginning of one of its own, whatever
   * their case and accents. The request is the root message's data; its secrets are not looked at.
   */
  readonly text?: string
  /** Only so many, the newest; a whole number above 0. */
  readonly limit?: number
}

/**
 * The runs in short, newest first. Reads the first and the last records of each, and of the next one only
 * when it is asked for: whoever needs a few stops after them.
 */
export async function* listRuns(
  journal: JournalReader,
  query: ReadingQuery = {},
): AsyncIterable<RunSummary> {
  for await (const { runId } of runsIn(journal, query)) {
    const summary = summaryOfEnds([
      ...(await firstRecords(journal, runId)),
      ...(await lastRecords(journal, runId)),
    ])
    if (summary !== undefined) yield summary
  }
}

/** The entries of the runs that a query asks for, newest first. */
export async function* runsIn(
  journal: JournalReader,
  { text, limit, ...query }: ReadingQuery = {},
): AsyncIterable<RunEntry> {
  const words = wordsOf(text ?? '')
  let count = 0
  for await (const entry of journal.runs(query)) {
    if (text !== undefined && !(await isAbout(journal, entry, words))) continue
    yield entry
    if (++count === limit) return
  }
}

async function isAbout(
  journal: JournalReader,
  { runId }: RunEntry,
  words: readonly string[],
): Promise<boolean> {
  const root = rootIn(await firstRecords(journal, runId))
  return root !== undefined && hasWords(textIn(root.data), words)
}
