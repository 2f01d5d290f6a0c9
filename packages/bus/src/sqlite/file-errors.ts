import { describe, JournalFileError, type JournalFileProblem } from '../errors.ts'

/** The code of a system error, such as `ENOENT`; what the error says where it has none. */
export function codeOf(error: unknown): string {
  if (typeof error === 'object' && error !== null && 'code' in error) return String(error.code)
  return error instanceof Error ? error.message : String(error)
}

/** What SQLite's primary result codes mean for a journal, and what to do about it. */
const PROBLEMS: Readonly<Record<number, readonly [JournalFileProblem, string]>> = {
  5: ['journal_locked', 'another process holds the journal locked: wait for it, or end it'],
  6: ['journal_locked', 'another process holds the journal locked: wait for it, or end it'],
  8: ['journal_read_only', 'the journal cannot be written: check who owns the file and its folder'],
  11: [
    'journal_damaged',
    'the journal is damaged: bring back a copy of it, or see what `verify` finds',
  ],
  13: ['journal_full', 'there is no room for the journal: make some, or choose another disk'],
  14: ['journal_read_only', 'the journal cannot be opened: check who owns the file and its folder'],
  26: ['not_a_journal', 'this is no journal: name another file'],
}

/** `SQLITE_IOERR_SHMSIZE`: no room for the file that processes share. */
const NO_ROOM_TO_SHARE = 4_874

/** SQLite's extended result code; `undefined` where it is no error of SQLite. */
function sqliteCode(error: unknown): number | undefined {
  if (!(error instanceof Error) || !('errcode' in error)) return undefined
  return typeof error.errcode === 'number' ? error.errcode : undefined
}

/** What an error says is wrong with the journal; what is no error of a file stays as it is. */
export function toFileError(path: string, error: unknown): unknown {
  // A number of the file that is none here, such as a time of another world.
  if (error instanceof SyntaxError || codeOf(error) === 'ERR_OUT_OF_RANGE') {
    return new JournalFileError('journal_damaged', path, `it cannot be read: ${describe(error)}`, {
      cause: error,
    })
  }
  const code = sqliteCode(error)
  if (code === undefined) return error
  const [problem, message] = PROBLEMS[code === NO_ROOM_TO_SHARE ? 13 : code & 0xff] ?? [
    'journal_io',
    `the disk failed to read or write it: ${describe(error)}`,
  ]
  return new JournalFileError(problem, path, message, { cause: error })
}
