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
  /** Its neighbours in the list of what is pending; itself where it is not in it. */
  before: Entry = this
  after: Entry = this

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
 * next to nothing: they are a linked list, and the runtime's timer is set for the earliest and looks
 * through the rest when it rings. It keeps the process alive only while something is pending.
 */
export class Timers {
  readonly #runtime: Runtime
  /** Before the first and after the last of what is pending. */
  readonly #list: Entry = new Entry(this, Number.POSITIVE_INFINITY, () => {})
  #armed: { readonly dueAt: number; readonly timer: RuntimeTimer } | undefined

  constructor(runtime: Runtime) {
    this.#runtime = runtime
  }

  after(delayMs: number, run: () => void): Timer {
    const dueAt = this.#runtime.elapsed() + delayMs
    const wasIdle = this.#isIdle
    const entry = new Entry(this, dueAt, run)
    this.#add(entry)
    if (this.#armed === undefined || dueAt < this.#armed.dueAt) this.#arm(dueAt)
    else if (wasIdle) this.#armed.timer.ref()
    return entry
  }

  /** Cancels everything. */
  clear(): void {
    for (const entry of this.#pending()) this.#take(entry)
    this.#armed?.timer.cancel()
    this.#armed = undefined
  }

  /** Milliseconds until a moment of the runtime's `elapsed`; at least 0. */
  until(dueAt: number): number {
    return Math.max(0, dueAt - this.#runtime.elapsed())
  }

  /** Forgets an entry; again is no harm. */
  remove(entry: Entry): void {
    if (this.#take(entry)) this.#unrefIdle()
  }

  get #isIdle(): boolean {
    return this.#list.after === this.#list
  }

  #add(entry: Entry): void {
    const last = this.#list.before
    entry.before = last
    entry.after = this.#list
    last.after = entry
    this.#list.before = entry
  }

  /** Takes an entry out of the list; says whether it was in it. */
  #take(entry: Entry): boolean {
    const { before, after } = entry
    if (after === entry) return false
    before.after = after
    after.before = before
    entry.before = entry
    entry.after = entry
    return true
  }

  #pending(): readonly Entry[] {
    const pending: Entry[] = []
    for (let entry = this.#list.after; entry !== this.#list; entry = entry.after) {
      pending.push(entry)
    }
    return pending
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
    for (const entry of this.#pending()) {
      // setTimeout may ring up to a millisecond early.
      if (entry.dueAt <= now + 1) due.push(entry)
      else if (entry.dueAt < next) next = entry.dueAt
    }
    if (next !== Number.POSITIVE_INFINITY) this.#arm(next)
    for (const entry of due.sort((a, b) => a.dueAt - b.dueAt)) {
      if (this.#take(entry)) entry.run()
    }
    this.#unrefIdle()
  }

  #unrefIdle(): void {
    if (this.#isIdle) this.#armed?.timer.unref()
  }
}
