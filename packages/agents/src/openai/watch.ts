import type { Fault } from './faults.ts'

// setTimeout turns anything longer into 1 ms.
const longestTimerMs = 2 ** 31 - 1

// Enough for the usage, which follows at once; some endpoints never end a stream.
const graceMs = 1_000

/**
 * Watches over one try: its signal aborts when nothing was heard for `silenceMs`, or when the try took
 * `totalMs`. Over with its scope.
 */
export class Watch implements Disposable {
  readonly #abort = new AbortController()
  readonly #silence: NodeJS.Timeout
  readonly #total: NodeJS.Timeout
  #grace: NodeJS.Timeout | undefined
  #heardAt: number | undefined
  #fault: Fault | undefined

  constructor(silenceMs: number, totalMs: number) {
    this.#silence = setTimeout(() => this.#end('silence'), Math.min(silenceMs, longestTimerMs))
    this.#total = setTimeout(
      // A silence that lasts is cut short by the total time in the last try, where each began late.
      () => this.#end(this.#silentMs() > silenceMs / 2 ? 'silence' : 'too_long'),
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
    this.#heardAt = performance.now()
    this.#silence.refresh()
  }

  /** The answer is whole: from here on the try takes no more than a second. */
  finished(): void {
    this.#grace ??= setTimeout(() => this.#end('silence'), graceMs)
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#grace)
    clearTimeout(this.#silence)
    clearTimeout(this.#total)
  }

  #silentMs(): number {
    return this.#heardAt === undefined ? Infinity : performance.now() - this.#heardAt
  }

  #end(kind: 'silence' | 'too_long'): void {
    this.#fault ??= { kind }
    this.#abort.abort()
  }
}
