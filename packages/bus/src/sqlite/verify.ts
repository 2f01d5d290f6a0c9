import type { DatabaseSync } from 'node:sqlite'
import { setImmediate } from 'node:timers/promises'
import { isDeepStrictEqual } from 'node:util'
import { describe, JournalFileError } from '../errors.ts'
import type { RunEntry } from '../journal.ts'
import { RunCheck } from '../journals/run-check.ts'
import { entryOf } from '../journals/run-entry.ts'
import type { JournalRecord } from '../records.ts'
import { RECORDS } from './batches.ts'
import { toFileError } from './file-errors.ts'
import type { JournalFile } from './journal-file.ts'
import { number, text } from './rows.ts'
import type { RunRow } from './run-table.ts'

/** What a look through a journal has found. */
export interface JournalReport {
  /** One line for each thing that is wrong, at most 1,000; none where all is well. */
  readonly problems: readonly string[]
  /** How many could be read. */
  readonly runs: number
  readonly records: number
}

const MOST_PROBLEMS = 1_000

/** How long to look before others have their turn, in milliseconds. */
const TURN_MS = 20

/** Looks through everything in the journal. */
export async function verifyFile(file: JournalFile): Promise<JournalReport> {
  const problems: string[] = []
  const say: Say = (problem) => {
    if (problems.length < MOST_PROBLEMS) problems.push(problem)
  }
  for (const check of CHECKS) unlessDamaged(file.path, () => file.look(() => check(file, say)), say)
  let runs = 0
  let records = 0
  let turnEnds = file.runtime.elapsed() + TURN_MS
  let last: RunRow | undefined
  for (;;) {
    const page = unlessDamaged(file.path, () => file.look(() => pageAfter(file, last)), say) ?? []
    for (const run of page) {
      runs++
      records += file.look(() => checkRun(file, run, say))
      if (file.runtime.elapsed() < turnEnds) continue
      await setImmediate()
      turnEnds = file.runtime.elapsed() + TURN_MS
    }
    last = page.at(-1)
    if (last === undefined) return { problems, runs, records }
  }
}

type Say = (problem: string) => void

/** Reads; says what is damaged where that keeps it from reading, and gives `undefined`. */
function unlessDamaged<T>(path: string, read: () => T, say: Say): T | undefined {
  try {
    return read()
  } catch (error) {
    const problem = toFileError(path, error)
    if (!(problem instanceof JournalFileError) || problem.code !== 'journal_damaged') throw error
    say(damagedBy(problem.cause ?? problem))
    return undefined
  }
}

/** What keeps a file from being read, as a problem. */
export function damagedBy(error: unknown): string {
  return `the file is damaged: ${describe(error)}`
}

/** Says what SQLite finds damaged in a file. */
export function checkIntegrity(database: DatabaseSync, say: Say): void {
  const rows = database.prepare('PRAGMA integrity_check').all()
  const lines = rows.flatMap((row) => text(row, 'integrity_check').split('\n'))
  for (const line of lines) {
    if (line !== 'ok' && !line.startsWith('***')) say(damagedBy(line))
  }
}

/** What is checked of the tables as wholes, each by itself. */
const CHECKS: readonly ((file: JournalFile, say: Say) => void)[] = [
  ({ database }, say) => checkIntegrity(database, say),
  ({ database }, say) => {
    const orphans = 'SELECT count(*) AS n FROM batches WHERE run NOT IN (SELECT n FROM runs)'
    const orphaned = number(database.prepare(orphans).get() ?? {}, 'n')
    if (orphaned > 0) say(`${orphaned} batches belong to no run`)
  },
  ({ database, batches }, say) => {
    const sums = `SELECT (SELECT ${RECORDS} FROM batches) AS stored,
      coalesce((SELECT value FROM meta WHERE name = 'pruned_records'), 0) AS pruned`
    const row = database.prepare(sums).get() ?? {}
    const missing = batches.lastSeq() - number(row, 'stored') - number(row, 'pruned')
    if (missing === 0) return
    say(`${Math.abs(missing)} records are ${missing > 0 ? 'missing' : 'too many'}`)
  },
  ({ database }, say) => {
    const words = `SELECT count(*) AS n FROM memories
      WHERE (is_latest AND value IS NOT NULL) <> (seq IN (SELECT rowid FROM memory_words))`
    const unfound = number(database.prepare(words).get() ?? {}, 'n')
    if (unfound > 0) say(`${unfound} memories differ from what a search finds`)
  },
]

/** The next runs. Throws where they do not follow, as they may in a damaged file. */
function pageAfter(file: JournalFile, last: RunRow | undefined): readonly RunRow[] {
  const page = file.runs.page({}, last)
  const next = page.at(-1)
  if (last === undefined || next === undefined || next.n < last.n) return page
  throw new SyntaxError('runs are out of order')
}

/** Checks one run, and gives the number of its records. */
function checkRun(file: JournalFile, { n, entry }: RunRow, say: Say): number {
  const reading = new RunReading(entry, say)
  const read = () => {
    let before = 0
    for (const { text, lastSeq } of file.batches.ofRun(n)) {
      if (lastSeq <= before) throw new SyntaxError('its batches are out of order')
      before = lastSeq
      try {
        for (const record of file.batches.decode(text, lastSeq)) reading.add(record)
      } catch (error) {
        reading.say(`the batch that ends with record ${lastSeq} cannot be read: ${describe(error)}`)
      }
    }
  }
  unlessDamaged(file.path, read, (problem) => reading.say(problem))
  reading.end()
  return reading.records
}

/** Reads the records of a run in their order, and says what is wrong with them. */
class RunReading {
  records = 0
  readonly #entry: RunEntry
  readonly #say: Say
  readonly #check: RunCheck
  #first: JournalRecord | undefined
  #last: JournalRecord | undefined

  constructor(entry: RunEntry, say: Say) {
    this.#entry = entry
    this.#say = say
    this.#check = new RunCheck(entry.runId)
  }

  say(problem: string): void {
    this.#say(`run ${this.#entry.runId}: ${problem}`)
  }

  add(record: JournalRecord): void {
    this.records++
    this.#first ??= record
    this.#last = record
    const problem = this.#check.problemOf(record)
    if (problem !== undefined) this.say(`record ${record.seq}: ${problem}`)
  }

  /** Compares the run as listings have it with its records. */
  end(): void {
    const ends = [this.#first, this.#last].filter((record) => record !== undefined)
    const entry = entryOf(ends)
    const missing = this.#check.missing()
    if (missing !== undefined && ends.length > 0) this.say(missing)
    if (ends.length === 0) this.say('it has no records')
    else if (entry === undefined) this.say('it does not begin with its opening')
    else if (!isDeepStrictEqual(entry, this.#entry)) {
      this.say(`its records say ${JSON.stringify(entry)}, listings ${JSON.stringify(this.#entry)}`)
    }
  }
}
