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
    // One that begins with a hyphen looks like an option to every command that it is given to.
    for (;;) {
      const id = nanoid()
      if (!id.startsWith('-')) return id
    }
  },
}
