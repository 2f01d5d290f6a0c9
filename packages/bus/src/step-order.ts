import { Fifo } from './fifo.ts'
import type { StepRecord } from './records.ts'

/**
 * Lets the results of one attempt's steps reach its handler in the order of their records, each in a
 * turn of its own: everything that follows from one is done before the next. So a later start, which
 * finds some of them in the journal, sees them in the same order and asks for the same steps.
 */
export class StepOrder {
  readonly #recorded: readonly StepRecord[]
  readonly #asked = new Map<StepRecord, () => void>()
  readonly #performed = new Fifo<{ readonly stored: unknown; readonly go: () => void }>()
  #served = 0
  #isPassing = false

  constructor(recorded: readonly StepRecord[]) {
    this.#recorded = recorded
  }

  /** Recorded steps that were not asked for. */
  get unserved(): readonly StepRecord[] {
    return this.#recorded.slice(this.#served).filter((step) => !this.#asked.has(step))
  }

  /** Resolves when it is a recorded step's turn. */
  served(step: StepRecord): Promise<void> {
    return new Promise((resolve) => {
      this.#asked.set(step, resolve)
      void this.#pass()
    })
  }

  /**
   * Resolves when it is the turn of a step that has just been handed to the journal: after all
   * recorded ones, and not before `stored` is settled.
   */
  performed(stored?: Promise<unknown>): Promise<void> {
    return new Promise((resolve) => {
      this.#performed.push({ stored, go: resolve })
      void this.#pass()
    })
  }

  async #pass(): Promise<void> {
    if (this.#isPassing) return
    this.#isPassing = true
    for (let next = this.#next(); next !== undefined; next = this.#next()) {
      await next.stored
      await promisesDone()
      next.go()
    }
    this.#isPassing = false
  }

  #next(): { readonly stored?: unknown; readonly go: () => void } | undefined {
    const step = this.#recorded[this.#served]
    if (step === undefined) return this.#performed.shift()
    const go = this.#asked.get(step)
    if (go === undefined) return undefined
    this.#served++
    return { go }
  }
}

/** Resolves when no promise can go on any more: Node runs a tick only after all of them. */
export function promisesDone(): Promise<void> {
  return new Promise((resolve) => queueMicrotask(() => process.nextTick(resolve)))
}
