import { createHmac, randomBytes } from 'node:crypto'
import type { JournalMemory, MemoryListing, MemoryQuery, MemoryScope } from '../journal.ts'
import type { MemoryRecord } from '../records.ts'
import { isFound, wordsOf } from './search-words.ts'

/** The memory of a journal that is itself in memory. */
export class RememberedRecords implements JournalMemory {
  /** In the order in which they were written. */
  readonly #records = new Map<string, MemoryRecord>()
  readonly #key = randomBytes(32)
  readonly #onForgotten: (record: MemoryRecord) => void

  /** Calls `onForgotten` with each record as it is without its value. */
  constructor(onForgotten: (record: MemoryRecord) => void) {
    this.#onForgotten = onForgotten
  }

  add(record: MemoryRecord): void {
    this.#records.set(record.id, record)
  }

  remove({ id }: MemoryRecord): void {
    this.#records.delete(id)
  }

  async get(scope: MemoryScope, key: string): Promise<MemoryRecord | undefined> {
    return this.#current().findLast((record) => record.key === key && isInScope(record, scope))
  }

  async read(id: string): Promise<MemoryRecord | undefined> {
    const record = this.#records.get(id)
    return record?.value === undefined ? undefined : record
  }

  async search(scope: MemoryScope, text: string, limit: number): Promise<readonly MemoryRecord[]> {
    const words = wordsOf(text)
    const found = this.#current().filter(
      (record) => isInScope(record, scope) && isFound(record, words),
    )
    return found.reverse().slice(0, limit)
  }

  async *list(query: MemoryListing = {}): AsyncIterable<MemoryRecord> {
    for (const record of this.#current(query.until)) if (isListed(record, query)) yield record
  }

  async forget(query: MemoryQuery): Promise<readonly MemoryRecord[]> {
    const forgotten: MemoryRecord[] = []
    for (const record of this.#records.values()) {
      const { value, ...blank } = record
      if (value === undefined || !isListed(record, query)) continue
      forgotten.push(record)
      this.#records.set(record.id, blank)
      this.#onForgotten(blank)
    }
    return forgotten
  }

  fingerprint(value: string): string {
    return createHmac('sha256', this.#key).update(value).digest('hex')
  }

  /** The latest of each key before a time that is not forgotten, in the order in which they were written. */
  #current(until = Number.POSITIVE_INFINITY): MemoryRecord[] {
    const latest = new Map<string, MemoryRecord>()
    for (const record of this.#records.values()) {
      const { thread, runId, role, key, at } = record
      if (at >= until) continue
      const place = JSON.stringify([thread ?? null, thread === undefined ? runId : '', role, key])
      latest.delete(place)
      latest.set(place, record)
    }
    return [...latest.values()].filter(({ value }) => value !== undefined)
  }
}

function isInScope(record: MemoryRecord, { role, runId, thread }: MemoryScope): boolean {
  if (record.role !== role || record.thread !== thread) return false
  return thread !== undefined || record.runId === runId
}

function isListed(record: MemoryRecord, { thread, role, key }: MemoryQuery): boolean {
  return (
    record.thread !== undefined &&
    (thread === undefined || record.thread === thread) &&
    (role === undefined || record.role === role) &&
    (key === undefined || record.key === key)
  )
}
