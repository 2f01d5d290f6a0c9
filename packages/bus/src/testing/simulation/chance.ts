import { type Random, seededRandom } from '../../random.ts'

/** A repeatable source of decisions. */
export class Chance {
  readonly #random: Random

  constructor(seed: number) {
    this.#random = seededRandom(seed)
  }

  /** From 0 up to 1. */
  next(): number {
    return this.#random()
  }

  /** A whole number from 0 up to `count`. */
  below(count: number): number {
    return Math.floor(this.#random() * count)
  }

  between(first: number, last: number): number {
    return first + this.below(last - first + 1)
  }

  is(probability: number): boolean {
    return this.#random() < probability
  }

  pick<T>(first: T, ...others: readonly T[]): T {
    return others[this.below(others.length + 1) - 1] ?? first
  }
}

/** A 32-bit number from any text, fast. Algorithm: FNV-1a by Fowler, Noll and Vo, 1991. */
export function fingerprint(text: string): number {
  let hash = 0x811c9dc5
  for (let index = 0; index < text.length; index++) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193)
  }
  return hash >>> 0
}

/** Folds a value into a trail, so that the trail tells which values there were, in which order. */
export function fold(trail: number, value: number): number {
  return Math.imul(Math.imul(trail, 31) + value + 1, 0x9e3779b1) >>> 0
}
