import { describe, expect, test } from 'vitest'
import { BusFullError, InvalidOptionError } from '../../errors.ts'
import { answer, forever, play } from './types.ts'
import { ask, type OpenWorld } from './world.ts'

/** 12. A bounded number of live runs; readers pull and cost the writers nothing. */
export function backPressure(open: OpenWorld): void {
  describe('12. back-pressure is admission', () => {
    test('no more runs are live than the bus allows; the others wait, in their order', async () => {
      await using world = await open()
      const bus = world.bus({ liveRuns: 2 })
      const gates: (() => void)[] = []
      const begun: string[] = []
      play(bus, 'worker', async (message, ctx) => {
        begun.push(message.runId)
        await new Promise<void>((resolve) => gates.push(resolve))
        answer(ctx)
      })
      const runs = ['a', 'b', 'c', 'd'].map((runId) => ask(bus, { runId }))
      await world.advance(1000)
      expect(begun.toSorted()).toEqual(['a', 'b'])
      expect(await world.openRuns()).toEqual(['a', 'b'])
      gates[0]?.()
      await world.advance()
      expect(begun.slice(2)).toEqual(['c'])
      for (let next = 1; next < 4; next++) {
        gates[next]?.()
        await world.advance()
      }
      for (const run of runs) expect((await world.end(run)).status).toBe('completed')
    })

    test('the time of a run that waits for a place is not its own yet', async () => {
      await using world = await open()
      const bus = world.bus({ liveRuns: 1 })
      const gate = Promise.withResolvers<void>()
      play(bus, 'worker', async (_message, ctx) => {
        await gate.promise
        answer(ctx)
      })
      const first = ask(bus)
      const second = ask(bus, { timeoutMs: 1000 })
      await world.advance(60_000)
      gate.resolve()
      expect((await world.end(first)).status).toBe('completed')
      expect((await world.end(second)).status).toBe('completed')
    })

    test('the duration of a run does not count its wait for a place', async () => {
      await using world = await open()
      const bus = world.bus({ liveRuns: 1 })
      play(bus, 'worker', async (_message, ctx) => {
        await new Promise<void>((resolve) => world.runtime.setTimer(100, resolve))
        answer(ctx)
      })
      const runs = [ask(bus), ask(bus), ask(bus)]
      for (const run of runs) expect((await world.end(run)).durationMs).toBe(100)
    })

    test('a bus that is set to refuse throws when it is full, and takes runs again later', async () => {
      await using world = await open()
      const bus = world.bus({ liveRuns: 1, whenFull: 'refuse' })
      const gate = Promise.withResolvers<void>()
      play(bus, 'worker', async (_message, ctx) => {
        await gate.promise
        answer(ctx)
      })
      const run = ask(bus)
      expect(() => ask(bus)).toThrow(BusFullError)
      gate.resolve()
      await world.end(run)
      expect((await world.end(ask(bus))).status).toBe('completed')
    })

    test('a run that is cancelled while it waits never begins and gives no place away', async () => {
      await using world = await open()
      const bus = world.bus({ liveRuns: 1 })
      const begun: string[] = []
      const gate = Promise.withResolvers<void>()
      play(bus, 'worker', async (message, ctx) => {
        begun.push(message.runId)
        await gate.promise
        answer(ctx)
      })
      const aborter = new AbortController()
      const runs = [
        ask(bus, { runId: 'a' }),
        ask(bus, { runId: 'b', signal: aborter.signal }),
        ask(bus, { runId: 'c' }),
      ]
      await world.advance()
      aborter.abort(new Error('by the user'))
      const cancelled = runs[1]
      if (cancelled === undefined) throw new Error('three runs were opened')
      expect(await world.end(cancelled)).toMatchObject({
        status: 'cancelled',
        reason: expect.stringContaining('by the user'),
      })
      await expect(world.until(cancelled.opened)).rejects.toThrow(/cancelled/)
      gate.resolve()
      await world.advance()
      expect(begun).toEqual(['a', 'c'])
      expect(await world.records('b')).toEqual([])
    })

    test('a run that is cancelled while it waits leaves its id free', async () => {
      await using world = await open()
      const bus = world.bus({ liveRuns: 1 })
      const gate = Promise.withResolvers<void>()
      play(bus, 'worker', async (_message, ctx) => {
        await gate.promise
        answer(ctx)
      })
      const busy = ask(bus)
      const waiting = ask(bus, { runId: 'wanted' })
      expect(() => ask(bus, { runId: 'wanted' })).toThrow(InvalidOptionError)
      waiting.cancel('enough')
      const again = ask(bus, { runId: 'wanted' })
      gate.resolve()
      expect((await world.end(busy)).status).toBe('completed')
      expect((await world.end(waiting)).status).toBe('cancelled')
      expect((await world.end(again)).status).toBe('completed')
    })

    test('thousands of runs may be cancelled while they wait', async () => {
      await using world = await open()
      const bus = world.bus({ liveRuns: 1 })
      const gate = Promise.withResolvers<void>()
      play(bus, 'worker', async (_message, ctx) => {
        await gate.promise
        answer(ctx)
      })
      const aborter = new AbortController()
      const first = ask(bus)
      const waiting = Array.from({ length: 12_000 }, () => ask(bus))
      for (const run of waiting) run.cancel('enough')
      const last = ask(bus, { signal: aborter.signal })
      gate.resolve()
      expect((await world.end(first)).status).toBe('completed')
      expect((await world.end(last)).status).toBe('completed')
    })

    test('a resumed run waits for a place as well', async () => {
      await using world = await open()
      const first = world.process()
      play(first.bus, 'worker', forever)
      const run = ask(first.bus)
      await world.advance()
      await first.kill()
      const bus = world.bus({ liveRuns: 1 })
      const gate = Promise.withResolvers<void>()
      play(bus, 'worker', async (_message, ctx) => {
        await gate.promise
        answer(ctx)
      })
      const busy = ask(bus)
      const resuming = bus.resume(run.id)
      let isResumed = false
      resuming.then(
        () => {
          isResumed = true
        },
        () => {},
      )
      await world.advance(10)
      expect(isResumed).toBe(false)
      gate.resolve()
      expect((await world.end(busy)).status).toBe('completed')
      expect((await world.end(await world.until(resuming))).status).toBe('completed')
    })

    test('a reader that does not read holds up nobody, and catches up by number', async () => {
      await using world = await open()
      const bus = world.bus()
      play(bus, 'worker', (_message, ctx) => void answer(ctx))
      const aborter = new AbortController()
      const follow = world.journal.follow({ signal: aborter.signal })
      const reader = follow[Symbol.asyncIterator]()
      await world.end(ask(bus))
      const first = await world.until(reader.next())
      for (let run = 0; run < 20; run++) await world.end(ask(bus))
      const seen = [first.value?.seq]
      const all = await world.records()
      while (seen.length < all.length) seen.push((await world.until(reader.next())).value?.seq)
      expect(seen).toEqual(all.map(({ seq }) => seq))
      aborter.abort()
      expect((await world.until(reader.next())).done).toBe(true)
    })

    test('the journal keeps live runs and the last closed ones', async ({ skip }) => {
      await using world = await open()
      const { closedRuns } = world.driver
      if (closedRuns === undefined) return skip('it keeps every run')
      const bus = world.bus()
      play(bus, 'worker', (_message, ctx) => void answer(ctx))
      play(bus, 'waiter', forever)
      const live = ask(bus, { to: 'waiter', runId: 'live' })
      const ids = Array.from({ length: closedRuns + 3 }, (_, index) => `closed-${index}`)
      for (const runId of ids) await world.end(ask(bus, { runId }))
      const kept = new Set((await world.records()).map(({ runId }) => runId))
      expect([...kept].sort()).toEqual([...ids.slice(3), live.id].sort())
    })
  })
}
