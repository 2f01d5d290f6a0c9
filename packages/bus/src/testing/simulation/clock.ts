import type { RuntimeTimer } from '../../runtime.ts'
import type { ProcessState } from './process-state.ts'

interface ClockTimer {
  readonly by: ProcessState
  readonly dueAt: number
  readonly run: () => void
  /** Whether it keeps its process alive. One that does not has nothing to do. */
  isNeeded: boolean
}

/** The time of a simulated world. It stands still until a timer is rung. */
export class Clock {
  elapsed = 0
  readonly #timers = new Set<ClockTimer>()

  set(by: ProcessState, delayMs: number, run: () => void): RuntimeTimer {
    const timer = { by, dueAt: this.elapsed + Math.max(0, delayMs), run, isNeeded: true }
    this.#timers.add(timer)
    return {
      cancel: () => void this.#timers.delete(timer),
      ref: () => {
        timer.isNeeded = true
      },
      unref: () => {
        timer.isNeeded = false
      },
    }
  }

  /** Whether anybody waits for time to pass. */
  get isNeeded(): boolean {
    for (const timer of this.#timers) if (timer.isNeeded) return true
    return false
  }

  /** Moves time to the next timer and rings it. */
  ring(): void {
    let next: ClockTimer | undefined
    for (const timer of this.#timers) {
      if (timer.isNeeded && (next === undefined || timer.dueAt < next.dueAt)) next = timer
    }
    if (next === undefined) return
    this.#timers.delete(next)
    this.elapsed = Math.max(this.elapsed, next.dueAt)
    next.run()
  }

  /** A process is gone, and its timers with it. */
  died(by: ProcessState): void {
    for (const timer of this.#timers) if (timer.by === by) this.#timers.delete(timer)
  }
}
