import { nanoid } from 'nanoid'

/** A timer that a runtime has set. `ref` and `unref` decide whether it keeps the process alive. */
export interface RuntimeTimer {
  cancel(): void
  ref(): void
  unref(): void
}

/** Everything of the outer world that a bus uses: time, chance, ids. Tests and simulations pass their own. */
export interface Runtime {
  /** Wall clock, in epoch milliseconds. May jump. */
  now(): number
  /** Milliseconds since any fixed moment. Never jumps. */
  elapsed(): number
  setTimer(delayMs: number, run: () => void): RuntimeTimer
  /** From 0 up to 1, for jitter and seeds. */
  random(): number
  /** A new id: unique, 1 to 64 letters, digits, `_` or `-`. */
  newId(): string
}

/** A new id begins with the time in milliseconds: so many letters, which come round every half hour. */
const TIME_LETTERS = 4
const RADIX = 36
const CHANCE_LETTERS = 17

/** The real world. */
export const systemRuntime: Runtime = {
  now: () => Date.now(),
  elapsed: () => performance.now(),
  setTimer(delayMs, run) {
    const timer = setTimeout(run, delayMs)
    return {
      cancel: () => clearTimeout(timer),
      ref: () => void timer.ref(),
      unref: () => void timer.unref(),
    }
  },
  random: () => Math.random(),
  newId() {
    // What is opened at one time is stored side by side then: a commit changes a page, and not one for each.
    const time = (Date.now() % RADIX ** TIME_LETTERS).toString(RADIX).padStart(TIME_LETTERS, '0')
    return `${time}${nanoid(CHANCE_LETTERS)}`
  },
}
