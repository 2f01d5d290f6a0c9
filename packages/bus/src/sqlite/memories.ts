import { hash } from 'node:crypto'
import type { StatementSync } from 'node:sqlite'
import { JournalFileError } from '../errors.ts'
import type { JournalMemory, MemoryListing, MemoryQuery, MemoryScope } from '../journal.ts'
import { searchableText, wordsOf } from '../journals/search-words.ts'
import type { JournalRecord, MemoryRecord } from '../records.ts'
import { encode } from './codec.ts'
import type { JournalFile } from './journal-file.ts'
import { decodeMemory, type RecordDecoding, withoutValue } from './record-codec.ts'
import { maybeText, number, type Row, text } from './rows.ts'

/** Memories that are read at once. */
const PAGE = 100

const IS_KNOWN = 'is_latest AND value IS NOT NULL'

/** The memory of a journal: values are in their own table, so that they can be erased. */
export class Memories implements JournalMemory {
  readonly #file: JournalFile
  readonly #decoding: RecordDecoding
  readonly #insert: StatementSync
  readonly #outdate: StatementSync
  readonly #addWords: StatementSync
  readonly #dropWords: StatementSync
  readonly #byKey: StatementSync
  readonly #byId: StatementSync
  readonly #byWords: StatementSync

  constructor(file: JournalFile, decoding: RecordDecoding) {
    const { database } = file
    this.#file = file
    this.#decoding = decoding
    this.#insert = database.prepare(
      `INSERT INTO memories (seq, id, run, scope, thread, role, key, record, value, is_latest)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 1)`,
    )
    this.#outdate = database.prepare(
      'UPDATE memories SET is_latest = 0 WHERE scope = ? AND key = ? AND is_latest RETURNING seq',
    )
    this.#addWords = database.prepare(
      'INSERT INTO memory_words (rowid, scope, words) VALUES (?, ?, ?)',
    )
    this.#dropWords = database.prepare('DELETE FROM memory_words WHERE rowid = ?')
    this.#byKey = database.prepare(
      `SELECT seq, record, value FROM memories
       WHERE scope = ? AND key = ? ORDER BY seq DESC LIMIT 1`,
    )
    this.#byId = database.prepare('SELECT seq, record, value FROM memories WHERE id = ?')
    this.#byWords = database.prepare(
      `SELECT seq, record, value FROM memories WHERE seq IN (
         SELECT rowid FROM memory_words WHERE memory_words MATCH ? ORDER BY rowid DESC LIMIT ?
       ) ORDER BY seq DESC`,
    )
  }

  /** Stores the values of a batch's memories, whose records have their numbers. */
  add(run: number, batch: readonly JournalRecord[]): void {
    for (const record of batch) if (record.kind === 'memory') this.#add(run, record)
  }

  #add(run: number, record: MemoryRecord & { readonly seq: number }): void {
    const { seq, id, thread, role, key, value } = record
    const { sealer } = this.#file
    const scope = scopeOf(record)
    for (const row of this.#outdate.all(scope, key)) this.#dropWords.run(number(row, 'seq'))
    const stored = encode(withoutValue(record), sealer)
    const sealed = value === undefined ? null : encode(value, sealer)
    this.#insert.run(seq, id, run, scope, thread ?? null, role, key, stored, sealed)
    if (sealed !== null) this.#addWords.run(seq, scope, wordsOf(searchableText(record)).join(' '))
  }

  async get(scope: MemoryScope, key: string): Promise<MemoryRecord | undefined> {
    return this.#known(this.#byKey, scopeOf(scope), key)
  }

  async read(id: string): Promise<MemoryRecord | undefined> {
    return this.#known(this.#byId, id)
  }

  async search(scope: MemoryScope, query: string, limit: number): Promise<readonly MemoryRecord[]> {
    const words = new Set(wordsOf(query))
    if (words.size === 0 || limit <= 0) return []
    const terms = [...words].map((word) => `words : "${word}" *`)
    const match = [`scope : "${scopeOf(scope)}"`, ...terms].join(' AND ')
    return this.#file.look(() => {
      return this.#byWords.all(match, Math.floor(limit)).map((row) => this.#record(row))
    })
  }

  async *list({ until, ...query }: MemoryListing = {}): AsyncIterable<MemoryRecord> {
    const { where, values } = conditions(query)
    const known = until === undefined ? IS_KNOWN : wasKnownBefore(until)
    const sql = `SELECT seq, record, value FROM memories AS it
      WHERE ${where} AND ${known} AND seq > ? ORDER BY seq LIMIT ${PAGE}`
    let after = 0
    for (;;) {
      const page = this.#file.look(() => {
        const rows = this.#file.database.prepare(sql).all(...values, after)
        after = number(rows.at(-1) ?? { seq: after }, 'seq')
        return rows.map((row) => this.#record(row))
      })
      yield* page
      if (page.length < PAGE) return
    }
  }

  async forget(query: MemoryQuery): Promise<readonly MemoryRecord[]> {
    const forgotten = await this.#file.write({ write: () => this.#forget(query) })
    if (forgotten.length === 0 || this.#file.empty()) return forgotten
    const message =
      'what was to be forgotten is erased, but another process still reads what was there before: ' +
      'end it, and forget again'
    throw new JournalFileError('journal_locked', this.#file.path, message)
  }

  #forget(query: MemoryQuery): readonly MemoryRecord[] {
    const { database } = this.#file
    const { where, values } = conditions(query)
    const sql = `SELECT seq, record, value FROM memories
      WHERE ${where} AND value IS NOT NULL ORDER BY seq`
    const rows = database.prepare(sql).all(...values)
    const forgotten = rows.map((row) => this.#record(row))
    const blank = database.prepare('UPDATE memories SET value = NULL WHERE seq = ?')
    for (const row of rows) {
      const seq = number(row, 'seq')
      blank.run(seq)
      this.#dropWords.run(seq)
    }
    return forgotten
  }

  /** Deletes what a run has kept for itself alone. In a transaction. */
  deleteOfRun(run: number): void {
    const { database } = this.#file
    const sql = 'DELETE FROM memories WHERE run = ? AND thread IS NULL RETURNING seq'
    for (const row of database.prepare(sql).all(run)) this.#dropWords.run(number(row, 'seq'))
  }

  fingerprint(value: string): string {
    return this.#file.fingerprint(value)
  }

  #known(statement: StatementSync, ...values: readonly string[]): MemoryRecord | undefined {
    return this.#file.look(() => {
      const row = statement.get(...values)
      return row === undefined || row.value === null ? undefined : this.#record(row)
    })
  }

  #record(row: Row): MemoryRecord {
    const value = maybeText(row, 'value')
    return decodeMemory(text(row, 'record'), value, number(row, 'seq'), this.#decoding)
  }
}

/** A name for what belongs together, of letters and digits. */
function scopeOf({ role, runId, thread }: MemoryScope): string {
  const place = [thread ?? null, thread === undefined ? runId : '', role]
  return hash('sha256', JSON.stringify(place)).slice(0, 32)
}

/** Whether a memory is known, and was the latest one of its key before a time. */
function wasKnownBefore(until: number): string {
  const isBefore = (record: string) => `json_extract(${record}, '$.at') < ${Math.floor(until)}`
  const later = `SELECT 1 FROM memories AS later WHERE later.scope = it.scope AND later.key = it.key
    AND later.seq > it.seq AND ${isBefore('later.record')}`
  return `value IS NOT NULL AND ${isBefore('record')} AND NOT EXISTS (${later})`
}

function conditions(query: MemoryQuery): { where: string; values: readonly string[] } {
  const { thread, role, key } = query
  const given = Object.entries({ thread, role, key }).filter(([, value]) => value !== undefined)
  return {
    where: ['thread IS NOT NULL', ...given.map(([name]) => `${name} = ?`)].join(' AND '),
    values: given.flatMap(([, value]) => (value === undefined ? [] : [value])),
  }
}
