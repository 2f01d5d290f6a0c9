import { describe, expect, test } from 'vitest'
import { NotResumableError } from '../../errors.ts'
import { ofKind } from './rules.ts'
import { answer, forever, play } from './types.ts'
import { ask, type OpenWorld } from './world.ts'

/** 11. What decided a race is in the journal, and whoever comes later obeys it. */
export function outcomesAreRecords(open: OpenWorld): void {
  describe('11. outcomes of races are records', () => {
    test('a timeout of an attempt is a record, and a later process goes on after it', async () => {
      await using world = await open()
      const first = world.process()
      play(first.bus, 'worker', forever, { deliveryTimeoutMs: 1000, backoffMs: 0 })
      const run = ask(first.bus)
      await world.advance(1500)
      await first.kill()
      const second = world.bus()
      const attempts: number[] = []
      play(second, 'worker', (_message, ctx) => {
        attempts.push(ctx.attempt)
        answer(ctx)
      })
      await world.end(await world.until(second.resume(run.id)))
      expect(attempts).toEqual([2])
    })

    const ends = {
      timed_out: { timeoutMs: 1000 },
      cancelled: { signal: AbortSignal.abort(new Error('by the user')) },
    }
    test.each(Object.entries(ends))(
      'a run that is %s stays so for every process',
      async (status, options) => {
        await using world = await open()
        const bus = world.bus()
        play(bus, 'worker', forever)
        const run = ask(bus, options)
        expect((await world.end(run)).status).toBe(status)
        expect(ofKind(await world.records(run.id), 'run.ended')).toMatchObject([{ status }])
        await expect(world.bus().resume(run.id)).rejects.toThrow(NotResumableError)
        expect(await world.openRuns()).toEqual([])
      },
    )

    test('a wait between attempts is a record that a later process obeys', async () => {
      await using world = await open()
      const first = world.process()
      const options = { backoffMs: 10_000 }
      play(
        first.bus,
        'worker',
        () => {
          throw new Error('once more')
        },
        options,
      )
      const run = ask(first.bus)
      await world.advance()
      await first.kill()
      const [failed] = ofKind(await world.records(run.id), 'settle')
      const second = world.bus()
      const startedAt: number[] = []
      play(
        second,
        'worker',
        (_message, ctx) => {
          startedAt.push(world.runtime.now())
          answer(ctx)
        },
        options,
      )
      await world.end(await world.until(second.resume(run.id)))
      expect(failed?.retryAt).toBeGreaterThan(failed?.at ?? 0)
      expect(startedAt).toHaveLength(1)
      expect(startedAt[0]).toBeGreaterThanOrEqual((failed?.retryAt ?? 0) - 1)
    })
  })
}
