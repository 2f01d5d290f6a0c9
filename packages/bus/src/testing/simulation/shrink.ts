import type { Sabotage } from './sabotage.ts'
import { type SimulationReport, simulate } from './simulate-seed.ts'
import { type CreateStore, memoryStore } from './store.ts'

/** Most worlds that are tried to shrink one schedule. */
const MOST_TRIES = 600

/**
 * Finds a shorter and calmer schedule that breaks the same invariant: cuts its tail, then makes ever
 * smaller blocks of choices calm, or cuts them out. Gives its report, with a line for each event. Algorithm: delta
 * debugging, after Zeller and Hildebrandt, "Simplifying and Isolating Failure-Inducing Input", IEEE
 * Transactions on Software Engineering 28(2), 2002.
 */
export async function shrink(
  report: SimulationReport,
  createSabotage: () => Sabotage = () => ({}),
  store: CreateStore = memoryStore,
): Promise<SimulationReport> {
  const { seed, broken } = report
  if (broken === undefined) return report
  let best: readonly number[] = report.schedule
  let tries = 0

  const stillBreaks = async (schedule: readonly number[]): Promise<boolean> => {
    if (tries >= MOST_TRIES) return false
    tries++
    const other = await simulate(seed, { schedule, sabotage: createSabotage(), store })
    if (other.broken?.invariant !== broken.invariant) return false
    best = schedule
    return true
  }

  while (best.length > 0 && (await stillBreaks(best.slice(0, Math.floor(best.length / 2)))));
  let block = Math.ceil(best.length / 2)
  while (block >= 1 && tries < MOST_TRIES) {
    let isCalmer = false
    for (let start = 0; start < best.length; start += block) {
      const end = start + block
      if (best.slice(start, end).every((choice) => choice === 0)) continue
      const calmer = best.map((choice, at) => (at >= start && at < end ? 0 : choice))
      const shorter = best.toSpliced(start, block)
      if ((await stillBreaks(calmer)) || (await stillBreaks(shorter))) isCalmer = true
    }
    if (block === 1 && !isCalmer) break
    block = isCalmer && block === 1 ? 1 : Math.floor(block / 2)
  }
  const schedule = best.slice(0, best.findLastIndex((choice) => choice !== 0) + 1)
  return simulate(seed, { schedule, sabotage: createSabotage(), isTraced: true, store })
}
