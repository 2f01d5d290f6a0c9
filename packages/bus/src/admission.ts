import { InvalidOptionError } from './errors.ts'
import { Fifo } from './fifo.ts'

/** Bounds the number of live runs: whoever comes later waits, in order. */
export class Admission {
  readonly #places: number
  readonly #waiting = new Fifo<() => void>()
  #taken = 0
  #isAdmitting = false

  constructor(places: number) {
    if (!Number.isInteger(places) || places < 1) {
      throw new InvalidOptionError('liveRuns', places, 'a whole number from 1')
    }
    this.#places = places
  }

  get isFull(): boolean {
    return this.#taken >= this.#places
  }

  /** Takes a place now, where there is one and nobody waits for it; says whether it did. */
  tryEnter(): boolean {
    if (this.isFull || this.#waiting.size > 0) return false
    this.#taken++
    return true
  }

  /** Calls `go` when there is a place. */
  enter(go: () => void): void {
    if (this.tryEnter()) go()
    else this.#waiting.push(go)
  }

  /** Whoever gets the place may leave at once, so this is a loop and never calls itself. */
  leave(): void {
    this.#taken--
    if (this.#isAdmitting) return
    this.#isAdmitting = true
    while (!this.isFull && this.#waiting.size > 0) {
      this.#taken++
      this.#waiting.shift()?.()
    }
    this.#isAdmitting = false
  }
}
