import { promisesDone } from '../step-order.ts'

interface Waiting {
  readonly order: number
  isReady: boolean
  readonly go: () => void
}

/**
 * Lets results reach a handler one at a time, each in a turn of its own: of those that it waits for the one
 * that came first when they were recorded. A handler that asks for what it asked for then gets them in the
 * recorded order, and one that asks for less waits for nothing that does not come.
 */
export class ServingOrder {
  readonly #waiting: Waiting[] = []
  #isPassing = false

  /**
   * Resolves when it is the turn of the result with this place in the record, once it is ready; those behind
   * it wait for it. Without a place it waits only for those that are ready.
   */
  turn(order: number = Number.POSITIVE_INFINITY, ready?: Promise<unknown>): Promise<void> {
    return new Promise((resolve) => {
      const waiting = { order, isReady: ready === undefined, go: resolve }
      const at = this.#waiting.findIndex((other) => other.order > order)
      this.#waiting.splice(at === -1 ? this.#waiting.length : at, 0, waiting)
      void ready?.then(() => {
        waiting.isReady = true
        void this.#pass()
      })
      void this.#pass()
    })
  }

  async #pass(): Promise<void> {
    if (this.#isPassing) return
    this.#isPassing = true
    while (this.#next !== undefined) {
      await promisesDone()
      // Meanwhile something may have come that goes first.
      const next = this.#next
      if (next === undefined) continue
      this.#waiting.splice(this.#waiting.indexOf(next), 1)
      next.go()
    }
    this.#isPassing = false
  }

  get #next(): Waiting | undefined {
    const [first] = this.#waiting
    if (first?.isReady !== false) return first
    return this.#waiting.find(({ order }) => order === Number.POSITIVE_INFINITY)
  }
}
