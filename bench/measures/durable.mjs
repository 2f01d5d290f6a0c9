import { createDurables, GROUP, HOPS, OURS, PEER, ROWS } from '../durable/index.mjs'
import { AT_ONCE, durableGoals, goalTable } from '../goals.mjs'
import { batchFor, interleave, microsecondsOf, spread } from '../rounds.mjs'
import { digits, ratio, table } from '../table.mjs'
import { temporaryFolder } from '../temporary-folder.mjs'

export const name = 'durable'
export const summary = 'time of a hop that is on the disk, with 1, 100 and 1,000 runs at once'
export const flags = ['--expose-gc']

const COUNTS = [1, 100, 1_000]

/** Beyond this many runs at once, the peer takes seconds for each wave. */
const PEER_QUICK = 100

/** Microseconds per hop of each contender, for each number of runs at once that it is measured with. */
export async function measure({ quick }) {
  using folder = temporaryFolder()
  const times = quick ? { sampleMs: 10, warmUpMs: 100 } : { sampleMs: 20, warmUpMs: 800 }
  const contenders = await createDurables(folder)
  const subjects = []
  for (const { name, wave, upTo = quick && name === PEER ? PEER_QUICK : 1_000 } of contenders) {
    for (const count of COUNTS.filter((count) => count <= upTo)) {
      const once = async () => wave(count)
      subjects.push({ name, count, once, batch: await batchFor(once, times) })
    }
  }
  const rounds = quick ? { warmUpRounds: 0, rounds: 5 } : { warmUpRounds: 1, rounds: 12 }
  const samples = await interleave(subjects, rounds, async ({ once, batch, count }) => {
    return (await microsecondsOf(once, batch)) / (count * HOPS)
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
  const medianOf = (wanted, count) =>
    rows.find(({ name }) => name === wanted).atOnce.find((one) => one.count === count)?.us.median ??
    Number.NaN
  const rounds = rows[0].atOnce[0].us.samples
  const whole = (count) => count.toLocaleString('en-US')
  const measured = table(
    `A durable hop, microseconds (median of ${rounds} rounds)`,
    ['', ...COUNTS.map((count) => `${whole(count)} at once`), '÷ a commit per hop', '÷ ours'],
    rows.map(({ name, title }) => [
      title,
      ...COUNTS.map((count) => digits(medianOf(name, count))),
      ratio(medianOf(name, AT_ONCE), medianOf(GROUP, AT_ONCE)),
      ratio(medianOf(name, AT_ONCE), medianOf(OURS, AT_ONCE)),
    ]),
  )
  return [
    measured,
    `  The ratios are those of ${AT_ONCE} at once. A run has ${HOPS} hops, for which ours stores ${ROWS} rows;`,
    '  the raw ones store rows of the same sizes, and nothing else.',
    '',
    goalTable(durableGoals(medianOf)),
  ].join('\n')
}
