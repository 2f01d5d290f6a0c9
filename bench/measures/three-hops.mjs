import { BARE, createContenders, OURS } from '../contenders/index.mjs'
import { costGoals, goalTable } from '../goals.mjs'
import { batchFor, interleave, spread, timed } from '../rounds.mjs'
import { task } from '../scenario.mjs'
import { digits, ratio, table } from '../table.mjs'

export const name = 'three-hops'
export const summary = 'time of a run of three hops, one run after the other'
export const flags = ['--expose-gc']

/** Microseconds per run of each contender. */
export async function measure({ quick }) {
  const times = quick ? { sampleMs: 20, warmUpMs: 500 } : { sampleMs: 60, warmUpMs: 2_000 }
  const contenders = await createContenders()
  for (const contender of contenders) {
    contender.batch = await batchFor(() => contender.run(task), times)
  }
  const rounds = quick ? { warmUpRounds: 2, rounds: 8 } : { warmUpRounds: 5, rounds: 30 }
  const samples = await interleave(contenders, rounds, async ({ run, batch }) => {
    // Nobody pays for another's young garbage. A full collection would also throw away code.
    globalThis.gc({ type: 'minor' })
    const tookMs = await timed(async () => {
      for (let i = 0; i < batch; i++) await run(task)
    })
    return (tookMs * 1_000) / batch
  })
  for (const { close } of contenders) await close()
  return contenders.map(({ name, title }, at) => ({ name, title, us: spread(samples[at]) }))
}

export function report(rows) {
  const medianOf = (wanted) => rows.find(({ name }) => name === wanted).us.median
  const measured = table(
    `One run of three hops, microseconds (median of ${rows[0].us.samples} rounds)`,
    ['', 'µs per run', 'half of the rounds', '÷ ours', '÷ bare'],
    rows.map(({ title, us }) => [
      title,
      digits(us.median),
      `${digits(us.from)} – ${digits(us.to)}`,
      ratio(us.median, medianOf(OURS)),
      ratio(us.median, medianOf(BARE)),
    ]),
  )
  return `${measured}\n\n${goalTable(costGoals(rows, ({ us }) => us.median))}`
}
