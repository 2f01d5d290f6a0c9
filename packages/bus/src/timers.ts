import type { Runtime, RuntimeTimer } from './runtime.ts'

/** Something that is to happen later. */
export interface Timer {
  /** Milliseconds until it is due; at least 0. */
  remainingMs(): number
  cancel(): void
}

class Entry implements Timer {
  readonly dueAt: number
  readonly run: () => void
  readonly #timers: Timers

  constructor(timers: Timers, dueAt: number, run: () => void) {
    this.#timers = timers
    this.dueAt = dueAt
    this.run = run
  }

  remainingMs(): number {
    return this.#timers.until(this.dueAt)
  }

  cancel(): void {
    this.#timers.remove(this)
  }
}

/**
 * Many timers on one of the runtime's. Most deadlines never come, so adding and cancelling one costs
 * a set operation; the runtime's timer is set for the earliest and looks through the rest when it
 * rings. It keeps the process alive only while something is pending.
 */
export class Timers {
  readonly #runtime: Runtime
  readonly #entries = new Set<Entry>()
  #armed: { readonly dueAt: number; readonly timer: RuntimeTimer } | undefined

  constructor(runtime: Runtime) {
    this.#runtime = runtime
  }

  after(delayMs: number, run: () => void): Timer {
    const dueAt = this.#runtime.elapsed() + delayMs
    const entry = new Entry(this, dueAt, run)
    this.#entries.add(entry)
    if (this.#armed === undefined || dueAt < this.#armed.dueAt) this.#arm(dueAt)
    else if (this.#entries.size === 1) this.#armed.timer.ref()
    return entry
  }

  /** Cancels everything. */
  clear(): void {
    this.#entries.clear()
    this.#armed?.timer.cancel()
    this.#armed = undefined
  }

  /** Milliseconds until a moment of the runtime's `elapsed`; at least 0. */
  until(dueAt: number): number {
    return Math.max(0, dueAt - this.#runtime.elapsed())
  }

  /** Forgets an entry; again is no harm. */
  remove(entry: Entry): void {
    if (this.#entries.delete(entry)) this.#unrefIdle()
  }

  #arm(dueAt: number): void {
    this.#armed?.timer.cancel()
    // The longest delay that setTimeout takes; a later deadline is armed again when it rings.
    const delayMs = Math.min(this.until(dueAt), 2_147_483_647)
    this.#armed = { dueAt, timer: this.#runtime.setTimer(delayMs, () => this.#ring()) }
  }

  #ring(): void {
    this.#armed = undefined
    const now = this.#runtime.elapsed()
    const due: Entry[] = []
    let next = Number.POSITIVE_INFINITY
    for (const entry of this.#entries) {
      // setTimeout may ring up to a millisecond early.
      if (entry.dueAt <= now + 1) due.push(entry)
      else if (entry.dueAt < next) next = entry.dueAt
    }
    if (next !== Number.POSITIVE_INFINITY) this.#arm(next)
    for (const entry of due.sort((a, b) => a.dueAt - b.dueAt)) {
      if (this.#entries.delete(entry)) entry.run()
    }
    this.#unrefIdle()
  }

  #unrefIdle(): void {
    if (this.#entries.size === 0) this.#armed?.timer.unref()
  }
}
