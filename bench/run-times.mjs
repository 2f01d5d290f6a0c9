import { batchFor, interleave, microsecondsOf, spread } from './rounds.mjs'
import { digits, ratio, table } from './table.mjs'

/** Microseconds per run of each contender, one run after the other. Closes them. */
export async function runTimes(contenders, task, { quick, warmUpMs = 2_000 }) {
  const times = quick ? { sampleMs: 20, warmUpMs: 500 } : { sampleMs: 60, warmUpMs }
  for (const contender of contenders) {
    contender.batch = await batchFor(() => contender.run(task), times)
  }
  const rounds = quick ? { warmUpRounds: 2, rounds: 8 } : { warmUpRounds: 5, rounds: 30 }
  const samples = await interleave(contenders, rounds, ({ run, batch }) =>
    microsecondsOf(() => run(task), batch),
  )
  for (const { close } of contenders) await close()
  return contenders.map(({ name, title }, at) => ({ name, title, us: spread(samples[at]) }))
}

/** The median of a contender's times. */
export function medianOf(rows, wanted) {
  return rows.find(({ name }) => name === wanted).us.median
}

/** A table of times per run; `bases` are the columns that divide by one contender's, `[label, name]`. */
export function runTable(what, rows, bases) {
  return table(
    `${what}, microseconds (median of ${rows[0].us.samples} rounds)`,
    ['', 'µs per run', 'half of the rounds', ...bases.map(([label]) => label)],
    rows.map(({ title, us }) => [
      title,
      digits(us.median),
      `${digits(us.from)} – ${digits(us.to)}`,
      ...bases.map(([, name]) => ratio(us.median, medianOf(rows, name))),
    ]),
  )
}
