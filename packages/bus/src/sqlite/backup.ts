import { closeSync, openSync, rmSync } from 'node:fs'
import { backup } from 'node:sqlite'
import { JournalFileError } from '../errors.ts'
import { codeOf, toFileError } from './file-errors.ts'
import type { JournalFile } from './journal-file.ts'

/** Copies the journal into a new file. */
export async function backUpFile(file: JournalFile, to: string): Promise<void> {
  file.look(() => file.commits.flush())
  reserve(to)
  try {
    await backup(file.database, to)
  } catch (error) {
    rmSync(to, { force: true })
    throw toFileError(to, error)
  }
}

/** Makes an empty file that only its owner may read. */
function reserve(path: string): void {
  try {
    closeSync(openSync(path, 'wx', 0o600))
  } catch (cause) {
    const code = codeOf(cause)
    const [problem, message] =
      code === 'EEXIST'
        ? (['journal_exists', 'this file exists: name a new one for the copy'] as const)
        : ([
            'journal_read_only',
            `the copy cannot be made (${code}): choose another folder`,
          ] as const)
    throw new JournalFileError(problem, path, message, { cause })
  }
}
