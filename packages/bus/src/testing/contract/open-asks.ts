import { describe, expect, test } from 'vitest'
import type { Bus, PublishOptions } from '../../bus.ts'
import type { RunStatus } from '../../records.ts'
import type { Runtime } from '../../runtime.ts'
import { answer, Drafted, forever, type Handle, Hinted, HintWanted, play } from './types.ts'
import { ask, type OpenWorld } from './world.ts'

const wanted = { text: 'how?' }

/** A runtime that tells whether one of its timers keeps the process alive. */
function watched(runtime: Runtime): Runtime & { isBusy(): boolean } {
  const busy = new Set<object>()
  return {
    now: () => runtime.now(),
    elapsed: () => runtime.elapsed(),
    random: () => runtime.random(),
    newId: () => runtime.newId(),
    setTimer(delayMs, run) {
      const timer = runtime.setTimer(delayMs, () => {
        busy.delete(timer)
        run()
      })
      busy.add(timer)
      return {
        cancel() {
          busy.delete(timer)
          timer.cancel()
        },
        ref: () => void busy.add(timer),
        unref: () => void busy.delete(timer),
      }
    },
    isBusy: () => busy.size > 0,
  }
}

/** Plays `worker`, who answers with the hint of `oracle` or with why there is none. */
function playWorker(bus: Bus): void {
  play(bus, 'worker', async (_message, ctx) => {
    const asking = ctx.ask('oracle', HintWanted, wanted, { timeoutMs: 100 })
    answer(ctx, await asking.then(({ text }) => text, String))
  })
}

const reply: Handle = (_message, ctx) => void ctx.reply(Hinted, { text: 'so' })

const ends: readonly {
  readonly after: string
  readonly status: RunStatus
  readonly oracle: Handle
  readonly options?: Partial<PublishOptions>
}[] = [
  { after: 'its reply', status: 'completed', oracle: reply },
  { after: 'its time', status: 'completed', oracle: forever },
  {
    after: 'the end of its run',
    status: 'timed_out',
    oracle: forever,
    options: { timeoutMs: 50 },
  },
  {
    after: 'a run that has gone too far with it',
    status: 'budget_exhausted',
    oracle: reply,
    options: { maxHops: 1 },
  },
]

/** What ends an ask, and what comes after its end. */
export function openAsks(open: OpenWorld): void {
  describe('open asks', () => {
    test.each(ends)('leave no timer behind after $after', async ({ status, oracle, options }) => {
      await using world = await open()
      const runtime = watched(world.runtime)
      const bus = world.bus({ runtime })
      play(bus, 'first', (_message, ctx) => void ctx.handoff('worker', Drafted, { text: 'x' }))
      playWorker(bus)
      play(bus, 'oracle', oracle)
      const run = ask(bus, { to: 'first', ...options })
      expect((await world.end(run)).status).toBe(status)
      expect(runtime.isBusy()).toBe(false)
    })
  })
}
