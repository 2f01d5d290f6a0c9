import type { DatabaseSync } from 'node:sqlite'
import { JournalFileError } from '../errors.ts'
import type { Runtime } from '../runtime.ts'
import { Batches } from './batches.ts'
import type { Sealer } from './codec.ts'
import { sizeOf } from './database.ts'
import { toFileError } from './file-errors.ts'
import { GroupCommit, type Write } from './group-commit.ts'
import { type JournalKey, SEALED } from './key-file.ts'
import { Memories } from './memories.ts'
import { PartStore } from './parts.ts'
import type { RecordDecoding } from './record-codec.ts'
import { maybeText } from './rows.ts'
import { RunTable } from './run-table.ts'

/** An open file, and what is known of it. */
export interface OpenFile {
  readonly path: string
  readonly mode: 'write' | 'read'
  readonly database: DatabaseSync
  /** Absent where only secrets cannot be read. */
  readonly key: JournalKey | undefined
  readonly runtime: Runtime
}

/** The tables of a journal's file, and the only way to read and write them. */
export class JournalFile {
  readonly path: string
  readonly mode: 'write' | 'read'
  readonly database: DatabaseSync
  readonly runtime: Runtime
  readonly sealer: Sealer
  readonly batches: Batches
  readonly runs: RunTable
  readonly parts: PartStore
  readonly memories: Memories
  readonly commits: GroupCommit
  readonly #key: JournalKey | undefined
  #isClosed = false

  /** Calls `onStored` after each transaction. */
  constructor({ path, mode, database, key, runtime }: OpenFile, onStored: () => void) {
    this.path = path
    this.mode = mode
    this.database = database
    this.runtime = runtime
    this.sealer = key ?? SEALED
    this.#key = key
    this.parts = new PartStore(database)
    const values = database.prepare('SELECT value FROM memories WHERE id = ?')
    const decoding: RecordDecoding = {
      sealer: this.sealer,
      part: (hash) => this.parts.read(hash),
      memoryValue: (id) => maybeText(values.get(id) ?? { value: null }, 'value'),
    }
    this.batches = new Batches(database, decoding)
    this.runs = new RunTable(database)
    this.memories = new Memories(this, decoding)
    this.commits = new GroupCommit(path, database, onStored)
  }

  /** Bytes of the file, with what is on its way into it. */
  get size(): number {
    return (sizeOf(this.path) ?? 0) + (sizeOf(`${this.path}-wal`) ?? 0)
  }

  get isClosed(): boolean {
    return this.#isClosed
  }

  /** Reads; throws what is wrong with the journal where that is so. */
  look<T>(read: () => T): T {
    if (this.#isClosed) throw this.#closedError()
    try {
      return read()
    } catch (error) {
      throw toFileError(this.path, error)
    }
  }

  /** Writes in a transaction; resolves when it is durable. */
  write<T>(write: Write<T>): Promise<T> {
    if (this.#isClosed) return Promise.reject(this.#closedError())
    if (this.mode === 'write') return this.commits.run(write)
    const message = 'the journal is open for reading only: open it for writing'
    return Promise.reject(new JournalFileError('journal_read_only', this.path, message))
  }

  /** A name for a value, made with the journal's key. */
  fingerprint(value: string): string {
    if (this.#key !== undefined) return this.#key.fingerprint(value)
    const message = 'the journal was opened without its key, which fingerprints are made with'
    throw new JournalFileError('no_journal_key', this.path, message)
  }

  /** Empties the WAL file into the database; false where another process still reads what was before. */
  empty(): boolean {
    const row = this.look(() => this.database.prepare('PRAGMA wal_checkpoint(TRUNCATE)').get())
    return row?.busy === 0
  }

  close(): void {
    this.#isClosed = true
    if (this.database.isOpen) this.database.close()
  }

  #closedError(): JournalFileError {
    return new JournalFileError('journal_closed', this.path, 'the journal is closed: open it again')
  }
}
