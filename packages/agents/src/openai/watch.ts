import type { Fault } from './faults.ts'

// setTimeout turns anything longer into 1 ms.
const longestTimerMs = 2 ** 31 - 1

/**
 * Watches over one try: its signal aborts when nothing was heard for `silenceMs`, or when the try took
 * `totalMs`. Over with its scope.
 */
export class Watch implements Disposable {
  readonly #abort = new AbortController()
  readonly #silence: NodeJS.Timeout
  readonly #total: NodeJS.Timeout
  #hasHeard = false
  #fault: Fault | undefined

  constructor(silenceMs: number, totalMs: number) {
    this.#silence = setTimeout(() => this.#end('silence'), Math.min(silenceMs, longestTimerMs))
    this.#total = setTimeout(
      // Where nothing came at all, the last try's silence is what its total time ends.
      () => this.#end(this.#hasHeard ? 'too_long' : 'silence'),
      Math.min(totalMs, longestTimerMs),
    )
  }

  get signal(): AbortSignal {
    return this.#abort.signal
  }

  /** Why the signal was aborted. */
  get fault(): Fault | undefined {
    return this.#fault
  }

  /** Something came: the silence begins anew. */
  heard(): void {
    this.#hasHeard = true
    this.#silence.refresh()
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#silence)
    clearTimeout(this.#total)
  }

  #end(kind: 'silence' | 'too_long'): void {
    this.#fault ??= { kind }
    this.#abort.abort()
  }
}
