import type { JournalMemory, MemoryScope } from '../journal.ts'
import { isFound, wordsOf } from '../journals/search-words.ts'
import type { ForkOrigin, MemoryRecord } from '../records.ts'

/** What a run reads memory with. */
export type RunMemory = Pick<JournalMemory, 'get' | 'search' | 'fingerprint'>

/**
 * The memory of a fork: what it has kept itself, and what it has not: what the thread knew that its origin
 * names, at that time.
 */
export function forkMemory(
  memory: JournalMemory,
  { thread, until }: NonNullable<ForkOrigin['memory']>,
): RunMemory {
  const known = async ({ role }: MemoryScope): Promise<readonly MemoryRecord[]> => {
    const records: MemoryRecord[] = []
    for await (const record of memory.list({ thread, role, until })) records.push(record)
    return records
  }
  return {
    async get(scope, key) {
      const own = await memory.get(scope, key)
      return own ?? (await known(scope)).findLast((record) => record.key === key)
    },
    async search(scope, text, limit) {
      const own = await memory.search(scope, text, limit)
      const words = wordsOf(text)
      const earlier: MemoryRecord[] = []
      for (const record of (await known(scope)).toReversed()) {
        const isOver = isFound(record, words) && (await memory.get(scope, record.key)) === undefined
        if (isOver) earlier.push(record)
      }
      return [...own, ...earlier].slice(0, Math.max(0, limit))
    },
    fingerprint: (value) => memory.fingerprint(value),
  }
}
