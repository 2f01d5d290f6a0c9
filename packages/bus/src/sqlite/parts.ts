import type { DatabaseSync, StatementSync } from 'node:sqlite'
import type { Parts } from './codec.ts'
import { text } from './rows.ts'

/** Large pieces of steps, each stored once. */
export class PartStore {
  readonly #insert: StatementSync
  readonly #find: StatementSync
  readonly #use: StatementSync

  constructor(database: DatabaseSync) {
    this.#insert = database.prepare(
      'INSERT INTO parts (hash, body) VALUES (?, ?) ON CONFLICT DO NOTHING',
    )
    this.#find = database.prepare('SELECT body FROM parts WHERE hash = ?')
    this.#use = database.prepare(
      'INSERT INTO part_uses (run, part) SELECT ?, n FROM parts WHERE hash = ? ON CONFLICT DO NOTHING',
    )
  }

  /** Stores the parts of a batch of this run. */
  add(run: number, parts: Parts): void {
    for (const [hash, body] of parts) {
      this.#insert.run(hash, body)
      this.#use.run(run, hash)
    }
  }

  /** The text of a part. Throws a `SyntaxError` where there is none. */
  read(hash: string): string {
    const row = this.#find.get(hash)
    if (row === undefined) throw new SyntaxError(`part ${hash} is missing`)
    return text(row, 'body')
  }
}
