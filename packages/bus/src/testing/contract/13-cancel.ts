import { describe, expect, test } from 'vitest'
import { ofKind, storyOf } from './rules.ts'
import { Asked, answer, Drafted, forever, play } from './types.ts'
import { ask, type OpenWorld } from './world.ts'

/** 13. Signals, deadlines and budgets stop a run; waiting for something slow stops its clock. */
export function cancel(open: OpenWorld): void {
  describe('13. cancel', () => {
    test('a signal cancels the run, aborts its handler, and the attempt settles nothing', async () => {
      await using world = await open()
      const bus = world.bus()
      const aborter = new AbortController()
      const reasons: string[] = []
      play(bus, 'worker', async (_message, ctx) => {
        answer(ctx)
        await new Promise((resolve) => ctx.signal.addEventListener('abort', resolve))
        reasons.push(String(ctx.signal.reason))
      })
      const run = ask(bus, { signal: aborter.signal })
      await world.advance()
      aborter.abort(new Error('by the user'))
      expect(await world.end(run)).toMatchObject({
        status: 'cancelled',
        reason: expect.stringContaining('by the user'),
      })
      await world.advance()
      expect(reasons).toEqual([expect.stringMatching(/cancelled.*by the user/)])
      expect(storyOf(await world.records(run.id))).toEqual([
        'run.opened',
        'question.asked',
        'run.ended',
      ])
    })

    test('a signal that has aborted before lets no handler run', async () => {
      await using world = await open()
      const bus = world.bus()
      let calls = 0
      play(bus, 'worker', () => {
        calls++
      })
      const run = ask(bus, { signal: AbortSignal.abort(new Error('by the user')) })
      expect((await world.end(run)).status).toBe('cancelled')
      await world.advance(1000)
      expect(calls).toBe(0)
    })

    test('cancelling during a backoff begins no further attempt', async () => {
      await using world = await open()
      const bus = world.bus()
      let calls = 0
      play(bus, 'worker', () => {
        calls++
        throw new Error('once more')
      })
      const run = ask(bus)
      await world.advance()
      run.cancel('enough')
      expect((await world.end(run)).status).toBe('cancelled')
      await world.advance(60_000)
      expect(calls).toBe(1)
    })

    test('cancelling aborts the step that is under way', async () => {
      await using world = await open()
      const bus = world.bus()
      const signals: boolean[] = []
      play(bus, 'worker', async (_message, ctx) => {
        await ctx.step({
          name: 'model',
          request: 1,
          waits: true,
          perform: async ({ signal }) => {
            await new Promise((resolve) => signal.addEventListener('abort', resolve))
            signals.push(signal.aborted)
            return 'late'
          },
        })
        answer(ctx)
      })
      const run = ask(bus)
      await world.advance()
      run.cancel('enough')
      await world.advance()
      expect(signals).toEqual([true])
      expect(ofKind(await world.records(run.id), 'step')).toEqual([])
      expect((await world.end(run)).status).toBe('cancelled')
    })

    test('cancelling lets no waiting delivery of the run begin', async () => {
      await using world = await open()
      const bus = world.bus()
      const handled: string[] = []
      play(bus, 'worker', ({ id }) => {
        handled.push(id)
        return forever()
      })
      const run = ask(bus)
      await world.until(run.publish('worker', Asked, { text: 'second' }))
      await world.advance()
      run.cancel('enough')
      await world.advance(1000)
      expect(handled).toEqual([run.id])
    })

    test('a cancelled handler gives its slot back at once', async () => {
      await using world = await open()
      const bus = world.bus()
      play(
        bus,
        'worker',
        (message, ctx) => (message.runId === 'bad' ? forever() : void answer(ctx)),
        { roleConcurrency: 1 },
      )
      const bad = ask(bus, { runId: 'bad' })
      const queued = ask(bus, { runId: 'queued' })
      const good = ask(bus, { runId: 'good' })
      await world.advance()
      queued.cancel('while it waits for the slot')
      bad.cancel('enough')
      expect((await world.end(good)).status).toBe('completed')
    })

    test('a run that takes longer than it may is timed out, saying where it was', async () => {
      await using world = await open()
      const bus = world.bus()
      play(bus, 'worker', (_message, ctx) => void ctx.handoff('slow', Drafted, { text: 'x' }))
      play(bus, 'slow', (_message, ctx) =>
        ctx.step({ name: 'model', request: 1, waits: true, perform: forever }),
      )
      const run = ask(bus, { timeoutMs: 5000 })
      await world.advance(4998)
      expect(await world.openRuns()).toEqual([run.id])
      await world.advance(2)
      expect(await world.end(run)).toMatchObject({
        status: 'timed_out',
        reason: expect.stringMatching(/5000 ms, at 'slow' with text\.drafted/),
      })
    })

    test('a run that uses more tokens than it may ends at that step', async () => {
      await using world = await open()
      const bus = world.bus()
      let calls = 0
      play(bus, 'worker', async (_message, ctx) => {
        for (;;) {
          calls++
          await ctx.step({
            kind: 'model',
            name: 'gpt',
            request: calls,
            perform: () => 'said',
            usage: () => ({ inputTokens: 30, outputTokens: 20 }),
          })
        }
      })
      const run = ask(bus, { maxTokens: 100 })
      const end = await world.end(run)
      expect(end).toMatchObject({
        status: 'budget_exhausted',
        reason: expect.stringMatching(/150 tokens.*100/),
        usage: { inputTokens: 90, outputTokens: 60, modelCalls: 3 },
      })
      expect(calls).toBeLessThanOrEqual(4)
      expect(ofKind(await world.records(run.id), 'step')).toHaveLength(3)
    })

    test('what a run used before it was resumed counts in its budget', async () => {
      await using world = await open()
      const spend = { inputTokens: 40, outputTokens: 20 }
      const first = world.process()
      const step = { kind: 'model', name: 'gpt', request: 1, usage: () => spend } as const
      play(first.bus, 'worker', async (_message, ctx) => {
        await ctx.step({ ...step, perform: () => 'said' })
        await forever()
      })
      const run = ask(first.bus, { maxTokens: 100 })
      await world.advance()
      await first.kill()
      const second = world.bus()
      play(second, 'worker', async (_message, ctx) => {
        await ctx.step({ ...step, perform: () => 'said' })
        await ctx.step({ ...step, perform: () => 'said' })
        answer(ctx)
      })
      const end = await world.end(await world.until(second.resume(run.id)))
      expect(end).toMatchObject({ status: 'budget_exhausted', usage: { modelCalls: 2 } })
    })

    test('a step that waits stops the clock of its delivery', async () => {
      await using world = await open()
      const bus = world.bus()
      const model = Promise.withResolvers<string>()
      const starts: number[] = []
      play(
        bus,
        'worker',
        async (_message, ctx) => {
          starts.push(ctx.attempt)
          await ctx.step({ name: 'm', request: 1, waits: true, perform: () => model.promise })
          await forever()
        },
        { deliveryTimeoutMs: 1000, attempts: 1 },
      )
      const run = ask(bus)
      await world.advance(100_000)
      expect(await world.openRuns()).toEqual([run.id])
      model.resolve('said')
      await world.advance(900)
      expect(await world.openRuns()).toEqual([run.id])
      await world.advance(200)
      expect((await world.end(run)).reason).toContain('1000 ms')
      expect(starts).toEqual([1])
    })

    test('a step that does not wait does not stop it', async () => {
      await using world = await open()
      const bus = world.bus()
      play(
        bus,
        'worker',
        async (_message, ctx) => {
          await ctx.step({ name: 'm', request: 1, perform: forever })
        },
        { deliveryTimeoutMs: 1000, attempts: 1 },
      )
      const run = ask(bus)
      await world.advance(1001)
      expect((await world.end(run)).reason).toContain('1000 ms')
    })

    test('a step that waits gives its slot to another delivery, and gets one back before it goes on', async () => {
      await using world = await open()
      const bus = world.bus()
      const models = new Map<string, () => void>()
      let inside = 0
      let most = 0
      const gates: (() => void)[] = []
      play(
        bus,
        'worker',
        async (message, ctx) => {
          await ctx.step({
            name: 'm',
            request: 1,
            waits: true,
            perform: () => new Promise<null>((done) => models.set(message.runId, () => done(null))),
          })
          most = Math.max(most, ++inside)
          await new Promise<void>((resolve) => gates.push(resolve))
          inside--
          answer(ctx)
        },
        { roleConcurrency: 1 },
      )
      const runs = ['a', 'b', 'c'].map((runId) => ask(bus, { runId }))
      await world.advance()
      expect([...models.keys()].sort()).toEqual(['a', 'b', 'c'])
      for (const done of models.values()) done()
      for (let run = 0; run < 3; run++) {
        await world.advance()
        expect(inside).toBe(1)
        gates[run]?.()
      }
      for (const run of runs) expect((await world.end(run)).status).toBe('completed')
      expect(most).toBe(1)
    })

    test('steps that wait side by side, and one after another, keep the count of slots right', async () => {
      await using world = await open()
      const bus = world.bus()
      const wait = (ms: number) =>
        new Promise<number>((resolve) => world.runtime.setTimer(ms, () => resolve(ms)))
      let inside = 0
      let most = 0
      play(
        bus,
        'worker',
        async (message, ctx) => {
          const step = (request: number) =>
            ctx.step({ name: 'm', request, waits: true, perform: () => wait(request) })
          if (message.runId.startsWith('busy')) {
            most = Math.max(most, ++inside)
            await wait(50)
            inside--
          } else {
            await Promise.all([step(10).then(() => step(100)), step(10), step(20)])
            await step(5)
            most = Math.max(most, ++inside)
            await wait(5)
            inside--
          }
          answer(ctx)
        },
        { roleConcurrency: 1, deliveryTimeoutMs: 60, attempts: 1 },
      )
      const runs = ['a', 'busy-1', 'b', 'busy-2', 'c'].map((runId) => ask(bus, { runId }))
      for (const run of runs) expect(await world.end(run)).toMatchObject({ status: 'completed' })
      const more = ['busy-3', 'busy-4', 'd', 'busy-5'].map((runId) => ask(bus, { runId }))
      for (const run of more) expect(await world.end(run)).toMatchObject({ status: 'completed' })
      expect(most).toBe(1)
    })

    test('a deadline counts the time of every owner, and none in which nobody owned the run', async () => {
      await using world = await open()
      const first = world.process()
      const wait = { name: 'wait', request: null, waits: true, perform: forever }
      play(first.bus, 'worker', async (_message, ctx) => {
        await ctx.step({ name: 'look', request: 1, perform: () => world.advance(600) })
        await ctx.step(wait)
      })
      const run = ask(first.bus, { timeoutMs: 1000 })
      await world.advance(700)
      await first.kill()
      await world.advance(5000)
      const second = world.bus()
      play(second, 'worker', async (_message, ctx) => {
        await ctx.step({ name: 'look', request: 1, perform: () => undefined })
        await ctx.step(wait)
      })
      const resumed = await world.until(second.resume(run.id))
      await world.advance(300)
      expect(ofKind(await world.records(run.id), 'run.ended')).toEqual([])
      await world.advance(200)
      expect((await world.end(resumed)).status).toBe('timed_out')
    })

    test('cancelling a run that waits for a slot again harms no other', async () => {
      await using world = await open()
      const bus = world.bus()
      const model = Promise.withResolvers<string>()
      const gate = Promise.withResolvers<void>()
      play(
        bus,
        'worker',
        async (message, ctx) => {
          if (message.runId === 'waits') {
            await ctx.step({ name: 'm', request: 1, waits: true, perform: () => model.promise })
          } else if (message.runId === 'busy') await gate.promise
          answer(ctx)
        },
        { roleConcurrency: 1 },
      )
      const waits = ask(bus, { runId: 'waits' })
      await world.advance()
      const busy = ask(bus, { runId: 'busy' })
      await world.advance()
      model.resolve('said')
      await world.advance()
      waits.cancel('enough')
      const next = ask(bus, { runId: 'next' })
      gate.resolve()
      expect((await world.end(waits)).status).toBe('cancelled')
      expect((await world.end(busy)).status).toBe('completed')
      expect((await world.end(next)).status).toBe('completed')
    })
  })
}
