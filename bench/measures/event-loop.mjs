import { monitorEventLoopDelay } from 'node:perf_hooks'
import { setTimeout } from 'node:timers/promises'
import { goalTable, MAX_DELAY_MS } from '../goals.mjs'
import { interleave, spread } from '../rounds.mjs'
import { task } from '../scenario.mjs'
import { digits, table } from '../table.mjs'
import { temporaryFolder } from '../temporary-folder.mjs'

export const name = 'event-loop'
export const summary = 'delay of the event loop while 1,000 runs are live'

const AT_ONCE = 1_000
const RESOLUTION_MS = 1

/** How late the event loop comes, in milliseconds: with nothing to do, and with durable runs. */
export async function measure({ quick }) {
  using folder = temporaryFolder()
  const { create } = await import('../durable/bus.mjs')
  const { run, close } = await create(folder.file('journal.db'))
  const subjects = [
    { name: 'idle', title: 'nothing', work: (ms) => setTimeout(ms) },
    { name: 'durable', title: '1,000 durable runs', work: (ms) => waves(run, ms) },
  ]
  const rounds = quick ? { warmUpRounds: 1, rounds: 3 } : { warmUpRounds: 2, rounds: 12 }
  const samples = await interleave(subjects, rounds, ({ work }) => delays(() => work(1_000)))
  await close()
  return subjects.map(({ name, title }, at) => {
    const of = (key) => spread(samples[at].map((sample) => sample[key]))
    return { name, title, p50: of('p50'), p99: of('p99'), max: of('max') }
  })
}

/** Has as many runs as ever live at once, for as long as that. */
async function waves(run, ms) {
  const end = performance.now() + ms
  while (performance.now() < end) {
    await Promise.all(Array.from({ length: AT_ONCE }, () => run(task)))
  }
}

/** What the event loop was late meanwhile; the histogram has the whole time between two looks. */
async function delays(work) {
  const histogram = monitorEventLoopDelay({ resolution: RESOLUTION_MS })
  histogram.enable()
  await work()
  histogram.disable()
  const late = (nanoseconds) => Math.max(0, nanoseconds / 1e6 - RESOLUTION_MS)
  return {
    p50: late(histogram.percentile(50)),
    p99: late(histogram.percentile(99)),
    max: late(histogram.max),
  }
}

export function report(rows) {
  const measured = table(
    `Delay of the event loop, milliseconds (median of ${rows[0].p99.samples} rounds of a second)`,
    ['', 'p50', 'p99', 'half of the rounds', 'longest'],
    rows.map(({ title, p50, p99, max }) => [
      title,
      digits(p50.median),
      digits(p99.median),
      `${digits(p99.from)} – ${digits(p99.to)}`,
      digits(max.median),
    ]),
  )
  const goal = {
    what: 'p99 with 1,000 durable runs',
    measured: rows.find(({ name }) => name === 'durable').p99.median,
    atMost: MAX_DELAY_MS,
    unit: ' ms',
  }
  return `${measured}\n\n${goalTable([goal])}`
}
