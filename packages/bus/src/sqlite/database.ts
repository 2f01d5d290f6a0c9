import { closeSync, fsyncSync, openSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { pathToFileURL } from 'node:url'
import { JournalFileError } from '../errors.ts'
import { codeOf, toFileError } from './file-errors.ts'
import { makePrivate } from './private-file.ts'
import { number } from './rows.ts'
import { APPLICATION_ID, MIGRATIONS, SCHEMA_VERSION } from './schema.ts'
import { pagesInWal } from './wal-file.ts'

/** Longest wait for another process that writes, in milliseconds. It blocks this one. */
const BUSY_MS = 2_000

/** The database of a journal. Throws a `JournalFileError` where there is none, or it cannot be used. */
export function openDatabase(path: string, mode: 'write' | 'read', keyFile: string): DatabaseSync {
  const bytes = sizeOf(path)
  if (bytes === undefined && mode === 'read') {
    const message = 'there is no journal: run something first, or name another file'
    throw new JournalFileError('journal_not_found', path, message)
  }
  if (bytes === undefined) createFile(path)
  // SQLite would delete the WAL file of an empty one, and everything in it.
  const walBytes = sizeOf(`${path}-wal`) ?? 0
  if (bytes === 0 && walBytes > 0) throw cutToNothing(path)
  if (bytes === 0 && mode === 'write') makePrivate(path)
  let database: DatabaseSync | undefined
  try {
    database = connect(path, mode)
    if (mode === 'read' && isOlder(path, database)) {
      database.close()
      openDatabase(path, 'write', keyFile).close()
      database = connect(path, mode)
    }
    const isNew = versionOf(path, database) === undefined
    if (isNew && bytes === 0 && sizeOf(keyFile) !== undefined) throw cutToNothing(path)
    requireAllPages(path, database)
    if (mode === 'write') prepareToWrite(path, database)
    else requireJournal(path, versionOf(path, database))
    return database
  } catch (error) {
    if (database?.isOpen === true) database.close()
    throw toFileError(path, error)
  }
}

/** Throws where the end of the file is missing, which SQLite notices only when it reads that. */
function requireAllPages(path: string, database: DatabaseSync): void {
  // As long as it reads, nobody begins the WAL file anew.
  database.exec('BEGIN')
  const bytes = sizeOf(path) ?? 0
  const pages = Math.max(pragma(database, 'page_count'), Math.sign(bytes))
  const whole = Math.floor(bytes / pragma(database, 'page_size'))
  const inWal = whole < pages ? pagesInWal(`${path}-wal`) : undefined
  database.exec('COMMIT')
  for (let page = whole + 1; page <= pages; page++) {
    if (inWal?.has(page) === true) continue
    const message = 'the end of the journal was cut off: bring back its file'
    throw new JournalFileError('journal_damaged', path, message)
  }
}

function cutToNothing(path: string): JournalFileError {
  const message = 'the journal is empty, though it was in use: bring back its file, or delete it'
  return new JournalFileError('journal_damaged', path, message)
}

/** Size of a file in bytes; `undefined` where there is none. */
export function sizeOf(path: string): number | undefined {
  try {
    const file = statSync(path)
    if (file.isFile()) return file.size
  } catch (cause) {
    if (codeOf(cause) === 'ENOENT') return undefined
    const message = `it cannot be looked at (${codeOf(cause)}): check who owns its folder`
    throw new JournalFileError('journal_read_only', path, message, { cause })
  }
  throw new JournalFileError('not_a_journal', path, 'this is no file: name another one')
}

/** SQLite gives the files beside it the same mode. */
function createFile(path: string): void {
  try {
    closeSync(openSync(path, 'wx', 0o600))
    syncFolder(dirname(path))
  } catch (cause) {
    const code = codeOf(cause)
    if (code === 'EEXIST') return
    const isFull = code === 'ENOSPC' || code === 'EDQUOT'
    const message = `the journal cannot be made (${code}): choose a folder that exists and can be written`
    throw new JournalFileError(isFull ? 'journal_full' : 'journal_read_only', path, message, {
      cause,
    })
  }
}

/** Makes the names in a folder durable, where the system has that. */
function syncFolder(folder: string): void {
  if (process.platform === 'win32') return
  const handle = openSync(folder, 'r')
  try {
    fsyncSync(handle)
  } finally {
    closeSync(handle)
  }
}

function connect(path: string, mode: 'write' | 'read'): DatabaseSync {
  const database = new DatabaseSync(path, { timeout: BUSY_MS, readOnly: mode === 'read' })
  if (mode === 'write') return database
  try {
    // Reading needs a file to share, which nobody can make in a folder that is read-only.
    database.exec('PRAGMA schema_version')
    return database
  } catch (error) {
    database.close()
    if ((sizeOf(`${path}-wal`) ?? 0) > 0) throw error
    const unshared = pathToFileURL(path)
    unshared.searchParams.set('immutable', '1')
    return new DatabaseSync(unshared, { readOnly: true })
  }
}

function prepareToWrite(path: string, database: DatabaseSync): void {
  if (versionOf(path, database) === undefined) {
    database.exec('PRAGMA auto_vacuum = INCREMENTAL')
  }
  const mode = database.prepare('PRAGMA journal_mode = WAL').get()
  if (mode?.journal_mode !== 'wal') {
    const message = `SQLite cannot share a file here (it offers ${mode?.journal_mode}): choose a local disk`
    throw new JournalFileError('journal_io', path, message)
  }
  database.exec('PRAGMA synchronous = FULL; PRAGMA secure_delete = ON')
  migrate(path, database)
}

/** Brings the schema up to date; of several processes at once, one does. */
function migrate(path: string, database: DatabaseSync): void {
  if (versionOf(path, database) === SCHEMA_VERSION) return
  database.exec('BEGIN IMMEDIATE')
  for (const step of MIGRATIONS.slice(versionOf(path, database) ?? 0)) database.exec(step)
  database.exec(
    `PRAGMA application_id = ${APPLICATION_ID}; PRAGMA user_version = ${SCHEMA_VERSION}`,
  )
  database.exec('COMMIT')
}

/** The schema version of a journal; `undefined` where there is nothing yet. Throws where it is none. */
function versionOf(path: string, database: DatabaseSync): number | undefined {
  const id = pragma(database, 'application_id')
  const version = pragma(database, 'user_version')
  if (id === APPLICATION_ID) {
    if (version <= SCHEMA_VERSION) return version
    const message = `it was written in journal version ${version}, this is for version ${SCHEMA_VERSION}: update nanoagent`
    throw new JournalFileError('newer_journal', path, message)
  }
  const tables = database.prepare('SELECT count(*) AS tables FROM sqlite_schema').get()
  if (id === 0 && version === 0 && tables?.tables === 0) return undefined
  const message = 'this is a SQLite database but no journal: name another file'
  throw new JournalFileError('not_a_journal', path, message)
}

/** Whether a journal must be brought up to date before it can be read. */
function isOlder(path: string, database: DatabaseSync): boolean {
  const version = versionOf(path, database)
  return version !== undefined && version < SCHEMA_VERSION
}

function requireJournal(path: string, version: number | undefined): void {
  if (version === SCHEMA_VERSION) return
  const message = 'there is nothing in it yet: run something first'
  throw new JournalFileError('journal_not_found', path, message)
}

/** The value of a pragma that is a number. */
function pragma(database: DatabaseSync, name: string): number {
  return number(database.prepare(`PRAGMA ${name}`).get() ?? {}, name)
}
