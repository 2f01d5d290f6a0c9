import { INVARIANTS } from './invariants.ts'
import type { SimulationReport } from './simulate-seed.ts'

/** A schedule longer than this is shown by what is not calm in it, and its last events. */
const MOST_LINES = 60
const LAST_LINES = 5

/** Says what broke, in which schedule, and how to see it again. */
export function explain({ seed, broken, schedule, lines }: SimulationReport): string {
  if (broken === undefined) return `seed ${seed}: every invariant holds`
  const shown =
    lines.length <= MOST_LINES
      ? lines
      : lines.filter(({ isCalm }, at) => !isCalm || at >= lines.length - LAST_LINES)
  // Where a schedule ends, the calm choices follow by themselves.
  const choices = schedule.slice(0, schedule.findLastIndex((choice) => choice !== 0) + 1)
  return [
    `seed ${seed} breaks '${broken.invariant}': ${INVARIANTS[broken.invariant]}`,
    `  ${broken.message}`,
    ...shown.map(({ event, text }) => `  ${event}: ${text}`),
    `repeat with: pnpm simulate --seed ${seed} --schedule ${choices.join(',') || 0}`,
  ].join('\n')
}
