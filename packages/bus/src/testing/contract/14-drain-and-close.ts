import { describe, expect, test } from 'vitest'
import { BusClosedError } from '../../errors.ts'
import type { Journal } from '../../journal.ts'
import { storyOf } from './rules.ts'
import { Asked, answer, Drafted, forever, play } from './types.ts'
import { ask, type OpenWorld, withAppend } from './world.ts'

/** 14. Drain lets work finish and reports the rest; close stops at once; subscriptions are disposable. */
export function drainAndClose(open: OpenWorld): void {
  describe('14. drain and close', () => {
    test('a bus that drains takes no new run, and lets the live ones finish', async () => {
      await using world = await open()
      const bus = world.bus()
      const gate = Promise.withResolvers<void>()
      play(bus, 'worker', async (_message, ctx) => {
        await gate.promise
        ctx.handoff('next', Drafted, { text: 'x' })
      })
      play(bus, 'next', (_message, ctx) => void answer(ctx))
      const run = ask(bus)
      await world.advance()
      const draining = bus.drain()
      expect(() => ask(bus)).toThrow(BusClosedError)
      await expect(bus.resume('any')).rejects.toThrow(BusClosedError)
      gate.resolve()
      expect(await world.until(draining)).toEqual({ isDrained: true, left: [] })
      expect((await run.result).status).toBe('completed')
    })

    test('at its deadline a drain reports the runs and messages that are left', async () => {
      await using world = await open()
      const bus = world.bus()
      play(bus, 'worker', (_message, ctx) => void ctx.handoff('slow', Drafted, { text: 'x' }))
      play(bus, 'slow', (_message, ctx) =>
        ctx.step({ name: 'm', request: 1, waits: true, perform: forever }),
      )
      const run = ask(bus)
      await world.advance()
      let report: unknown
      bus.drain({ timeoutMs: 1000 }).then(
        (value) => {
          report = value
        },
        () => {},
      )
      await world.advance(990)
      expect(report).toBeUndefined()
      await world.advance(10)
      expect(report).toEqual({
        isDrained: false,
        left: [{ runId: run.id, messages: [`${run.id}.h`] }],
      })
      expect(await world.openRuns()).toEqual([run.id])
    })

    test('runs that wait for a place are cancelled by a drain, and never begin', async () => {
      await using world = await open()
      const bus = world.bus({ liveRuns: 1 })
      const gate = Promise.withResolvers<void>()
      play(bus, 'worker', async (_message, ctx) => {
        await gate.promise
        answer(ctx)
      })
      ask(bus)
      const waiting = ask(bus)
      await world.advance()
      const draining = bus.drain()
      expect((await world.end(waiting)).status).toBe('cancelled')
      gate.resolve()
      expect(await world.until(draining)).toEqual({ isDrained: true, left: [] })
      expect(await world.records(waiting.id)).toEqual([])
    })

    test('an idle bus is drained at once, and again', async () => {
      await using world = await open()
      const bus = world.bus()
      const drained = { isDrained: true, left: [] }
      expect(await bus.drain()).toEqual(drained)
      expect(await bus.drain({ timeoutMs: 1 })).toEqual(drained)
      await bus.close()
      expect(await bus.drain()).toEqual(drained)
    })

    test('close aborts handlers at once, rejects open runs, and leaves them open in the journal', async () => {
      await using world = await open()
      const bus = world.bus()
      let signal: AbortSignal | undefined
      play(bus, 'worker', (_message, ctx) => {
        signal = ctx.signal
        answer(ctx)
        return forever()
      })
      const run = ask(bus)
      await world.advance()
      await bus.close()
      await expect(run.result).rejects.toThrow(BusClosedError)
      expect(signal?.aborted).toBe(true)
      await world.advance(1_000_000)
      expect(storyOf(await world.records(run.id))).toEqual(['run.opened', 'question.asked'])
      expect(await world.openRuns()).toEqual([run.id])
    })

    test('another bus resumes what a closed one left, at once, under the same ids', async () => {
      await using world = await open()
      const first = world.bus()
      play(first, 'worker', (_message, ctx) => void ctx.handoff('next', Drafted, { text: 'x' }))
      play(first, 'next', forever)
      const run = ask(first)
      await world.advance()
      await first.close()
      const second = world.bus()
      play(second, 'next', (_message, ctx) => void answer(ctx))
      const resumed = await world.until(second.resume(run.id))
      expect(resumed.id).toBe(run.id)
      expect(await world.end(resumed)).toMatchObject({
        status: 'completed',
        message: { id: `${run.id}.h.h` },
      })
    })

    test('closing twice is the same as closing once', async () => {
      await using world = await open()
      const bus = world.bus()
      play(bus, 'worker', forever)
      ask(bus)
      await Promise.all([bus.close(), bus.close()])
      await bus.close()
      await bus[Symbol.asyncDispose]()
      expect(() => ask(bus)).toThrow(BusClosedError)
      expect(() => play(bus, 'other', forever)).toThrow(BusClosedError)
      expect(() => bus.observe(() => {})).toThrow(BusClosedError)
      await expect(bus.resume('any')).rejects.toThrow(BusClosedError)
    })

    test('closes of one bus resolve together, when its runs are free for others', async () => {
      await using world = await open()
      const releasing = Promise.withResolvers<void>()
      const journal: Journal = {
        ...withAppend(world.journal, (batch, lease) => world.journal.append(batch, lease)),
        release: async (lease) => {
          await releasing.promise
          await world.journal.release(lease)
        },
      }
      const bus = world.bus({ journal })
      play(bus, 'worker', forever)
      const run = ask(bus)
      await world.advance()
      const closed: string[] = []
      const closing = ['first', 'second'].map((name) => bus.close().then(() => closed.push(name)))
      await world.advance(1000)
      expect(closed).toEqual([])
      releasing.resolve()
      await world.until(Promise.all(closing))
      expect(await world.journal.acquire(run.id, 'another')).toMatchObject({ epoch: 2 })
    })

    test('close does not begin what waited for a place', async () => {
      await using world = await open()
      const bus = world.bus({ liveRuns: 1 })
      play(bus, 'worker', forever)
      const [live, waiting] = [ask(bus), ask(bus)]
      await world.advance()
      await bus.close()
      await world.advance()
      await expect(live.result).rejects.toThrow(BusClosedError)
      await expect(waiting.result).rejects.toThrow(BusClosedError)
      await expect(waiting.opened).rejects.toThrow(BusClosedError)
      expect(await world.openRuns()).toEqual([live.id])
    })

    test('a run that is being resumed while the bus closes stays open and free for others', async () => {
      await using world = await open()
      const first = world.bus()
      play(first, 'worker', forever)
      const run = ask(first)
      await world.advance()
      await first.close()
      const second = world.bus()
      play(second, 'worker', forever)
      const resuming = second.resume(run.id)
      await second.close()
      await expect(world.until(resuming)).rejects.toThrow(BusClosedError)
      await world.advance()
      expect(await world.openRuns()).toEqual([run.id])
      const third = world.bus()
      play(third, 'worker', (_message, ctx) => void answer(ctx))
      const end = await world.end(await world.until(third.resume(run.id)))
      expect(end.status).toBe('completed')
    })

    test('a resume that waits for a place when the bus closes is rejected, its run free for others', async () => {
      await using world = await open()
      const first = world.bus()
      play(first, 'worker', forever)
      const run = ask(first)
      await world.advance()
      await first.close()
      const second = world.bus({ liveRuns: 1 })
      play(second, 'worker', forever)
      ask(second)
      const resuming = second.resume(run.id)
      await world.advance(1)
      await second.close()
      await expect(world.until(resuming)).rejects.toThrow(BusClosedError)
      const third = world.bus()
      play(third, 'worker', (_message, ctx) => void answer(ctx))
      const end = await world.end(await world.until(third.resume(run.id)))
      expect(end.status).toBe('completed')
    })

    test('a drain that is waiting ends when the bus closes, and says which runs are left', async () => {
      await using world = await open()
      const bus = world.bus()
      play(bus, 'worker', forever)
      const run = ask(bus)
      await world.advance()
      const draining = bus.drain()
      await bus.close()
      expect(await world.until(draining)).toMatchObject({
        isDrained: false,
        left: [{ runId: run.id, messages: [run.id] }],
      })
    })

    test('close waits for no append that hangs', async () => {
      await using world = await open()
      const journal = withAppend(world.journal, () => new Promise(() => {}))
      const bus = world.bus({ journal })
      play(bus, 'worker', forever)
      const run = ask(bus)
      await world.advance()
      await world.until(bus.close())
      await expect(run.result).rejects.toThrow(BusClosedError)
    })

    test('a bus closes at the end of its block', async () => {
      await using world = await open()
      let kept: ReturnType<typeof ask>
      {
        await using bus = world.bus()
        play(bus, 'worker', forever)
        kept = ask(bus)
        await world.advance()
      }
      await expect(kept.result).rejects.toThrow(BusClosedError)
    })

    test('a subscription ends by its disposable or its signal, whichever is first', async () => {
      await using world = await open()
      const bus = world.bus()
      {
        using _subscription = play(bus, 'worker', (_message, ctx) => void answer(ctx))
        expect((await world.end(ask(bus))).status).toBe('completed')
      }
      expect((await world.end(ask(bus))).status).toBe('failed')
      const aborter = new AbortController()
      const subscription = play(bus, 'worker', forever, { signal: aborter.signal })
      aborter.abort()
      expect((await world.end(ask(bus))).status).toBe('failed')
      play(bus, 'worker', (_message, ctx) => void answer(ctx))
      subscription[Symbol.dispose]()
      expect((await world.end(ask(bus))).status).toBe('completed')
    })

    test('a subscription whose signal has aborted before never begins', async () => {
      await using world = await open()
      const bus = world.bus()
      play(bus, 'worker', forever, { signal: AbortSignal.abort() })
      expect((await world.end(ask(bus))).status).toBe('failed')
    })

    test('an observer ends by its disposable or its signal, and may watch one run alone', async () => {
      await using world = await open()
      const bus = world.bus()
      const seen = { disposed: 0, aborted: 0, never: 0, one: 0, all: 0 }
      const aborter = new AbortController()
      const count = (name: keyof typeof seen) => () => {
        seen[name]++
      }
      const observed = bus.observe(count('disposed'))
      bus.observe(count('aborted'), { signal: aborter.signal })
      bus.observe(count('never'), { signal: AbortSignal.abort() })
      bus.observe(count('one'), { runId: 'one' })
      bus.observe(count('all'))
      play(bus, 'worker', (_message, ctx) => void answer(ctx))
      await world.end(ask(bus, { runId: 'one' }))
      observed[Symbol.dispose]()
      observed[Symbol.dispose]()
      aborter.abort()
      await world.end(ask(bus, { runId: 'two' }))
      expect(seen).toEqual({ disposed: 5, aborted: 5, never: 0, one: 5, all: 10 })
    })

    test('disposing in the middle of a delivery is no harm', async () => {
      await using world = await open()
      const bus = world.bus()
      const subscription = play(bus, 'worker', (_message, ctx) => {
        subscription[Symbol.dispose]()
        answer(ctx)
      })
      const watching = bus.observe(() => watching[Symbol.dispose]())
      expect((await world.end(ask(bus))).status).toBe('completed')
    })

    test('a drain after the runs have ended leaves nothing behind', async () => {
      await using world = await open()
      const bus = world.bus()
      const gate = Promise.withResolvers<void>()
      play(bus, 'worker', async (_message, ctx) => {
        await gate.promise
        answer(ctx)
      })
      const run = ask(bus)
      await world.until(run.publish('worker', Asked, { text: 'second' }))
      gate.resolve()
      expect(await world.until(bus.drain({ timeoutMs: 60_000 }))).toMatchObject({ isDrained: true })
    })
  })
}
