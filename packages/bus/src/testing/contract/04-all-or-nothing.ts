import { describe, expect, test } from 'vitest'
import type { DeliveryContext } from '../../delivery-context.ts'
import { AlreadyHandedOffError, AttemptClosedError } from '../../errors.ts'
import { ofKind, storyOf } from './rules.ts'
import { Answered, Asked, answer, Drafted, forever, play } from './types.ts'
import { ask, type OpenWorld } from './world.ts'

/** 4. A settlement does one thing, and shows it in one append when the handler has succeeded. */
export function allOrNothing(open: OpenWorld): void {
  describe('4. all or nothing, one way forward', () => {
    test('handoff gives the id at once, and nothing is visible before the handler ends', async () => {
      await using world = await open()
      const bus = world.bus()
      const { promise, resolve } = Promise.withResolvers<void>()
      const ids: string[] = []
      const handled: string[] = []
      play(bus, 'worker', async (_message, ctx) => {
        ids.push(ctx.handoff('next', Drafted, { text: 'x' }))
        await promise
      })
      play(bus, 'next', (message, ctx) => {
        handled.push(message.id)
        answer(ctx)
      })
      const run = ask(bus)
      await world.advance(1000)
      expect(ids).toEqual([`${run.id}.h`])
      expect(handled).toEqual([])
      expect(ofKind(await world.records(run.id), 'message')).toHaveLength(1)
      resolve()
      await world.end(run)
      expect(handled).toEqual(ids)
    })

    test('a settlement, what it published and the end of the run are one append', async () => {
      await using world = await open()
      const { bus, batches } = world.process()
      play(bus, 'worker', (_message, ctx) => void ctx.handoff('next', Drafted, { text: 'x' }))
      play(bus, 'next', (_message, ctx) => void answer(ctx))
      await world.end(ask(bus))
      expect(batches.map((batch) => batch.map(({ kind }) => kind))).toEqual([
        ['run.opened', 'message'],
        ['settle', 'message'],
        ['settle', 'message', 'run.ended'],
      ])
    })

    test('a second handoff throws, and the first stands', async () => {
      await using world = await open()
      const bus = world.bus()
      const errors: unknown[] = []
      play(bus, 'worker', (_message, ctx) => {
        answer(ctx, 'first')
        try {
          ctx.handoff('next', Drafted, { text: 'second' })
        } catch (error) {
          errors.push(error)
        }
      })
      play(bus, 'next', forever)
      const run = ask(bus)
      const end = await world.end(run)
      expect(end.message?.data).toEqual({ text: 'first' })
      expect(errors).toEqual([expect.any(AlreadyHandedOffError)])
      expect(ofKind(await world.records(run.id), 'message')).toHaveLength(2)
    })

    test('a settlement may go nowhere while other work of the run is left', async () => {
      await using world = await open()
      const bus = world.bus()
      const { promise, resolve } = Promise.withResolvers<void>()
      play(bus, 'worker', async (_message, ctx) => {
        await promise
        answer(ctx)
      })
      play(bus, 'side', () => {})
      const run = ask(bus)
      await world.until(run.publish('side', Asked, { text: 'aside' }))
      await world.advance()
      resolve()
      expect((await world.end(run)).status).toBe('completed')
      expect(storyOf(await world.records(run.id))).toContain('side done')
    })

    const failures = {
      throws: () => {
        throw new Error('thrown')
      },
      rejects: async () => {
        await Promise.resolve()
        throw new Error('rejected')
      },
      'runs out of time': forever,
    }
    test.each(Object.entries(failures))(
      'an attempt that %s has published nothing',
      async (_name, fail) => {
        await using world = await open()
        const bus = world.bus()
        const handled: string[] = []
        play(
          bus,
          'worker',
          (_message, ctx) => {
            ctx.handoff('next', Drafted, { text: `attempt ${ctx.attempt}` })
            return ctx.attempt === 1 ? fail() : undefined
          },
          { deliveryTimeoutMs: 1000 },
        )
        play(bus, 'next', (message, ctx) => {
          handled.push(message.id, JSON.stringify(message.data))
          answer(ctx)
        })
        const run = ask(bus)
        expect((await world.end(run)).status).toBe('completed')
        expect(handled).toEqual([`${run.id}.h`, '{"text":"attempt 2","sections":[]}'])
        const published = ofKind(await world.records(run.id), 'settle').map((r) => r.published)
        expect(published).toEqual([[], [`${run.id}.h`], [`${run.id}.h.h`]])
      },
    )

    test('an attempt whose process is killed has published nothing', async () => {
      await using world = await open()
      const first = world.process()
      play(first.bus, 'worker', async (_message, ctx) => {
        answer(ctx, 'from the dead')
        await forever()
      })
      const run = ask(first.bus)
      await world.advance()
      await first.kill()
      expect(storyOf(await world.records(run.id))).toEqual(['run.opened', 'question.asked'])
    })

    const endings = {
      'has succeeded': () => {},
      'has failed': () => {
        throw new Error('failed')
      },
      'has run out of time': forever,
    }
    test.each(Object.entries(endings))(
      'everything on ctx throws once the attempt %s',
      async (_name, ending) => {
        await using world = await open()
        const bus = world.bus()
        let kept: DeliveryContext | undefined
        play(
          bus,
          'worker',
          (_message, ctx) => {
            kept = ctx
            return ending()
          },
          { deliveryTimeoutMs: 1000, attempts: 2 },
        )
        const run = ask(bus)
        await world.end(run)
        const before = await world.records(run.id)
        if (kept === undefined) throw new Error('nobody was called')
        await expectClosed(kept)
        await world.advance(60_000)
        expect(await world.records(run.id)).toEqual(before)
      },
    )

    test('everything on ctx throws once the run has ended, and during a backoff', async () => {
      await using world = await open()
      const bus = world.bus()
      const kept: DeliveryContext[] = []
      play(bus, 'worker', (_message, ctx) => {
        kept.push(ctx)
        if (ctx.attempt === 1) throw new Error('once more')
        return forever()
      })
      const run = ask(bus)
      await world.advance()
      expect(kept).toHaveLength(1)
      for (const ctx of kept) await expectClosed(ctx)
      await world.advance(1000)
      run.cancel('enough')
      expect(kept).toHaveLength(2)
      for (const ctx of kept) await expectClosed(ctx)
      await world.end(run)
    })

    test('a handler that comes back after its time publishes nothing and steps on nothing', async () => {
      await using world = await open()
      const bus = world.bus()
      const late = Promise.withResolvers<void>()
      const performed: number[] = []
      const errors: unknown[] = []
      play(
        bus,
        'worker',
        async (_message, ctx) => {
          if (ctx.attempt === 2) {
            answer(ctx, 'second')
            return
          }
          await late.promise
          const tries = [
            () => void ctx.handoff('coordinator', Answered, { text: 'late' }),
            () => ctx.log('late'),
            () => ctx.step({ name: 'late', request: 1, perform: () => performed.push(1) }),
          ]
          for (const attempt of tries) {
            try {
              await attempt()
            } catch (error) {
              errors.push(error)
            }
          }
          throw new Error('and even throws')
        },
        { deliveryTimeoutMs: 1000 },
      )
      const run = ask(bus)
      await world.advance(1000)
      late.resolve()
      const end = await world.end(run)
      expect(end.message?.data).toEqual({ text: 'second' })
      expect(errors).toEqual(Array(3).fill(expect.any(AttemptClosedError)))
      expect(performed).toEqual([])
      expect(JSON.stringify(await world.records(run.id))).not.toContain('late"')
    })

    test('of a step that answers after the end of its attempt only is recorded that it was begun', async () => {
      await using world = await open()
      const bus = world.bus()
      const late = Promise.withResolvers<string>()
      const outcomes: unknown[] = []
      play(bus, 'worker', (_message, ctx) => {
        ctx
          .step({ name: 'slow', request: 1, perform: () => late.promise })
          .catch((error: unknown) => outcomes.push(error))
        answer(ctx)
      })
      const run = ask(bus)
      await world.end(run)
      late.resolve('too late')
      await world.advance()
      expect(outcomes).toEqual([expect.any(AttemptClosedError)])
      const records = await world.records(run.id)
      expect(ofKind(records, 'step')).toMatchObject([
        { name: 'slow', request: 1, step: [1], outcome: { type: 'intent' } },
      ])
      expect(records.map(({ kind }) => kind).slice(2, 4)).toEqual(['step', 'settle'])
    })

    test('a later attempt publishes under the same id', async () => {
      await using world = await open()
      const bus = world.bus()
      const ids: string[] = []
      play(bus, 'worker', (_message, ctx) => {
        ids.push(answer(ctx))
        if (ctx.attempt < 3) throw new Error('once more')
      })
      const run = ask(bus)
      await world.end(run)
      expect(ids).toEqual(Array(3).fill(`${run.id}.h`))
    })
  })
}

async function expectClosed(ctx: DeliveryContext): Promise<void> {
  const calls = {
    handoff: () => answer(ctx),
    log: () => ctx.log('late'),
    now: () => ctx.now(),
    random: () => ctx.random(),
    past: () => ctx.past(),
    latest: () => ctx.latest(Asked),
    secret: () => ctx.secret('secret:x'),
  }
  for (const [name, call] of Object.entries(calls)) expect(call, name).toThrow(AttemptClosedError)
  const step = ctx.step({ name: 'late', request: 1, perform: () => 1 })
  await expect(step).rejects.toThrow(AttemptClosedError)
  expect(ctx.signal.aborted).toBe(true)
}
