import type { DatabaseSync, SQLInputValue, StatementSync } from 'node:sqlite'
import type { RunEntry, RunsQuery } from '../journal.ts'
import { teamOf } from '../journals/run-entry.ts'
import { RUN_STATUSES } from '../record-schema.ts'
import type { JournalRecord, RunOpenedRecord } from '../records.ts'
import { maybeNumber, maybeText, number, type Row, text } from './rows.ts'

/** Runs that are read at once. */
const PAGE = 100

const STATUSES: ReadonlySet<string> = new Set<RunEntry['status']>(['open', ...RUN_STATUSES])

/** A run as its row says. */
export interface RunRow {
  /** Its number in the order in which runs were opened. */
  readonly n: number
  readonly entry: RunEntry
  readonly epoch: number
  /** Who holds it, in which process; absent where it is free. */
  readonly owner: string | undefined
  readonly process: number | undefined
}

/** What is left of a run that was pruned. */
export interface PrunedRun {
  readonly runId: string
  /** How it had ended. */
  readonly status: RunEntry['status']
  /** Epoch milliseconds. */
  readonly openedAt: number
  readonly prunedAt: number
}

/** The runs of a journal: what listings show, and who holds them. */
export class RunTable {
  readonly #database: DatabaseSync
  readonly #insert: StatementSync
  readonly #byId: StatementSync
  readonly #end: StatementSync
  readonly #reopen: StatementSync
  readonly #bury: StatementSync
  readonly #delete: StatementSync
  readonly #tombstone: StatementSync
  readonly #holder: StatementSync
  readonly #hold: StatementSync

  constructor(database: DatabaseSync) {
    this.#database = database
    // With SELECT instead of VALUES, SQLite would copy every page before it changes it.
    this.#insert = database.prepare(
      `INSERT INTO runs (id, status, opened_at, thread, team, forked_from, epoch, owner, process)
       VALUES (?, 'open', ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`,
    )
    this.#byId = database.prepare('SELECT * FROM runs WHERE id = ?')
    this.#end = database.prepare(
      'UPDATE runs SET status = ?, ended_at = ?, owner = NULL, process = NULL WHERE n = ?',
    )
    this.#reopen = database.prepare("UPDATE runs SET status = 'open', ended_at = NULL WHERE n = ?")
    this.#bury = database.prepare('INSERT INTO pruned VALUES (?, ?, ?, ?)')
    this.#delete = database.prepare('DELETE FROM runs WHERE n = ?')
    this.#tombstone = database.prepare('SELECT * FROM pruned WHERE id = ?')
    this.#holder = database.prepare('SELECT epoch, owner, process FROM runs WHERE n = ?')
    this.#hold = database.prepare('UPDATE runs SET epoch = ?, owner = ?, process = ? WHERE n = ?')
  }

  /** Adds a run that somebody holds, and gives its number; `undefined` where its id is taken. */
  add(opened: RunOpenedRecord, epoch: number, owner: string, process: number): number | undefined {
    const { runId, at, thread = null, forkedFrom } = opened
    if (this.#tombstone.get(runId) !== undefined) return undefined
    const team = teamOf(opened) ?? null
    const parent = forkedFrom?.runId ?? null
    const added = this.#insert.run(runId, at, thread, team, parent, epoch, owner, process)
    return added.changes === 0 ? undefined : Number(added.lastInsertRowid)
  }

  find(runId: string): RunRow | undefined {
    const row = this.#byId.get(runId)
    return row === undefined ? undefined : runOf(row)
  }

  /** Whether a run is held so. */
  isHeld(n: number, epoch: number, owner: string, process: number): boolean {
    const row = this.#holder.get(n)
    return row?.epoch === epoch && row.owner === owner && row.process === process
  }

  /** Gives a run to an owner; to nobody where none is named. */
  hold(n: number, epoch: number, owner?: string, process?: number): void {
    this.#hold.run(epoch, owner ?? null, process ?? null, n)
  }

  /** Keeps what a batch says of the run's status, and says whether the run has ended and is free by that. */
  noteStatus(n: number, batch: readonly JournalRecord[]): boolean {
    const last = batch.at(-1)
    if (last?.kind === 'run.ended') {
      this.#end.run(last.status, last.at, n)
      return true
    }
    if (batch[0]?.kind === 'run.reopened') this.#reopen.run(n)
    return false
  }

  /** Deletes a run and leaves a tombstone. In a transaction. */
  bury({ n, entry }: RunRow, prunedAt: number): void {
    this.#bury.run(entry.runId, entry.status, entry.openedAt, prunedAt)
    this.#delete.run(n)
  }

  tombstone(runId: string): PrunedRun | undefined {
    const row = this.#tombstone.get(runId)
    if (row === undefined) return undefined
    const status = statusOf(row)
    return { runId, status, openedAt: number(row, 'opened_at'), prunedAt: number(row, 'pruned_at') }
  }

  /** The next runs that a query asks for, newest first: those after this one in the listing. */
  page(query: RunsQuery, after?: RunRow): readonly RunRow[] {
    const { sql, values } = listing(query, after)
    return this.#database.prepare(sql).all(values).map(runOf)
  }
}

type Values = Record<string, SQLInputValue>

/**
 * A page of a listing. Runs are in the order in which they were opened; where a time is asked for, in the
 * order of their times, which differs only where the clock was set back.
 */
function listing(
  query: RunsQuery,
  after?: RunRow,
): { readonly sql: string; readonly values: Values } {
  const { status, thread, team, forkedFrom, idPrefix, since, until } = query
  const values: Values = {}
  const conditions: string[] = []
  const add = (condition: string, given: Values) => {
    conditions.push(condition)
    Object.assign(values, given)
  }
  if (thread !== undefined) add('thread = :thread', { thread })
  if (team !== undefined) add('team = :team', { team })
  if (forkedFrom !== undefined) add('forked_from = :parent', { parent: forkedFrom })
  if (idPrefix !== undefined) {
    const beginnings = 'SELECT n FROM runs WHERE id >= :prefix AND id < :prefixEnd'
    add(`n IN (${beginnings})`, { prefix: idPrefix, prefixEnd: `${idPrefix}\u{10ffff}` })
  }
  if (since !== undefined) add('opened_at >= :since', { since })
  if (until !== undefined) add('opened_at < :until', { until })
  const isByTime = since !== undefined || until !== undefined
  if (after !== undefined) {
    const place = isByTime ? '(opened_at, n) < (:time, :n)' : 'n < :n'
    add(place, isByTime ? { time: after.entry.openedAt, n: after.n } : { n: after.n })
  }
  const order = `ORDER BY ${isByTime ? 'opened_at DESC, n DESC' : 'n DESC'} LIMIT ${PAGE}`
  const select = (...more: readonly string[]) => {
    const where = [...conditions, ...more].join(' AND ')
    return `SELECT * FROM runs ${where === '' ? '' : `WHERE ${where}`} ${order}`
  }
  if (status === undefined) return { sql: select(), values }
  if (status.length === 0) return { sql: select('0'), values }
  const each = [...new Set(status)].map((one, index) => {
    values[`status${index}`] = one
    // Most runs are completed, and not in the index of statuses.
    const isIndexed = one === 'completed' ? [] : ["status <> 'completed'"]
    return `SELECT * FROM (${select(`status = :status${index}`, ...isIndexed)})`
  })
  return { sql: `${each.join(' UNION ALL ')} ${order}`, values }
}

function runOf(row: Row): RunRow {
  return {
    n: number(row, 'n'),
    entry: entryOf(row),
    epoch: number(row, 'epoch'),
    owner: maybeText(row, 'owner'),
    process: maybeNumber(row, 'process'),
  }
}

function entryOf(row: Row): RunEntry {
  const endedAt = maybeNumber(row, 'ended_at')
  const thread = maybeText(row, 'thread')
  const team = maybeText(row, 'team')
  const forkedFrom = maybeText(row, 'forked_from')
  return {
    runId: text(row, 'id'),
    openedAt: number(row, 'opened_at'),
    status: statusOf(row),
    ...(endedAt === undefined ? {} : { endedAt }),
    ...(thread === undefined ? {} : { thread }),
    ...(team === undefined ? {} : { team }),
    ...(forkedFrom === undefined ? {} : { forkedFrom }),
  }
}

function statusOf(row: Row): RunEntry['status'] {
  const status = text(row, 'status')
  if (isStatus(status)) return status
  throw new SyntaxError(`a run's status is ${status}`)
}

function isStatus(text: string): text is RunEntry['status'] {
  return STATUSES.has(text)
}
