import { closeSync, fstatSync, openSync, readSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { JournalFileError } from '../errors.ts'
import { type JournalOptions, openJournal } from './open-journal.ts'
import { checkIntegrity, damagedBy, type JournalReport } from './verify.ts'

/**
 * Looks for what is wrong with the journal in a file, as `verify` of an open one does, also where it is so
 * damaged that it cannot be opened: then it tells why, and what SQLite finds in it. Never writes to it. Throws a
 * `JournalFileError` where there is no journal, or it cannot be looked at.
 */
export async function verifyJournal(
  path: string,
  options: Omit<JournalOptions, 'mode'> = {},
): Promise<JournalReport> {
  try {
    await using journal = await openJournal(path, { ...options, mode: 'read' })
    return await journal.verify()
  } catch (error) {
    if (!(error instanceof JournalFileError) || error.code !== 'journal_damaged') throw error
    return { problems: [...new Set(problemsOf(path, error))], runs: 0, records: 0 }
  }
}

function problemsOf(path: string, { message, cause }: JournalFileError): readonly string[] {
  const problems: string[] = []
  const say = (problem: string) => void problems.push(problem)
  say(cause === undefined ? message.slice(path.length + ': '.length) : damagedBy(cause))
  try {
    using database = new DatabaseSync(path, { readOnly: true })
    checkIntegrity(database, say)
  } catch (error) {
    say(damagedBy(error))
  }
  const { bytes, expected } = sizesOf(path)
  if (bytes < expected) say(`the end of the file is missing: it has ${bytes} of ${expected} bytes`)
  return problems
}

/** How long a file is, and how long it says it is: see SQLite's "Database File Format". */
function sizesOf(path: string): { readonly bytes: number; readonly expected: number } {
  const header = Buffer.alloc(100)
  const file = openSync(path, 'r')
  try {
    readSync(file, header, 0, header.length, 0)
    // 1 stands for 65,536, which has no room in its place.
    const pageBytes = header.readUInt16BE(16) === 1 ? 65_536 : header.readUInt16BE(16)
    return { bytes: fstatSync(file).size, expected: pageBytes * header.readUInt32BE(28) }
  } finally {
    closeSync(file)
  }
}
