import type { DatabaseSync, StatementSync } from 'node:sqlite'
import { setImmediate } from 'node:timers'
import { BusError } from '../errors.ts'
import { toFileError } from './file-errors.ts'
import { number } from './rows.ts'

/** One part of a transaction. */
export interface Write<T> {
  /** Writes. A `BusError` refuses this part alone, and must be thrown before anything is written. */
  write(): T
  /** Nothing of the transaction is stored. */
  failed?(error: unknown): void
}

interface Pending {
  write(): void
  settle(): void
  fail(error: unknown): void
}

/** Everything that one turn of the event loop asks for is written in one transaction, in its order. */
export class GroupCommit {
  readonly #path: string
  readonly #database: DatabaseSync
  readonly #begin: StatementSync
  readonly #commit: StatementSync
  readonly #version: StatementSync
  readonly #onStored: () => void
  #pending: Pending[] = []

  constructor(path: string, database: DatabaseSync, onStored: () => void) {
    this.#path = path
    this.#database = database
    this.#begin = database.prepare('BEGIN IMMEDIATE')
    this.#commit = database.prepare('COMMIT')
    this.#version = database.prepare('PRAGMA data_version')
    this.#onStored = onStored
  }

  /** Resolves, in the order of the calls, when the transaction is durable. */
  run<T>({ write, failed }: Write<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      let settle: () => void
      if (this.#pending.length === 0) setImmediate(() => this.flush())
      this.#pending.push({
        write() {
          try {
            const result = write()
            settle = () => resolve(result)
          } catch (error) {
            if (!(error instanceof BusError)) throw error
            settle = () => reject(error)
          }
        },
        settle: () => settle(),
        fail(error) {
          failed?.(error)
          reject(error)
        },
      })
    })
  }

  /** Writes at once what is pending. */
  flush(): void {
    if (this.#pending.length === 0) return
    const group = this.#pending
    this.#pending = []
    try {
      this.#begin.run()
      for (const part of group) part.write()
      this.#commit.run()
    } catch (error) {
      this.#rollBack()
      const failure = toFileError(this.#path, error)
      for (const part of group) part.fail(failure)
      return
    }
    for (const part of group) part.settle()
    this.#onStored()
  }

  /** Another number than before where another connection has written since. */
  foreignWrites(): number {
    return number(this.#version.get() ?? {}, 'data_version')
  }

  #rollBack(): void {
    if (this.#database.isTransaction) this.#database.exec('ROLLBACK')
  }
}
