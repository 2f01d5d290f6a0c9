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
  const again = schedule.length === 0 ? '' : ` --schedule ${schedule.join(',')}`
  return [
    `seed ${seed} breaks '${broken.invariant}': ${INVARIANTS[broken.invariant]}`,
    `  ${broken.message}`,
    ...shown.map(({ event, text }) => `  ${event}: ${text}`),
    `repeat with: pnpm simulate --seed ${seed}${again}`,
  ].join('\n')
}
