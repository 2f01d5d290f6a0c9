import { hash } from 'node:crypto'

/** A source of numbers from 0 up to 1. */
export type Random = () => number

/** A 32-bit number from any text, the same each time. */
export function seedFrom(text: string): number {
  return Number.parseInt(hash('sha256', text).slice(0, 8), 16)
}

/** A repeatable source of chance from a 32-bit seed. Algorithm: mulberry32 by Tommy Ettinger, 2017. */
export function seededRandom(seed: number): Random {
  let state = seed | 0
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}
