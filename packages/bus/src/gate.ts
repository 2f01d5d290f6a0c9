import { Fifo } from './fifo.ts'

/** Lets handlers begin, any number together, or one alone when it may kill the process. First come, first served. */
export class Gate {
  #running = 0
  #alone = false
  readonly #waiting = new Fifo<{ readonly alone: boolean; readonly go: () => void }>()
  #isOpening = false
  #next: { readonly alone: boolean; readonly go: () => void } | undefined

  /** Enters now, where that is possible; says whether it did. One `leave` must follow. */
  tryEnter(alone: boolean): boolean {
    if (this.#next !== undefined || !this.#mayRun(alone)) return false
    this.#running++
    this.#alone = alone
    return true
  }

  /** Calls `go` now or later; each call must be followed by one `leave`. */
  enter(alone: boolean, go: () => void): void {
    if (this.tryEnter(alone)) go()
    else if (this.#next === undefined) this.#next = { alone, go }
    else this.#waiting.push({ alone, go })
  }

  /** Whoever begins may leave at once, so this is a loop and never calls itself. */
  leave(): void {
    this.#running--
    this.#alone = false
    if (this.#isOpening) return
    this.#isOpening = true
    while (this.#next !== undefined && this.#mayRun(this.#next.alone)) {
      const { alone, go } = this.#next
      this.#next = this.#waiting.shift()
      this.#run(alone, go)
    }
    this.#isOpening = false
  }

  #mayRun(alone: boolean): boolean {
    return !this.#alone && (!alone || this.#running === 0)
  }

  #run(alone: boolean, go: () => void): void {
    this.#running++
    this.#alone = alone
    go()
  }
}
