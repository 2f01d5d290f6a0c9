import { seededRandom } from '@nanoagent/bus'
import type { RandomInt } from '../password/index.ts'

/** Repeatable chance in whole numbers, such as `passwordTeam({ randomInt: seededRandomInt(1) })` takes. */
export function seededRandomInt(seed: number): RandomInt {
  const random = seededRandom(seed)
  return (max) => Math.floor(random() * max)
}
