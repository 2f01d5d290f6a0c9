import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import type { Journal } from '@nanoagent/bus'
import type { JournalOptions, SqliteJournal } from '@nanoagent/bus/sqlite'
import { Option } from 'commander'
import type { Environment } from './configuration.ts'
import { errorCode } from './env-file.ts'
import { UsageError } from './errors.ts'
import type { Output } from './screen/output.ts'

/** Where runs are recorded when nobody says otherwise, from the working directory. */
const DEFAULT_JOURNAL = '.nanoagent/journal.db'

/** In place of a path: a journal that is gone with the process. */
const IN_MEMORY = 'memory'

/** From this size on a journal is mentioned. */
const LARGE_BYTES = 500_000_000

/** The option that says where the journal is, parsed. */
export interface JournalFlags {
  readonly journal?: string
}

/** What decides which journal is opened. */
export interface JournalSettings {
  readonly flags: JournalFlags
  readonly env: Environment
  readonly output: Pick<Output, 'notify'>
}

/** The option that says where the journal is. */
export function journalOption(): Option {
  return new Option(
    '--journal <path>',
    `where runs are recorded; 'memory' keeps none (default: NANOAGENT_JOURNAL, else ${DEFAULT_JOURNAL})`,
  )
}

/** The same of a command that takes up what was recorded: nothing is in a journal that is new. */
export function recordedJournalOption(): Option {
  return new Option(
    '--journal <path>',
    `where runs are recorded (default: NANOAGENT_JOURNAL, else ${DEFAULT_JOURNAL})`,
  )
}

/** The path of the journal: what was typed, else the variable, else the default; `undefined` for none. */
function journalPath({ journal }: JournalFlags, env: Environment): string | undefined {
  const typed = journal?.trim()
  if (typed === '') throw new UsageError('--journal is empty: give it a path or leave it out')
  const path = typed ?? (env.NANOAGENT_JOURNAL?.trim() || DEFAULT_JOURNAL)
  return path === IN_MEMORY ? undefined : path
}

/**
 * Opens the journal that runs are recorded in, and makes it where there is none: then it says where it
 * is. A folder that is made for it is the user's alone and ignores itself for git. A large journal is
 * mentioned with the command that makes it smaller.
 */
export async function openForWriting({ flags, env, output }: JournalSettings): Promise<Journal> {
  const path = journalPath(flags, env)
  if (path === undefined) {
    const { createMemoryJournal } = await import('@nanoagent/bus')
    return createMemoryJournal()
  }
  const isNew = !existsSync(path)
  if (isNew) makeFolder(dirname(path))
  const { openJournal } = await import('@nanoagent/bus/sqlite')
  const journal = await openJournal(path).catch(sayingWayOut)
  if (isNew) {
    output.notify(
      `Runs are recorded in ${displayPath(path)}: nanoagent runs lists them, --journal memory keeps none.`,
    )
  } else if (journal.size > LARGE_BYTES) {
    output.notify(
      `${displayPath(path)} has ${Math.round(journal.size / 1e6)} MB: ` +
        'nanoagent prune --older-than 30d makes it smaller.',
    )
  }
  return journal
}

/** The command that goes on with a run; `undefined` where it is recorded nowhere. */
export function howToResume(
  { features }: Pick<Journal, 'features'>,
  { journal }: JournalFlags,
  runId: string,
): string | undefined {
  if (features.durability === 'memory') return undefined
  return `nanoagent resume ${runId}${journal === undefined ? '' : ` --journal ${inShell(journal)}`}`
}

/** A text as a shell takes it for one word. */
export function inShell(text: string): string {
  return /^[\w./~-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`
}

/** Opens the journal that runs were recorded in; never writes to it. Its key is only needed where that is said. */
export async function openForReading(
  settings: JournalSettings,
  { needsKey = false }: { readonly needsKey?: boolean } = {},
): Promise<SqliteJournal> {
  return await openRecorded(settings, { mode: 'read', needsKey })
}

/** Opens the journal that runs were recorded in, to change what is there. */
export async function openForChanging(settings: JournalSettings): Promise<SqliteJournal> {
  return await openRecorded(settings, { mode: 'write' })
}

/** The path of the journal, where it is one that stays. Throws a `UsageError` where it is in memory. */
export function recordedPath(flags: JournalFlags, env: Environment): string {
  const path = journalPath(flags, env)
  if (path !== undefined) return path
  throw new UsageError(
    "a journal in memory is gone with its process: name a file in place of 'memory' " +
      'with --journal or NANOAGENT_JOURNAL',
  )
}

/** The same path. Throws a `UsageError` where there is no such file, too. */
export function requireRecorded(flags: JournalFlags, env: Environment): string {
  const path = recordedPath(flags, env)
  if (existsSync(path)) return path
  throw new UsageError(
    `there is no journal ${displayPath(path)}: run nanoagent here first, or name another with --journal`,
  )
}

async function openRecorded(
  { flags, env }: JournalSettings,
  options: JournalOptions,
): Promise<SqliteJournal> {
  const path = requireRecorded(flags, env)
  const { openJournal } = await import('@nanoagent/bus/sqlite')
  return await openJournal(path, options)
}

/** Makes a folder that is the user's alone; what is new of it ignores itself for git. */
function makeFolder(folder: string): void {
  try {
    const made = mkdirSync(folder, { recursive: true, mode: 0o700 })
    if (made !== undefined) writeFileSync(join(made, '.gitignore'), '*\n')
  } catch (error) {
    throw new UsageError(
      `the folder ${displayPath(folder)} for the journal cannot be made (${errorCode(error)}): ${WAY_OUT}`,
    )
  }
}

const WAY_OUT = 'name another path with --journal, or memory to record nothing'

/** Says what else a run can do where its journal cannot be opened. */
function sayingWayOut(error: unknown): never {
  if (!(error instanceof Error) || !('code' in error)) throw error
  throw new UsageError(`${error.message}; or record nothing with --journal memory`, {
    cause: error,
  })
}

/** A path as it is shortest: from the working directory where it is inside it. */
export function displayPath(path: string): string {
  const inside = relative(process.cwd(), path)
  return inside === '' || inside.startsWith('..') ? resolve(path) : inside
}
