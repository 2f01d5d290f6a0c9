import { goalTable, OVER_SMALL } from '../goals.mjs'
import { batchFor, interleave, microsecondsOf, spread } from '../rounds.mjs'
import { digits, ratio, table } from '../table.mjs'
import { temporaryFolder } from '../temporary-folder.mjs'

export const name = 'large-journal'
export const summary = 'time of reading in a journal of 1,000,000 records'
export const flags = ['--expose-gc']

const SMALL = 1_000
const LARGE = 1_000_000
const LARGE_QUICK = 50_000

/** What is read. A command opens the file, reads and closes it, and may take no longer in a large journal. */
const READINGS = [
  { name: 'runs', title: 'a command that lists the newest 20 runs', goal: 'runs' },
  { name: 'trace', title: 'a command that reads one run', goal: 'trace RUN' },
  { name: 'resume', title: 'a command that looks for open runs' },
  { name: 'one-run', title: 'one run, in a file that is open' },
  { name: 'open-runs', title: 'the open runs, in a file that is open' },
]

/** Microseconds of each reading in a small and in a large journal. */
export async function measure({ quick }) {
  using folder = temporaryFolder()
  const { createFilledJournal } = await import('../durable/filled-journal.mjs')
  const small = await createFilledJournal(folder.file('small.db'), SMALL)
  const large = await createFilledJournal(folder.file('large.db'), quick ? LARGE_QUICK : LARGE)
  const subjects = READINGS.flatMap(({ name }) =>
    [small, large].map((filled) => ({ name, filled, once: filled.readings[name] })),
  )
  const times = quick ? { sampleMs: 10, warmUpMs: 100 } : { sampleMs: 20, warmUpMs: 800 }
  for (const subject of subjects) subject.batch = await batchFor(subject.once, times)
  const rounds = quick ? { warmUpRounds: 1, rounds: 8 } : { warmUpRounds: 3, rounds: 30 }
  const samples = await interleave(subjects, rounds, ({ once, batch }) =>
    microsecondsOf(once, batch),
  )
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
