import { setImmediate } from 'node:timers/promises'
import { createOurs } from '../contenders/index.mjs'
import { task } from '../scenario.mjs'
import { table } from '../table.mjs'

export const name = 'soak'
export const summary = 'what one bus holds after 10,000, 100,000 and 200,000 runs'
export const flags = ['--expose-gc']

const FIRST = 10_000
const AT_ONCE = 100

/**
 * How much more heap is still the same. Compiled code and its feedback come and go by about 100 KiB;
 * 16 forgotten bytes for each run would be 1.5 MiB by the second half.
 */
const TOLERANCE_KIB = 512

/** What the bus holds after the first 10,000 runs, halfway and at the end; runs go in waves of 100. */
export async function measure({ quick }) {
  const runs = quick ? 20_000 : 200_000
  const { bus, run, close } = await createOurs()
  const checks = []
  const startedAt = performance.now()
  for (let done = 0; done < runs; ) {
    await Promise.all(Array.from({ length: AT_ONCE }, () => run(task)))
    done += AT_ONCE
    if ([FIRST, runs / 2, runs].includes(done)) checks.push(await holdings(bus, done))
  }
  const tookMs = performance.now() - startedAt
  const { isDrained, left } = await bus.drain({ timeoutMs: 5_000 })
  await close()
  return { checks, isDrained, left: left.length, tookMs }
}

/** The bus has no number for its lanes and listeners: what they keep shows in the heap. */
async function holdings(bus, runs) {
  for (let i = 0; i < 4; i++) {
    await setImmediate()
    globalThis.gc()
  }
  let openRuns = 0
  for await (const _ of bus.journal.runs({ status: ['open'] })) openRuns++
  let records = 0
  for await (const _ of bus.journal.read()) records++
  return { runs, heapKib: Math.round(process.memoryUsage().heapUsed / 1_024), records, openRuns }
}

export function report({ checks, isDrained, left, tookMs }) {
  const first = checks[0]
  const last = checks.at(-1)
  // Code that is thrown away after the start can hide a growth since then, but not one since halfway.
  const growth = (key) => last[key] - Math.min(...checks.map((check) => check[key]))
  const whole = (value) => value.toLocaleString('en-US')
  const rows = [
    ['heap after collection, KiB', 'heapKib'],
    ['records in the journal', 'records'],
    ['open runs in the journal', 'openRuns'],
  ].map(([label, key]) => [
    label,
    ...checks.map((check) => whole(check[key])),
    whole(last[key] - first[key]),
  ])
  const problems = [
    ...(growth('heapKib') > TOLERANCE_KIB
      ? [`the heap grew by more than ${TOLERANCE_KIB} KiB`]
      : []),
    ...(growth('records') > 0 ? ['the journal grew'] : []),
    ...(last.openRuns > 0 ? ['runs stayed open'] : []),
    ...(isDrained ? [] : [`${left} runs were left after the drain`]),
  ]
  const verdict =
    problems.length === 0
      ? `Everything is where it was (tolerance ${TOLERANCE_KIB} KiB of heap); the drain left nothing.`
      : `NOT WHERE IT WAS: ${problems.join('; ')}.`
  return [
    table(
      `Soak of ${whole(last.runs)} runs, ${AT_ONCE} at once, in ${(tookMs / 1_000).toFixed(1)} s`,
      ['', ...checks.map(({ runs }) => `after ${whole(runs)}`), 'first to last'],
      rows,
    ),
    `  ${verdict}`,
  ].join('\n')
}
