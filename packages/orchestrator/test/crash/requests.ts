import { seededRandom, seedFrom } from '@nanoagent/bus'
import type { RunOrder } from './player.ts'

const PURPOSES = ['my bank', 'the garden gate', 'an old laptop', 'the wifi', 'a forum']

/** The n-th run that a process of this name begins: any request, the same each time. */
export function anyOrder(name: string, n: number): RunOrder {
  const runId = `${name}-${n}`
  const random = seededRandom(seedFrom(runId))
  const whole = (from: number, to: number) => from + Math.floor(random() * (to - from + 1))
  const purpose = PURPOSES[whole(0, PURPOSES.length - 1)]
  const what = [
    `A password of ${whole(12, 40)} characters`,
    `A passphrase of ${whole(4, 8)} words`,
    `A PIN of ${whole(5, 12)} digits`,
    `${whole(2, 4)} passwords of ${whole(14, 24)} characters without symbols`,
  ][whole(0, 3)]
  return { runId, text: `${what} for ${purpose}` }
}
