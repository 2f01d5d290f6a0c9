import type { DatabaseSync, StatementSync } from 'node:sqlite'
import { type Parts, partName } from './codec.ts'
import { number, text } from './rows.ts'

/** Large pieces of steps, each stored once. */
export class PartStore {
  readonly #insert: StatementSync
  readonly #find: StatementSync
  readonly #use: StatementSync
  readonly #drop: StatementSync
  readonly #deleteUnused: StatementSync

  constructor(database: DatabaseSync) {
    this.#insert = database.prepare(
      'INSERT INTO parts (hash, body) VALUES (?, ?) ON CONFLICT DO NOTHING',
    )
    this.#find = database.prepare('SELECT body FROM parts WHERE hash = ?')
    this.#use = database.prepare(
      'INSERT INTO part_uses (run, part) SELECT ?, n FROM parts WHERE hash = ? ON CONFLICT DO NOTHING',
    )
    this.#drop = database.prepare('DELETE FROM part_uses WHERE run = ? RETURNING part')
    this.#deleteUnused = database.prepare(
      'DELETE FROM parts WHERE n = ?1 AND NOT EXISTS (SELECT 1 FROM part_uses WHERE part = ?1)',
    )
  }

  /** Stores the parts of a batch of this run. */
  add(run: number, parts: Parts): void {
    for (const [hash, body] of parts) {
      this.#insert.run(hash, body)
      this.#use.run(run, hash)
    }
  }

  /** The text of a part. Throws a `SyntaxError` where there is none, or another one than was stored. */
  read(hash: string): string {
    const row = this.#find.get(hash)
    if (row === undefined) throw new SyntaxError(`part ${hash} is missing`)
    const body = text(row, 'body')
    if (partName(body) !== hash) throw new SyntaxError(`part ${hash} is not what was stored as it`)
    return body
  }

  /** Deletes the parts that only this run has. In a transaction. */
  deleteOfRun(run: number): void {
    for (const row of this.#drop.all(run)) this.#deleteUnused.run(number(row, 'part'))
  }
}
