import type { SQLInputValue } from 'node:sqlite'
import { InvalidOptionError } from '../errors.ts'
import type { RunStatus } from '../records.ts'
import type { JournalFile } from './journal-file.ts'
import type { Leases } from './leases.ts'
import { number, text } from './rows.ts'
import type { RunRow } from './run-table.ts'

/** Which runs to delete: those that have ended, and meet everything that is given here. */
export interface PruneQuery {
  /** Only runs that ended at least so many milliseconds ago. */
  readonly olderThanMs?: number
  /** Not the newest runs that have ended, so many of them. */
  readonly keep?: number
  /** Only runs that ended so. */
  readonly status?: readonly RunStatus[]
  /** Only these. */
  readonly runIds?: readonly string[]
  /** Says what would be deleted, and deletes nothing. Default false. */
  readonly isDryRun?: boolean
}

/** What was deleted, or would be. */
export interface PruneReport {
  /** Ids of the runs, oldest first. */
  readonly runIds: readonly string[]
  readonly records: number
  /** Bytes by which the file has become smaller; 0 for a dry run. */
  readonly freedBytes: number
}

/** How long one transaction deletes, in milliseconds, before others have their turn. */
const TURN_MS = 20

/** Pages that are given back in one transaction. */
const PAGES = 1_000

/** Deletes whole runs, in many small transactions: others go on writing meanwhile. */
export async function pruneFile(
  file: JournalFile,
  leases: Leases,
  query: PruneQuery,
): Promise<PruneReport> {
  const ids = file.look(() => chosen(file, query))
  if (query.isDryRun === true) {
    const runs = file.look(() => ids.map((id) => prunable(file, leases, id)))
    const found = runs.filter((run) => run !== undefined)
    const records = file.look(() => found.reduce((sum, { n }) => sum + file.batches.count(n), 0))
    return { runIds: found.map(({ entry }) => entry.runId), records, freedBytes: 0 }
  }
  const before = file.size
  const pruned: string[] = []
  let records = 0
  for (let next = 0; next < ids.length; ) {
    const turn = await file.write({ write: () => deleteSome(file, leases, ids, next) })
    next = turn.next
    records += turn.records
    pruned.push(...turn.pruned)
  }
  if (pruned.length > 0) await giveBack(file)
  return { runIds: pruned, records, freedBytes: Math.max(0, before - file.size) }
}

/** Ids of the runs that a query asks for, oldest first. */
function chosen(file: JournalFile, query: PruneQuery): string[] {
  const { olderThanMs, keep, status, runIds } = query
  if ([olderThanMs, keep, status, runIds].every((given) => given === undefined)) {
    const expected = 'an age, a number of runs to keep, a status, or ids of runs'
    throw new InvalidOptionError('what to prune', 'not given', expected)
  }
  for (const [name, given] of Object.entries({ olderThanMs, keep })) {
    if (given !== undefined && !(given >= 0))
      throw new InvalidOptionError(name, given, 'at least 0')
  }
  const values: Record<string, SQLInputValue> = {}
  const conditions = ["status <> 'open'"]
  if (olderThanMs !== undefined) {
    values.until = Math.floor(file.runtime.now() - olderThanMs)
    conditions.push('ended_at <= :until')
  }
  if (keep !== undefined) {
    values.keep = Math.floor(keep)
    conditions.push(`n <= coalesce((
      SELECT n FROM runs WHERE status <> 'open' ORDER BY n DESC LIMIT 1 OFFSET :keep), 0)`)
  }
  if (status !== undefined) {
    values.status = JSON.stringify(status)
    conditions.push('status IN (SELECT value FROM json_each(:status))')
  }
  if (runIds !== undefined) {
    values.ids = JSON.stringify(runIds)
    conditions.push('id IN (SELECT value FROM json_each(:ids))')
  }
  const sql = `SELECT id FROM runs WHERE ${conditions.join(' AND ')} ORDER BY n`
  return file.database
    .prepare(sql)
    .all(values)
    .map((row) => text(row, 'id'))
}

/** A run that has ended and that nobody has taken to open it again. */
function prunable(file: JournalFile, leases: Leases, runId: string): RunRow | undefined {
  const run = file.runs.find(runId)
  return run === undefined || run.entry.status === 'open' || leases.isHeld(run) ? undefined : run
}

/** Deletes runs from a place in the list on, for a while. In a transaction. */
function deleteSome(
  file: JournalFile,
  leases: Leases,
  ids: readonly string[],
  from: number,
): { readonly next: number; readonly records: number; readonly pruned: readonly string[] } {
  const { runtime } = file
  const until = runtime.elapsed() + TURN_MS
  const pruned: string[] = []
  let records = 0
  let next = from
  do {
    const id = ids[next++]
    const run = id === undefined ? undefined : prunable(file, leases, id)
    if (run === undefined) continue
    records += file.batches.deleteOfRun(run.n)
    file.parts.deleteOfRun(run.n)
    file.memories.deleteOfRun(run.n)
    file.runs.bury(run, Math.floor(runtime.now()))
    pruned.push(run.entry.runId)
  } while (next < ids.length && runtime.elapsed() < until)
  return { next, records, pruned }
}

/** Makes the file smaller by what is free in it. */
async function giveBack(file: JournalFile): Promise<void> {
  const free = file.database.prepare('PRAGMA freelist_count')
  const left = () => number(file.look(() => free.get()) ?? {}, 'freelist_count')
  for (let before = left(); before > 0; ) {
    await file.write({ write: () => file.database.exec(`PRAGMA incremental_vacuum(${PAGES})`) })
    const after = left()
    if (after >= before) break
    before = after
  }
  // Where others still read what was there before, they or the next one who writes do it.
  file.empty()
}
