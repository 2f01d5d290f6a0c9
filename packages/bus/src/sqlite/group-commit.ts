import type { DatabaseSync, StatementSync } from 'node:sqlite'
import { setImmediate } from 'node:timers'
import { BusError } from '../errors.ts'
import { toFileError } from './file-errors.ts'
import { number } from './rows.ts'

/** Most parts of one transaction: between two of them the event loop has its turn. */
const MOST_PARTS = 256

/** One part of a transaction. */
export interface Write<T> {
  /** Writes. A `BusError` refuses this part alone, and must be thrown before anything is written. */
  write(): T
  /** Nothing of the transaction is stored. */
  failed?(error: unknown): void
}

/** A part of a transaction that waits to be written. */
class Pending<T> {
  readonly #write: Write<T>
  readonly #resolve: (result: T) => void
  readonly #reject: (error: unknown) => void
  #outcome: { readonly result: T } | { readonly refusal: BusError } | undefined

  constructor(write: Write<T>, resolve: (result: T) => void, reject: (error: unknown) => void) {
    this.#write = write
    this.#resolve = resolve
    this.#reject = reject
  }

  write(): void {
    try {
      this.#outcome = { result: this.#write.write() }
    } catch (refusal) {
      if (!(refusal instanceof BusError)) throw refusal
      this.#outcome = { refusal }
    }
  }

  settle(): void {
    if (this.#outcome === undefined) return
    if ('result' in this.#outcome) this.#resolve(this.#outcome.result)
    else this.#reject(this.#outcome.refusal)
  }

  fail(error: unknown): void {
    this.#write.failed?.(error)
    this.#reject(error)
  }
}

/** What one turn of the event loop asks for is written in one transaction, in its order; much of it in several. */
export class GroupCommit {
  readonly #path: string
  readonly #database: DatabaseSync
  readonly #begin: StatementSync
  readonly #commit: StatementSync
  readonly #version: StatementSync
  readonly #onStored: () => void
  readonly #turn = () => {
    this.#writeGroup()
    if (this.#pending.length > 0) setImmediate(this.#turn)
  }
  readonly #pending: Pick<Pending<unknown>, 'write' | 'settle' | 'fail'>[] = []
  #dataVersion = 0
  #failures = 0

  constructor(path: string, database: DatabaseSync, onStored: () => void) {
    this.#path = path
    this.#database = database
    this.#begin = database.prepare('BEGIN IMMEDIATE')
    this.#commit = database.prepare('COMMIT')
    this.#version = database.prepare('PRAGMA data_version')
    this.#onStored = onStored
  }

  /** Resolves, in the order of the calls, when the transaction is durable. */
  run<T>(write: Write<T>): Promise<T> {
    if (this.#pending.length === 0) setImmediate(this.#turn)
    return new Promise((resolve, reject) => {
      this.#pending.push(new Pending(write, resolve, reject))
    })
  }

  /** Writes at once what is pending. */
  flush(): void {
    while (this.#pending.length > 0) this.#writeGroup()
  }

  /** Writes at once, after what is pending. Throws where nothing is stored. */
  now(write: () => void): void {
    this.flush()
    this.#transact(write)
  }

  /** Another number than before where, at the last look, others had written since, or a transaction had failed. */
  get generation(): number {
    return this.#failures * 2 ** 32 + this.#dataVersion
  }

  /** Looks for what others have written, as every transaction does. */
  look(): void {
    this.#dataVersion = number(this.#version.get() ?? {}, 'data_version')
  }

  #writeGroup(): void {
    const group = this.#pending.splice(0, MOST_PARTS)
    if (group.length === 0) return
    try {
      this.#transact(() => {
        for (const part of group) part.write()
      })
    } catch (failure) {
      // What is pending was asked for after what is lost.
      for (const part of [...group, ...this.#pending.splice(0)]) part.fail(failure)
      return
    }
    for (const part of group) part.settle()
    this.#onStored()
  }

  #transact(write: () => void): void {
    try {
      this.#begin.run()
      this.look()
      write()
      this.#commit.run()
    } catch (error) {
      this.#failures++
      if (this.#database.isTransaction) this.#database.exec('ROLLBACK')
      throw toFileError(this.#path, error)
    }
  }
}
