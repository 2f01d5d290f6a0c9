import { goalTable, OVER_SMALL } from '../goals.mjs'
import { batchFor, interleave, spread, timed } from '../rounds.mjs'
import { digits, ratio, table } from '../table.mjs'
import { temporaryFolder } from '../temporary-folder.mjs'

export const name = 'large-journal'
export const summary = 'time of reading in a journal of 1,000,000 records'
export const flags = ['--expose-gc']

const SMALL = 1_000
const LARGE = 1_000_000
const LARGE_QUICK = 50_000

/** What is read; a goal where it may take no longer in a large journal. */
const READINGS = [
  { name: 'open', title: 'openJournal, for reading', read: ({ reopen }) => reopen() },
  {
    name: 'runs',
    title: 'the newest 20 runs',
    goal: 'runs',
    read: ({ journal }) => first(journal.runs(), 20),
  },
  {
    name: 'trace',
    title: 'all records of a run',
    goal: 'trace RUN',
    read: ({ journal, anyRun }) => first(journal.read({ runId: anyRun() })),
  },
  {
    name: 'open-runs',
    title: 'the open runs',
    read: ({ journal }) => first(journal.runs({ status: ['open'] })),
  },
]

/** Microseconds of each reading in a small and in a large journal. */
export async function measure({ quick }) {
  using folder = temporaryFolder()
  const { createFilledJournal } = await import('../durable/filled-journal.mjs')
  const small = await createFilledJournal(folder.file('small.db'), SMALL)
  const large = await createFilledJournal(folder.file('large.db'), quick ? LARGE_QUICK : LARGE)
  const subjects = READINGS.flatMap(({ name, read }) =>
    [small, large].map((filled) => ({ name, filled, once: () => read(filled) })),
  )
  const times = quick ? { sampleMs: 10, warmUpMs: 100 } : { sampleMs: 20, warmUpMs: 800 }
  for (const subject of subjects) subject.batch = await batchFor(subject.once, times)
  const rounds = quick ? { warmUpRounds: 1, rounds: 8 } : { warmUpRounds: 3, rounds: 30 }
  const samples = await interleave(subjects, rounds, async ({ once, batch }) => {
    globalThis.gc({ type: 'minor' })
    const tookMs = await timed(async () => {
      for (let i = 0; i < batch; i++) await once()
    })
    return (tookMs * 1_000) / batch
  })
  const us = (name, filled) =>
    spread(samples[subjects.findIndex((one) => one.name === name && one.filled === filled)])
  const rows = READINGS.map(({ name }) => ({
    name,
    small: us(name, small),
    large: us(name, large),
  }))
  const journals = [small, large].map(({ records, runs, bytes, tookMs }) => ({
    records,
    runs,
    bytes,
    tookMs,
  }))
  for (const { close } of [small, large]) await close()
  return { journals, rows }
}

/** Reads a listing to its end, or to the first so many. */
async function first(listing, limit = Number.POSITIVE_INFINITY) {
  let count = 0
  for await (const _ of listing) if (++count === limit) break
  if (count === 0) throw new Error('there was nothing to read')
}

export function report({ journals, rows }) {
  const [small, large] = journals
  const whole = (count) => count.toLocaleString('en-US')
  const title = ({ name }) => READINGS.find((reading) => reading.name === name).title
  const measured = table(
    `Reading, microseconds (median of ${rows[0].small.samples} rounds)`,
    ['', `of ${whole(small.records)} records`, `of ${whole(large.records)} records`, ''],
    rows.map((row) => [
      title(row),
      digits(row.small.median),
      digits(row.large.median),
      ratio(row.large.median, row.small.median),
    ]),
  )
  const goals = READINGS.filter(({ goal }) => goal !== undefined).map(({ name, goal }) => {
    const row = rows.find((row) => row.name === name)
    return {
      what: `${goal}, ${whole(large.records)} ÷ ${whole(small.records)} records`,
      measured: row.large.median / row.small.median,
      atMost: OVER_SMALL,
    }
  })
  const mebibytes = Math.round(large.bytes / 2 ** 20)
  return [
    measured,
    `  The large journal has ${whole(large.runs)} runs and ${whole(mebibytes)} MiB; it was filled in ${(large.tookMs / 1_000).toFixed(1)} s.`,
    '',
    goalTable(goals),
  ].join('\n')
}
