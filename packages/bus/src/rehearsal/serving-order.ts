import { promisesDone } from '../step-order.ts'

interface Waiting {
  readonly order: number
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

  /** Resolves when it is the turn of the result with this place in the record. Default: after all of those. */
  turn(order: number = Number.POSITIVE_INFINITY): Promise<void> {
    return new Promise((resolve) => {
      const at = this.#waiting.findIndex((other) => other.order > order)
      this.#waiting.splice(at === -1 ? this.#waiting.length : at, 0, { order, go: resolve })
      void this.#pass()
    })
  }

  async #pass(): Promise<void> {
    if (this.#isPassing) return
    this.#isPassing = true
    while (this.#waiting.length > 0) {
      await promisesDone()
      this.#waiting.shift()?.go()
    }
    this.#isPassing = false
  }
}
