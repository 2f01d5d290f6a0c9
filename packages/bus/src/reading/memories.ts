import type { Journal, JournalReader, MemoryQuery } from '../journal.ts'
import { isFound, wordsOf } from '../journals/search-words.ts'
import type { MemoryRecord, StepRecord } from '../records.ts'
import { Secret } from '../secret.ts'

/** Which memories to list. What is absent does not matter. */
export interface MemoryListQuery extends MemoryQuery {
  /** Only those that have all of these words in their key or value, each as the beginning of one. */
  readonly text?: string
}

/** What is remembered in threads now, oldest first. */
export async function* listMemories(
  { memory }: Pick<Journal, 'memory'>,
  { text, ...query }: MemoryListQuery = {},
): AsyncIterable<MemoryRecord> {
  const words = text === undefined ? undefined : wordsOf(text)
  for await (const record of memory.list(query)) {
    if (words === undefined || isFound(record, words)) yield record
  }
}

/** A run whose model was told what a memory says. */
export interface QuotingRun {
  readonly runId: string
  /** How many of its model requests have it. */
  readonly requests: number
}

/**
 * The runs, newest first, whose model requests have a text of these memories in them: texts of several
 * words, or where a value has none, its texts of at least four characters. Looks through the runs of the
 * memories' threads, then through their forks.
 */
export async function runsQuoting(
  journal: JournalReader,
  memories: readonly MemoryRecord[],
): Promise<readonly QuotingRun[]> {
  const threads = Map.groupBy(memories, ({ thread }) => thread)
  const quoting: QuotingRun[] = []
  for (const [thread, records] of threads) {
    const texts = new Set(records.flatMap(({ value }) => tellingTexts(value)))
    if (thread === undefined || texts.size === 0) continue
    for (const runId of await runsKnowing(journal, thread)) {
      let requests = 0
      for await (const record of journal.read({ runId })) {
        if (record.kind === 'step' && quotes(record, texts)) requests++
      }
      if (requests > 0) quoting.push({ runId, requests })
    }
  }
  return quoting
}

/** The runs of a thread, and whatever was forked from them, which is in no thread. */
async function runsKnowing(journal: JournalReader, thread: string): Promise<readonly string[]> {
  const known = new Set<string>()
  for await (const { runId } of journal.runs({ thread })) known.add(runId)
  for (const forkedFrom of known) {
    for await (const { runId } of journal.runs({ forkedFrom })) known.add(runId)
  }
  return [...known]
}

function quotes({ stepKind, request }: StepRecord, texts: ReadonlySet<string>): boolean {
  if (stepKind !== 'model') return false
  const told = textsIn(request)
  return [...texts].some((text) => {
    // It may be told as it is, or as JSON.
    const asJson = JSON.stringify(text).slice(1, -1)
    return told.some((part) => part.includes(text) || part.includes(asJson))
  })
}

/** The texts of a value that say more than what many others say, too. */
function tellingTexts(value: unknown): readonly string[] {
  const texts = textsIn(value).map((text) => text.trim())
  const sentences = texts.filter((text) => /\S\s+\S/.test(text))
  return sentences.length > 0 ? sentences : texts.filter((text) => text.length >= 4)
}

/** Every text in JSON data, without those of secrets. */
function textsIn(value: unknown): readonly string[] {
  if (typeof value === 'string') return [value]
  if (typeof value !== 'object' || value === null || value instanceof Secret) return []
  return Object.values(value).flatMap(textsIn)
}
