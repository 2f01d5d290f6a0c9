import type { DatabaseSync, StatementSync } from 'node:sqlite'
import type { JournalRecord } from '../records.ts'
import { decodeBatch, type RecordDecoding } from './record-codec.ts'
import { number, text } from './rows.ts'

/** Most rows, and about the most characters, that are read at once. */
const PAGE_ROWS = 256
const PAGE_CHARACTERS = 1_000_000

/** Rows of the first page: whoever needs the beginning of a run stops there. */
const FIRST_ROWS = 2

/** How many records batches have; what cannot be read counts as none. */
export const RECORDS =
  'coalesce(sum(CASE WHEN json_valid(records) THEN json_array_length(records) END), 0)'

/** A batch as it is stored. */
export interface StoredBatch {
  /** The number of its last record. */
  readonly lastSeq: number
  readonly text: string
}

/** The records of a journal, batch by batch. */
export class Batches {
  readonly #decoding: RecordDecoding
  readonly #insert: StatementSync
  readonly #last: StatementSync
  readonly #all: StatementSync
  readonly #ofRun: StatementSync
  readonly #lastOfAll: StatementSync
  readonly #lastOfRun: StatementSync
  readonly #count: StatementSync
  readonly #delete: StatementSync
  readonly #keepLast: StatementSync
  readonly #countPruned: StatementSync

  constructor(database: DatabaseSync, decoding: RecordDecoding) {
    this.#decoding = decoding
    this.#insert = database.prepare('INSERT INTO batches (seq, run, records) VALUES (?, ?, ?)')
    // The newest records may have been pruned, and numbers are given once.
    this.#last = database.prepare(
      `SELECT max(coalesce((SELECT max(seq) FROM batches), 0),
                  coalesce((SELECT value FROM meta WHERE name = 'last_seq'), 0)) AS last`,
    )
    this.#all = database.prepare(
      `SELECT seq, records FROM batches WHERE seq > ? ORDER BY seq LIMIT ?`,
    )
    this.#ofRun = database.prepare(
      `SELECT seq, records FROM batches
       WHERE run = ? AND seq > ? ORDER BY seq LIMIT ?`,
    )
    this.#lastOfAll = database.prepare(
      'SELECT seq, records FROM batches WHERE seq > ? ORDER BY seq DESC LIMIT ?',
    )
    this.#lastOfRun = database.prepare(
      `SELECT seq, records FROM batches
       WHERE run = ? AND seq > ? ORDER BY seq DESC LIMIT ?`,
    )
    this.#count = database.prepare(`SELECT ${RECORDS} AS records FROM batches WHERE run = ?`)
    this.#delete = database.prepare('DELETE FROM batches WHERE run = ?')
    this.#keepLast = database.prepare(
      "INSERT OR REPLACE INTO meta (name, value) VALUES ('last_seq', ?)",
    )
    this.#countPruned = database.prepare(
      `INSERT INTO meta (name, value) VALUES ('pruned_records', ?)
       ON CONFLICT DO UPDATE SET value = value + excluded.value`,
    )
  }

  /** The highest number that was ever given to a record. */
  lastSeq(): number {
    return number(this.#last.get() ?? {}, 'last')
  }

  /** Stores a batch by the number of its last record. */
  add(lastSeq: number, run: number, records: string): void {
    this.#insert.run(lastSeq, run, records)
  }

  /** The next records after a number, of one run or of all; none where there are no more. */
  page(after: number, run?: number): readonly JournalRecord[] {
    return this.#recordsAfter(after, this.#page(after, run).batches)
  }

  /** All records after a number, of one run or of all, page by page: a short one first. */
  *pages(after: number, run?: number): Generator<readonly JournalRecord[], void> {
    let rows = FIRST_ROWS
    let from = after
    for (;;) {
      const { batches, isLast } = this.#page(from, run, rows)
      yield this.#recordsAfter(from, batches)
      if (isLast) return
      from = batches.at(-1)?.lastSeq ?? from
      rows = Math.min(PAGE_ROWS, 8 * rows)
    }
  }

  /** The last so many records after a number, of one run or of all, by rising number. */
  last(count: number, after: number, run?: number): readonly JournalRecord[] {
    const rows =
      run === undefined
        ? this.#lastOfAll.iterate(after, count)
        : this.#lastOfRun.iterate(run, after, count)
    const batches: (readonly JournalRecord[])[] = []
    let found = 0
    for (const row of rows) {
      const batch = decodeBatch(text(row, 'records'), number(row, 'seq'), this.#decoding)
      batches.push(batch)
      found += batch.length
      if (found >= count) break
    }
    const records = batches.reverse().flat()
    return records.filter(({ seq }) => seq > after).slice(-count)
  }

  /** All batches of one run, as they are stored. */
  *ofRun(run: number): Iterable<StoredBatch> {
    let after = 0
    for (;;) {
      const { batches, isLast } = this.#page(after, run)
      yield* batches
      if (isLast) return
      after = batches.at(-1)?.lastSeq ?? after
    }
  }

  /** All records of one run. */
  *recordsOf(run: number): Iterable<JournalRecord> {
    for (const { text, lastSeq } of this.ofRun(run)) yield* this.decode(text, lastSeq)
  }

  /** The records of a batch. Throws a `SyntaxError` where it cannot be read. */
  decode(text: string, lastSeq: number): readonly JournalRecord[] {
    return decodeBatch(text, lastSeq, this.#decoding)
  }

  /** How many records a run has. */
  count(run: number): number {
    return number(this.#count.get(run) ?? {}, 'records')
  }

  /** Deletes the batches of a run, and says how many records that were. In a transaction. */
  deleteOfRun(run: number): number {
    const records = this.count(run)
    this.#keepLast.run(this.lastSeq())
    this.#countPruned.run(records)
    this.#delete.run(run)
    return records
  }

  #recordsAfter(after: number, batches: readonly StoredBatch[]): readonly JournalRecord[] {
    const records: JournalRecord[] = []
    for (const { text, lastSeq } of batches) {
      for (const record of this.decode(text, lastSeq)) if (record.seq > after) records.push(record)
    }
    return records
  }

  #page(
    after: number,
    run?: number,
    most = PAGE_ROWS,
  ): { readonly batches: readonly StoredBatch[]; readonly isLast: boolean } {
    const rows =
      run === undefined ? this.#all.iterate(after, most) : this.#ofRun.iterate(run, after, most)
    const batches: StoredBatch[] = []
    let characters = 0
    for (const row of rows) {
      const batch = { lastSeq: number(row, 'seq'), text: text(row, 'records') }
      batches.push(batch)
      characters += batch.text.length
      if (characters > PAGE_CHARACTERS) return { batches, isLast: false }
    }
    return { batches, isLast: batches.length < most }
  }
}
