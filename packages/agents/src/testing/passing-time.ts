import { setTimeout as setRealTimeout } from 'node:timers'
import type { Runtime } from '@nanoagent/bus'
import { idle, type VirtualRuntime } from '@nanoagent/bus/testing/virtual-runtime'

/** What decides when the clock may move. */
export interface Surroundings {
  /** How many handlers are at work now. */
  working(): number
  /** Rises whenever something happens. */
  progress(): number
  /** How long a handler may wait for something else than the clock, in real milliseconds. */
  readonly patienceMs: number
}

/** The time of one bus: virtual time that passes by itself when everything waits for it. */
export class PassingTime {
  /** For the bus. */
  readonly runtime: Runtime
  readonly #virtual: VirtualRuntime
  /** Those of the bus are deadlines and backoffs; whoever else has one sleeps. */
  #timersOfBus = 0

  constructor(virtual: VirtualRuntime) {
    this.#virtual = virtual
    this.runtime = {
      now: () => virtual.now(),
      elapsed: () => virtual.elapsed(),
      random: () => virtual.random(),
      newId: () => virtual.newId(),
      setTimer: (delayMs, run) => {
        let isSet = true
        const unset = () => {
          if (isSet) this.#timersOfBus--
          isSet = false
        }
        this.#timersOfBus++
        const timer = virtual.setTimer(delayMs, () => {
          unset()
          run()
        })
        return {
          cancel() {
            unset()
            timer.cancel()
          },
          ref: () => timer.ref(),
          unref: () => timer.unref(),
        }
      },
    }
  }

  /**
   * Lets time pass until the promise is settled. It leaps to the next timer at once where no handler is
   * at work or somebody sleeps on the clock, and otherwise when nothing has happened for the patience:
   * a handler that waits for a file or a process must not time out meanwhile.
   */
  async until<T>(done: Promise<T>, surroundings: Surroundings): Promise<T> {
    const virtual = this.#virtual
    let isDone = false
    const note = () => {
      isDone = true
    }
    done.then(note, note)
    let quietMs = 0
    let seen = -1
    for (await idle(); !isDone; await idle()) {
      const progress = surroundings.progress()
      if (progress !== seen) quietMs = 0
      seen = progress
      const nextMs = virtual.untilNextTimer()
      const mayLeap =
        surroundings.working() === 0 ||
        virtual.timers() > this.#timersOfBus ||
        quietMs >= surroundings.patienceMs
      if (nextMs !== undefined && mayLeap) {
        quietMs = 0
        await virtual.advance(nextMs)
      } else {
        quietMs++
        await new Promise<void>((resolve) => setRealTimeout(resolve, 1))
      }
    }
    return done
  }
}
