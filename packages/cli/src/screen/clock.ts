/** Time for what changes on the screen by itself. */
export interface Clock {
  /** Milliseconds since any fixed moment. */
  now(): number
  /** Calls `tick` again and again, until what it returns is called. Keeps no process alive. */
  every(ms: number, tick: () => void): () => void
}

/** The real time. */
export const systemClock: Clock = {
  now: () => performance.now(),
  every(ms, tick) {
    const timer = setInterval(tick, ms).unref()
    return () => clearInterval(timer)
  },
}
