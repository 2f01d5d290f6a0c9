import type { Journal, JournalReader } from '../journal.ts'
import type { Message } from '../message.ts'
import { firstRecords, lastRecords } from './run-ends.ts'
import { rootIn } from './run-summary.ts'

/** What a thread has come to. */
export interface ThreadSummary {
  readonly thread: string
  /** Runs of it that the journal has, whatever became of them. */
  readonly runs: number
  /** What its roles remember now. */
  readonly memories: number
  /** When the first of what is there began or was written, in epoch milliseconds. */
  readonly firstAt: number
  /** When the last of it began, ended or was written. */
  readonly lastAt: number
}

/**
 * The threads of a journal, the one that was used last first. Reads an entry of every run and every
 * memory, and keeps no more of them than a line for each thread.
 */
export async function listThreads(
  journal: Pick<Journal, 'runs' | 'memory'>,
): Promise<readonly ThreadSummary[]> {
  const threads = new Map<string, ThreadSummary>()
  const add = (
    thread: string,
    counted: { readonly runs: number; readonly memories: number },
    times: readonly number[],
  ) => {
    const { runs = 0, memories = 0, firstAt, lastAt } = threads.get(thread) ?? {}
    threads.set(thread, {
      thread,
      runs: runs + counted.runs,
      memories: memories + counted.memories,
      firstAt: Math.min(firstAt ?? Number.POSITIVE_INFINITY, ...times),
      lastAt: Math.max(lastAt ?? 0, ...times),
    })
  }
  for await (const { thread, openedAt, endedAt = openedAt } of journal.runs()) {
    if (thread !== undefined) add(thread, { runs: 1, memories: 0 }, [openedAt, endedAt])
  }
  for await (const { thread, at } of journal.memory.list()) {
    if (thread !== undefined) add(thread, { runs: 0, memories: 1 }, [at])
  }
  return [...threads.values()].sort((a, b) => b.lastAt - a.lastAt)
}

/** A run of a thread: what it was asked and what it answered. */
export interface ThreadRun {
  readonly runId: string
  /** The root message. */
  readonly request: Message
  /** The terminal message. */
  readonly answer: Message
}

/** Which runs of a thread. What is absent does not matter. */
export interface ThreadQuery {
  readonly team?: string
}

/**
 * The completed runs of a thread, newest first. Reads the first and the last records of each, and of the
 * next one only when it is asked for: whoever needs a few stops after them.
 */
export async function* threadRuns(
  journal: JournalReader,
  thread: string,
  { team }: ThreadQuery = {},
): AsyncIterable<ThreadRun> {
  const query = { thread, status: ['completed'], ...(team === undefined ? {} : { team }) } as const
  for await (const { runId } of journal.runs(query)) {
    const request = rootIn(await firstRecords(journal, runId))
    // It is in the same append, right before the end that it brings about.
    const [last] = await lastRecords(journal, runId)
    if (request !== undefined && last?.kind === 'message') {
      yield { runId, request, answer: last.message }
    }
  }
}
