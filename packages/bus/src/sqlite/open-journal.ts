import { join, parse } from 'node:path'
import type { DatabaseSync } from 'node:sqlite'
import { DEFAULTS } from '../defaults.ts'
import { InvalidOptionError, JournalFileError } from '../errors.ts'
import { type Runtime, systemRuntime } from '../runtime.ts'
import { openDatabase } from './database.ts'
import { toFileError } from './file-errors.ts'
import { type Host, systemHost } from './host.ts'
import { createKey, type JournalKey, readKey } from './key-file.ts'
import { makePrivate } from './private-file.ts'
import { text } from './rows.ts'
import { FileJournal, type SqliteJournal } from './sqlite-journal.ts'

/** What a journal in a file can be told. */
export interface JournalOptions {
  /** `read` opens a file that exists, and never writes to it. Default `write`. */
  readonly mode?: 'write' | 'read'
  /** The file of the key that seals secrets. Default: beside the journal; `journal.db` has `journal.key`. */
  readonly keyFile?: string
  /** Whether the key must be there for reading too. Default: where `keyFile` is given. */
  readonly needsKey?: boolean
  /** How long a lease lasts without renewal. Default 30,000. */
  readonly leaseMs?: number
  readonly runtime?: Runtime
}

/**
 * Opens the journal in a file, which is made where there is none, in a folder that exists: mode 0600, and
 * a key beside it that seals the values of secrets. An acknowledged append survives the loss of power.
 * Several processes may share the file; they must be on one machine.
 *
 * With mode `read`, and without the key, everything can be read but the values of secrets, whose `reveal`
 * throws; unless the key is needed. Otherwise a key that is missing or is another one is refused. Throws a `JournalFileError` that
 * says what is wrong with the file and what to do.
 */
export async function openJournal(
  path: string,
  options: JournalOptions = {},
): Promise<SqliteJournal> {
  return openFile(path, options, systemHost())
}

/** The same on a machine that tests have made up. */
export function openFile(path: string, options: JournalOptions, host: Host): SqliteJournal {
  const { mode = 'write', leaseMs = DEFAULTS.leaseMs, runtime = systemRuntime } = options
  if (!(leaseMs > 0)) {
    throw new InvalidOptionError('leaseMs', leaseMs, 'a number of milliseconds above 0')
  }
  const keyFile = options.keyFile ?? keyFileOf(path)
  const { needsKey = options.keyFile !== undefined } = options
  const database = openDatabase(path, mode, keyFile)
  try {
    const key = mode === 'write' ? keyToWrite(database, keyFile) : keyToRead(database, keyFile)
    if (key === undefined && needsKey) throw noKey(keyFile)
    const journal = new FileJournal({ path, mode, database, key, runtime }, { leaseMs, host })
    if (mode === 'write') journal.enter()
    return journal
  } catch (error) {
    if (database.isOpen) database.close()
    throw toFileError(path, error)
  }
}

function keyFileOf(path: string): string {
  const { dir, name, ext } = parse(path)
  if (ext !== '.key') return join(dir, `${name}.key`)
  throw new InvalidOptionError('the journal', `'${path}'`, 'another name: .key is for its key')
}

/** The key of a journal, which is made for a new one. Throws where it is missing, or another one. */
function keyToWrite(database: DatabaseSync, keyFile: string): JournalKey {
  makePrivate(keyFile)
  const known = keyIdOf(database)
  const key = known === undefined ? createKey(keyFile) : readKey(keyFile)
  if (key === undefined) throw noKey(keyFile)
  if (known === undefined) {
    database
      .prepare("INSERT INTO meta (name, value) VALUES ('key_id', ?) ON CONFLICT DO NOTHING")
      .run(key.id)
  }
  return requireKey(database, key, keyFile)
}

function keyToRead(database: DatabaseSync, keyFile: string): JournalKey | undefined {
  const key = readKey(keyFile)
  return key === undefined ? undefined : requireKey(database, key, keyFile)
}

function requireKey(database: DatabaseSync, key: JournalKey, keyFile: string): JournalKey {
  if (keyIdOf(database) === key.id) return key
  const message = 'this is the key of another journal: bring back the one that belongs to it'
  throw new JournalFileError('wrong_journal_key', keyFile, message)
}

function keyIdOf(database: DatabaseSync): string | undefined {
  const row = database.prepare("SELECT value FROM meta WHERE name = 'key_id'").get()
  return row === undefined ? undefined : text(row, 'value')
}

function noKey(keyFile: string): JournalFileError {
  const message = 'the key of the journal is missing: bring it back, or name another journal'
  return new JournalFileError('no_journal_key', keyFile, message)
}
