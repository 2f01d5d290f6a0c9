import { describe, expect, test } from 'vitest'
import type { Runtime } from '../../runtime.ts'
import { ofKind, storyOf } from './rules.ts'
import { answer, forever, play } from './types.ts'
import { ask, type OpenWorld } from './world.ts'

/** 13. A wait has its own limit, and a deadline counts whether or not a timer could ring. */
export function timeLimits(open: OpenWorld): void {
  describe('13. time limits', () => {
    test('a wait that takes longer than it may ends its step with a WaitTimeoutError, for good', async () => {
      await using world = await open()
      const bus = world.bus()
      const attempts: number[] = []
      const errors: unknown[] = []
      play(
        bus,
        'worker',
        async (_message, ctx) => {
          attempts.push(ctx.attempt)
          const waiting = ctx.step({
            name: 'model',
            request: 1,
            waits: true,
            waitTimeoutMs: 5000,
            perform: forever,
          })
          await waiting.catch((error: unknown) => {
            errors.push(error)
            throw error
          })
        },
        { deliveryTimeoutMs: 1000 },
      )
      const run = ask(bus)
      await world.advance(4998)
      expect(errors).toEqual([])
      await world.advance(2)
      expect(errors).toMatchObject([{ name: 'WaitTimeoutError', code: 'wait_timeout' }])
      expect(await world.end(run)).toMatchObject({
        status: 'failed',
        reason: expect.stringMatching(/'model' got no answer within 5000 ms/),
      })
      expect(attempts).toEqual([1])
      const records = await world.records(run.id)
      const error = { name: 'WaitTimeoutError', code: 'wait_timeout' }
      expect(ofKind(records, 'step')).toMatchObject([
        { outcome: { type: 'error', terminal: true, error } },
      ])
      expect(ofKind(records, 'settle')).toMatchObject([
        { outcome: 'dead', reason: 'terminal', error },
      ])
    })

    test('a wait that is answered in time heeds its limit no more', async () => {
      await using world = await open()
      const bus = world.bus()
      const model = Promise.withResolvers<string>()
      play(bus, 'worker', async (_message, ctx) => {
        const said = await ctx.step({
          name: 'model',
          request: 1,
          waits: true,
          waitTimeoutMs: 5000,
          perform: () => model.promise,
        })
        await new Promise<void>((resolve) => world.runtime.setTimer(10_000, resolve))
        answer(ctx, said)
      })
      const run = ask(bus)
      await world.advance(4000)
      model.resolve('said')
      expect((await world.end(run)).message?.data).toEqual({ text: 'said' })
    })

    test.each([-3_600_000, 3_600_000])(
      'a deadline does not heed a wall clock that jumped %d ms before another process went on',
      async (jumpMs) => {
        await using world = await open()
        const first = world.process()
        const second = world.bus()
        for (const bus of [first.bus, second]) {
          play(bus, 'worker', async (_message, ctx) => {
            for (const request of [1, 2, 3, 4, 5]) {
              const perform = () =>
                new Promise<void>((resolve) => world.runtime.setTimer(300, resolve))
              await ctx.step({ name: 'look', request, perform })
            }
          })
        }
        const run = ask(first.bus, { timeoutMs: 1000 })
        await world.advance(400)
        world.runtime.jump(jumpMs)
        await world.advance(300)
        await first.kill()
        const resumed = await world.until(second.resume(run.id))
        await world.advance(350)
        expect(ofKind(await world.records(run.id), 'run.ended')).toEqual([])
        await world.advance(100)
        expect((await world.end(resumed)).status).toBe('timed_out')
      },
    )

    test('a handler that blocks the process beyond the deadline completes nothing', async () => {
      await using world = await open()
      let blockedMs = 0
      const runtime: Runtime = {
        ...world.runtime,
        elapsed: () => world.runtime.elapsed() + blockedMs,
      }
      const bus = world.bus({ runtime })
      play(bus, 'worker', (_message, ctx) => {
        blockedMs += 1001
        answer(ctx)
      })
      const run = ask(bus, { timeoutMs: 1000 })
      const end = await world.end(run)
      expect(end).toMatchObject({
        status: 'timed_out',
        reason: expect.stringMatching(/1000 ms, at 'worker' with question\.asked/),
      })
      expect(end.message).toBeUndefined()
      expect(storyOf(await world.records(run.id))).toEqual([
        'run.opened',
        'question.asked',
        'run.ended',
      ])
    })
  })
}
