import { setImmediate } from 'node:timers'
import { seededRandom } from '../random.ts'
import type { Runtime } from '../runtime.ts'

/** A world whose time stands still until it is told to move, and whose chance repeats. */
export interface VirtualRuntime extends Runtime {
  /**
   * Lets all work that is ready be done, then moves time forward timer by timer, with the work of each
   * done before the next. Resolves when `ms` have passed (default 0: only what is ready).
   */
  advance(ms?: number): Promise<void>
  /** Moves the wall clock alone, as an administrator or a time server would. */
  jump(ms: number): void
  /** Milliseconds until the next timer; `undefined` where none is set. */
  untilNextTimer(): number | undefined
  /** How many timers are set. */
  timers(): number
}

/** What a virtual runtime can be told. */
export interface VirtualRuntimeOptions {
  /** Seed of `random`. Default 1. */
  readonly seed?: number
  /** Wall clock at the start, in epoch milliseconds. Default 1,000,000. */
  readonly startAt?: number
  /** Starts every new id. Default `run`. */
  readonly idPrefix?: string
}

/** Creates a virtual runtime. Its ids are counted, its timers ring in the order of their time. */
export function createVirtualRuntime(options: VirtualRuntimeOptions = {}): VirtualRuntime {
  const { seed = 1, startAt = 1_000_000, idPrefix = 'run' } = options
  const timers = new Set<{ readonly dueAt: number; readonly run: () => void }>()
  let elapsed = 0
  let offset = startAt
  let ids = 0

  const next = () => [...timers].sort((a, b) => a.dueAt - b.dueAt)[0]

  return {
    now: () => offset + elapsed,
    elapsed: () => elapsed,
    random: seededRandom(seed),
    newId: () => `${idPrefix}-${++ids}`,
    setTimer(delayMs, run) {
      const timer = { dueAt: elapsed + Math.max(0, delayMs), run }
      timers.add(timer)
      return { cancel: () => void timers.delete(timer), ref: () => {}, unref: () => {} }
    },
    async advance(ms = 0) {
      const until = elapsed + ms
      await idle()
      for (let timer = next(); timer !== undefined && timer.dueAt <= until; timer = next()) {
        timers.delete(timer)
        elapsed = Math.max(elapsed, timer.dueAt)
        timer.run()
        await idle()
      }
      elapsed = until
    },
    jump(ms) {
      offset += ms
    },
    untilNextTimer() {
      const timer = next()
      return timer === undefined ? undefined : timer.dueAt - elapsed
    },
    timers: () => timers.size,
  }
}

/** Resolves when every promise that could go on has gone on. Test runners that fake timers do not reach it. */
export function idle(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}
