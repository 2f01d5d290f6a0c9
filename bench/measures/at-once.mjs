import { deepStrictEqual } from 'node:assert/strict'
import { BARE, createContenders, OURS } from '../contenders/index.mjs'
import { costGoals, goalTable } from '../goals.mjs'
import { batchFor, interleave, microsecondsOf, spread } from '../rounds.mjs'
import { expectedReport, task } from '../scenario.mjs'
import { digits, ratio, table } from '../table.mjs'

export const name = 'at-once'
export const summary = 'time per run with 1, 100 and 1,000 runs at once'
export const flags = ['--expose-gc']

const COUNTS = [1, 100, 1_000]

/** How many times as much a run may cost with 1,000 at once. */
const GROWTH = 1.5

/** Microseconds per run of each contender, for each number of runs at once; or why it cannot have so many. */
export async function measure({ quick }) {
  const times = quick ? { sampleMs: 15, warmUpMs: 100 } : { sampleMs: 40, warmUpMs: 800 }
  const contenders = await createContenders()
  const subjects = []
  for (const { name, run } of contenders) {
    for (const count of COUNTS) {
      const wave = () => Promise.all(Array.from({ length: count }, () => run(task)))
      const problem = await problemOf(wave)
      const batch = problem === undefined ? await batchFor(wave, times) : 0
      subjects.push({ name, count, wave, batch, problem })
    }
  }
  const able = subjects.filter(({ problem }) => problem === undefined)
  const rounds = quick ? { warmUpRounds: 0, rounds: 3 } : { warmUpRounds: 2, rounds: 12 }
  const samples = await interleave(able, rounds, async ({ wave, batch, count }) => {
    return (await microsecondsOf(wave, batch)) / count
  })
  for (const { close } of contenders) await close()
  const resultOf = (subject) => {
    const { count, problem } = subject
    return problem === undefined
      ? { count, us: spread(samples[able.indexOf(subject)]) }
      : { count, problem }
  }
  return contenders.map(({ name, title }) => ({
    name,
    title,
    atOnce: subjects.filter((subject) => subject.name === name).map(resultOf),
  }))
}

/** Why a contender cannot have so many runs at once. */
async function problemOf(wave) {
  try {
    for (const report of await wave()) deepStrictEqual(report, expectedReport, 'another report')
  } catch (error) {
    return error.message.split('\n')[0]
  }
}

export function report(rows) {
  const whole = (count) => count.toLocaleString('en-US')
  const medianOf = ({ atOnce }, at) => atOnce.at(at).us?.median ?? Number.NaN
  const of = (wanted) => rows.find(({ name }) => name === wanted)
  const measured = table(
    `Runs at once, microseconds per run (median of ${of(BARE).atOnce[0].us.samples} rounds)`,
    ['', ...COUNTS.map((count) => `${whole(count)} at once`), '1 → 1,000', '÷ ours', '÷ bare'],
    rows.map((row) => [
      row.title,
      ...COUNTS.map((_, at) => digits(medianOf(row, at))),
      ratio(medianOf(row, -1), medianOf(row, 0)),
      ratio(medianOf(row, -1), medianOf(of(OURS), -1)),
      ratio(medianOf(row, -1), medianOf(of(BARE), -1)),
    ]),
  )
  const failures = rows.flatMap(({ title, atOnce }) =>
    atOnce.flatMap(({ count, problem }) =>
      problem === undefined ? [] : [`  ${title} fails with ${count} at once: ${problem}`],
    ),
  )
  const growth = {
    what: 'ours, 1 → 1,000 at once',
    measured: medianOf(of(OURS), -1) / medianOf(of(OURS), 0),
    atMost: GROWTH,
  }
  const costs = COUNTS.flatMap((count, at) =>
    // One at once is what three-hops measures.
    at === 0 ? [] : costGoals(rows, (row) => medianOf(row, at), `, ${whole(count)} at once`),
  )
  return [
    measured,
    '  The ratios are those of 1,000 at once.',
    ...failures,
    '',
    goalTable([growth, ...costs]),
  ].join('\n')
}
