import type { DatabaseSync, StatementSync } from 'node:sqlite'
import type { JournalRecord } from '../records.ts'
import { decodeBatch, type RecordDecoding } from './record-codec.ts'
import { number, text } from './rows.ts'

/** Most rows, and about the most characters, that are read at once. */
const PAGE_ROWS = 256
const PAGE_CHARACTERS = 1_000_000

/** Rows of the first page: whoever needs the beginning of a run stops there. */
const FIRST_ROWS = 2

/** The records of a journal, batch by batch. */
export class Batches {
  readonly #decoding: RecordDecoding
  readonly #insert: StatementSync
  readonly #last: StatementSync
  readonly #all: StatementSync
  readonly #ofRun: StatementSync
  readonly #lastOfAll: StatementSync
  readonly #lastOfRun: StatementSync

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
    return this.#page(after, run, PAGE_ROWS).records
  }

  /** All records after a number, of one run or of all, page by page: a short one first. */
  *pages(after: number, run?: number): Generator<readonly JournalRecord[], void> {
    let rows = FIRST_ROWS
    let from = after
    for (;;) {
      const { records, isLast } = this.#page(from, run, rows)
      yield records
      if (isLast) return
      from = records.at(-1)?.seq ?? from
      rows = Math.min(PAGE_ROWS, 8 * rows)
    }
  }

  #page(
    after: number,
    run: number | undefined,
    most: number,
  ): { readonly records: readonly JournalRecord[]; readonly isLast: boolean } {
    const rows =
      run === undefined ? this.#all.iterate(after, most) : this.#ofRun.iterate(run, after, most)
    const records: JournalRecord[] = []
    let count = 0
    let characters = 0
    for (const row of rows) {
      const batch = text(row, 'records')
      for (const record of decodeBatch(batch, number(row, 'seq'), this.#decoding)) {
        if (record.seq > after) records.push(record)
      }
      count++
      characters += batch.length
      if (characters > PAGE_CHARACTERS) return { records, isLast: false }
    }
    return { records, isLast: count < most }
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

  /** All records of one run. */
  *ofRun(run: number): Iterable<JournalRecord> {
    for (const page of this.pages(0, run)) yield* page
  }
}
