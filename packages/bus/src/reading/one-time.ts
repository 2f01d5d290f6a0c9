import type { JournalReader } from '../journal.ts'
import type { JournalRecord, RunOpenedRecord } from '../records.ts'
import { causalGraph } from './graph.ts'
import type { RunReading } from './read-run.ts'
import { firstRecords } from './run-ends.ts'

/** Time in which nothing of a run happened, since it is between what a fork was served and the fork. */
interface Gap {
  readonly from: number
  readonly to: number
}

/**
 * The records of a run as if they had been made in one go, for whoever draws time: what a fork was served
 * keeps its times in the journal, which may lie days before the fork was made. Here all of that is later, as
 * if it had happened right before, and the run is opened when the first of it happened. Times keep their
 * order, so that what was within something else still is; what spans the time between does not count it.
 * Records of a run that is no fork stay what they are.
 *
 * `openings` are the times at which those runs were opened that it is a fork of a fork of: there are gaps
 * before these, too. `readInOneTime` finds them.
 */
export function inOneTime(
  records: readonly JournalRecord[],
  openings: readonly number[] = [],
): readonly JournalRecord[] {
  const [opened] = records
  if (opened?.kind !== 'run.opened' || opened.forkedFrom === undefined) return records
  const served = servedTo(records, opened)
  const times = served.flatMap(timesOf)
  // What is served may be of the very moment in which the fork was made.
  const known = [...openings, ...times.filter((time) => time <= opened.at)]
  const gaps = [...openings, opened.at].map((to): Gap => {
    const isBefore = (time: number) => time < to || (to === opened.at && time === to)
    const from = known.reduce((last, time) => (isBefore(time) ? Math.max(last, time) : last), -1)
    return { from: from === -1 ? to : from, to }
  })
  const shift = (time: number) =>
    gaps.reduce(
      (shown, { from, to }) => (time < to ? shown + to - Math.max(from, time) : shown),
      time,
    )
  const first = times.reduce((least, time) => Math.min(least, shift(time)), opened.at)
  return records.map((record) =>
    record === opened ? { ...opened, at: first } : shifted(record, shift),
  )
}

/** A run that was read, in one time: see `inOneTime`. Its summary is what it was. */
export async function readInOneTime(
  journal: JournalReader,
  reading: RunReading,
): Promise<RunReading> {
  const openings: number[] = []
  const seen = new Set([reading.runId])
  for (let at = reading.summary.forkedFrom?.runId; at !== undefined && !seen.has(at); ) {
    seen.add(at)
    const [opened] = await firstRecords(journal, at)
    // It may be forgotten by now.
    if (opened?.kind !== 'run.opened' || opened.forkedFrom === undefined) break
    openings.push(opened.at)
    at = opened.forkedFrom.runId
  }
  const records = inOneTime(reading.records, openings)
  return records === reading.records
    ? reading
    : { ...reading, records, graph: causalGraph(records) }
}

/** What a fork was served: it goes on from its first record of the time when it was made, unless that is all. */
function servedTo(
  records: readonly JournalRecord[],
  { at }: RunOpenedRecord,
): readonly JournalRecord[] {
  const end = records.findIndex(
    (record) => record.at === at && (record.kind === 'run.reopened' || record.kind === 'run.ended'),
  )
  return records.slice(1, end === -1 ? undefined : end)
}

function timesOf(record: JournalRecord): readonly number[] {
  const { at } = record
  if (record.kind === 'message') return [at, record.message.sentAt]
  const startedAt = 'startedAt' in record ? record.startedAt : undefined
  return startedAt === undefined ? [at] : [at, startedAt]
}

function shifted(record: JournalRecord, shift: (time: number) => number): JournalRecord {
  const at = shift(record.at)
  switch (record.kind) {
    case 'message':
      return { ...record, at, message: { ...record.message, sentAt: shift(record.message.sentAt) } }
    case 'step':
      return { ...record, at, startedAt: shift(record.startedAt) }
    case 'settle': {
      const { startedAt, retryAt } = record
      return {
        ...record,
        at,
        ...(startedAt === undefined ? {} : { startedAt: shift(startedAt) }),
        ...(retryAt === undefined ? {} : { retryAt: shift(retryAt) }),
      }
    }
    default:
      return { ...record, at }
  }
}
