import { BARE, createContenders, OURS } from '../contenders/index.mjs'
import { batchFor, interleave, spread, timed } from '../rounds.mjs'
import { task } from '../scenario.mjs'
import { digits, ratio, table } from '../table.mjs'

export const name = 'at-once'
export const summary = 'time per run with 1, 100 and 1,000 runs at once'
export const flags = ['--expose-gc']

const COUNTS = [1, 100, 1_000]

/** Microseconds per run of each contender, for each number of runs at once. */
export async function measure({ quick }) {
  const times = quick ? { sampleMs: 20, warmUpMs: 200 } : { sampleMs: 60, warmUpMs: 2_000 }
  const contenders = await createContenders()
  const subjects = []
  for (const { name, run } of contenders) {
    for (const count of COUNTS) {
      const wave = () => Promise.all(Array.from({ length: count }, () => run(task)))
      subjects.push({ name, count, wave, batch: await batchFor(wave, times) })
    }
  }
  const rounds = quick ? { warmUpRounds: 1, rounds: 4 } : { warmUpRounds: 4, rounds: 24 }
  const samples = await interleave(subjects, rounds, async ({ wave, batch, count }) => {
    globalThis.gc({ type: 'minor' })
    const tookMs = await timed(async () => {
      for (let i = 0; i < batch; i++) await wave()
    })
    return (tookMs * 1_000) / (batch * count)
  })
  for (const { close } of contenders) await close()
  return contenders.map(({ name, title }) => ({
    name,
    title,
    atOnce: subjects.flatMap((subject, at) =>
      subject.name === name ? [{ count: subject.count, us: spread(samples[at]) }] : [],
    ),
  }))
}

export function report(rows) {
  const medianOf = ({ atOnce }, at) => atOnce.at(at).us.median
  const of = (wanted) => rows.find(({ name }) => name === wanted)
  return table(
    `Runs at once, microseconds per run (median of ${rows[0].atOnce[0].us.samples} rounds)`,
    [
      '',
      ...COUNTS.map((count) => `${count.toLocaleString('en-US')} at once`),
      '1 → 1,000',
      '÷ ours',
      '÷ bare',
    ],
    rows.map((row) => [
      row.title,
      ...COUNTS.map((_, at) => digits(medianOf(row, at))),
      ratio(medianOf(row, -1), medianOf(row, 0)),
      ratio(medianOf(row, -1), medianOf(of(OURS), -1)),
      ratio(medianOf(row, -1), medianOf(of(BARE), -1)),
    ]),
  ).concat('\n  The ratios are those of 1,000 at once.')
}
