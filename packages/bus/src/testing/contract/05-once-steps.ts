import { describe, expect, test } from 'vitest'
import type { DeliveryContext } from '../../delivery-context.ts'
import { OutcomeUnknownError, TerminalError } from '../../errors.ts'
import { Secret } from '../../secret.ts'
import { ofKind, storyOf } from './rules.ts'
import { answer, forever, play } from './types.ts'
import { ask, type OpenWorld, withAppend } from './world.ts'

/** 5. Idempotency keys, and steps that are never performed a second time. */
export function onceSteps(open: OpenWorld): void {
  describe('5. once steps and idempotency keys', () => {
    /** Makes a payment and keeps its key. */
    const payer = (payments: string[]) => (ctx: Pick<DeliveryContext, 'step'>, request: unknown) =>
      ctx.step({
        kind: 'tool',
        name: 'pay',
        request,
        once: true,
        perform: ({ idempotencyKey }) => {
          payments.push(idempotencyKey)
          return payments.length
        },
      })

    test('the key of a call is equal in all attempts, and another for the second equal call', async () => {
      await using world = await open()
      const bus = world.bus()
      const keys: string[][] = []
      play(bus, 'worker', async (_message, ctx) => {
        const mine: string[] = []
        keys.push(mine)
        const call = (request: unknown) =>
          ctx.step({
            kind: 'tool',
            name: 'pay',
            request,
            perform: ({ idempotencyKey }) => {
              mine.push(idempotencyKey)
              return null
            },
          })
        if (ctx.attempt === 2) await ctx.step({ name: 'more', request: 0, perform: () => 0 })
        await call({ a: 1, b: 2 })
        await call({ b: 2, a: 1 })
        await call({ a: 1, b: 3 })
        if (ctx.attempt < 3) throw new Error('once more')
        answer(ctx)
      })
      const [run, other] = [ask(bus), ask(bus)]
      await world.end(run)
      await world.end(other)
      expect(new Set(keys[0]).size).toBe(3)
      expect(keys).toHaveLength(6)
      const byRun = new Set(keys.map((mine) => mine.join()))
      expect(byRun.size).toBe(2)
    })

    test('the key of a call is the same whether the steps before it were served or performed', async () => {
      await using world = await open()
      const keys: string[] = []
      const work = async (ctx: DeliveryContext, isFirst: boolean) => {
        const call = (scope: Pick<DeliveryContext, 'step'>, last: boolean) =>
          scope.step({
            name: 'pay',
            request: 1,
            perform: ({ idempotencyKey }) => {
              keys.push(idempotencyKey)
              return last && isFirst ? forever() : null
            },
          })
        await ctx.step({ name: 'outer', request: 0, perform: (scope) => call(scope, false) })
        await call(ctx, true)
      }
      const first = world.process()
      play(first.bus, 'worker', (_message, ctx) => work(ctx, true))
      const run = ask(first.bus)
      await world.advance()
      await first.kill()
      const second = world.bus()
      play(second, 'worker', async (_message, ctx) => {
        await work(ctx, false)
        answer(ctx)
      })
      await world.end(await world.until(second.resume(run.id)))
      expect(keys).toHaveLength(3)
      expect(keys[0]).not.toBe(keys[1])
      expect(keys[2]).toBe(keys[1])
    })

    test('its result is served to every later attempt', async () => {
      await using world = await open()
      const bus = world.bus()
      const payments: string[] = []
      const results: unknown[] = []
      const pay = payer(payments)
      play(bus, 'worker', async (_message, ctx) => {
        results.push(await pay(ctx, { to: 'me' }), await pay(ctx, { to: 'me' }))
        if (ctx.attempt < 3) throw new Error('once more')
        answer(ctx)
      })
      const run = ask(bus)
      const end = await world.end(run)
      expect(payments).toHaveLength(2)
      expect(results).toEqual([1, 2, 1, 2, 1, 2])
      expect(end.usage.toolCalls).toBe(2)
    })

    test('an error is a result of it too', async () => {
      await using world = await open()
      const bus = world.bus()
      let calls = 0
      const errors: string[] = []
      play(bus, 'worker', async (_message, ctx) => {
        const paying = ctx.step({
          name: 'pay',
          request: 1,
          once: true,
          perform: () => {
            calls++
            throw new Error('no money')
          },
        })
        await paying.catch((error: unknown) => errors.push(String(error)))
        if (ctx.attempt < 2) throw new Error('once more')
        answer(ctx)
      })
      await world.end(ask(bus))
      expect(calls).toBe(1)
      expect(errors).toEqual(['Error: no money', 'Error: no money'])
    })

    test('its intent is stored before it is performed, and its result before it is given', async () => {
      await using world = await open()
      const waiting: (() => void)[] = []
      const journal = withAppend(world.journal, async (batch, lease) => {
        if (batch[0]?.kind === 'step') {
          await new Promise<void>((resolve) => waiting.push(resolve))
        }
        return world.journal.append(batch, lease)
      })
      const bus = world.bus({ journal })
      const seen: string[] = []
      play(bus, 'worker', async (_message, ctx) => {
        await ctx.step({
          name: 'pay',
          request: 1,
          once: true,
          perform: () => void seen.push('performed'),
        })
        seen.push('given')
        answer(ctx)
      })
      const run = ask(bus)
      await world.advance()
      expect(seen).toEqual([])
      waiting.shift()?.()
      await world.advance()
      expect(seen).toEqual(['performed'])
      waiting.shift()?.()
      await world.end(run)
      expect(seen).toEqual(['performed', 'given'])
    })

    test('it is not performed where its run ends while its intent is being stored', async () => {
      await using world = await open()
      const acknowledged = Promise.withResolvers<void>()
      const journal = withAppend(world.journal, async (batch, lease) => {
        const stored = await world.journal.append(batch, lease)
        if (batch[0]?.kind === 'step') await acknowledged.promise
        return stored
      })
      const bus = world.bus({ journal })
      const payments: string[] = []
      play(bus, 'worker', async (_message, ctx) => {
        await payer(payments)(ctx, 1)
        answer(ctx)
      })
      const run = ask(bus)
      await world.advance()
      run.cancel('enough')
      acknowledged.resolve()
      expect((await world.end(run)).status).toBe('cancelled')
      await world.advance(1000)
      expect(payments).toEqual([])
      expect(storyOf(await world.records(run.id))).toEqual([
        'run.opened',
        'question.asked',
        'step',
        'run.ended',
      ])
    })

    test('served in a second start, and in an attempt after it', async () => {
      await using world = await open()
      const payments: string[] = []
      const pay = payer(payments)
      const first = world.process()
      play(first.bus, 'worker', async (_message, ctx) => {
        await pay(ctx, { to: 'me' })
        await forever()
      })
      const run = ask(first.bus)
      await world.advance()
      await first.kill()
      const second = world.bus()
      const attempts: number[] = []
      play(second, 'worker', async (_message, ctx) => {
        attempts.push(ctx.attempt)
        const result = await pay(ctx, { to: 'me' })
        if (ctx.attempt === 1) throw new Error('once more')
        answer(ctx, `paid ${result}`)
      })
      const end = await world.end(await world.until(second.resume(run.id)))
      expect(attempts).toEqual([1, 2])
      expect(payments).toHaveLength(1)
      expect(end.message?.data).toEqual({ text: 'paid 1' })
      expect(end.usage.toolCalls).toBe(1)
    })

    test('what a resumed run used is what it really used', async () => {
      await using world = await open()
      const payments: string[] = []
      const pay = payer(payments)
      const first = world.process()
      play(first.bus, 'worker', async (_message, ctx) => {
        await pay(ctx, { to: 'me' })
        if (ctx.attempt === 1) throw new Error('once more')
        await forever()
      })
      const run = ask(first.bus)
      await world.advance(1000)
      await first.kill()
      const second = world.bus()
      play(second, 'worker', (_message, ctx) => void answer(ctx))
      const end = await world.end(await world.until(second.resume(run.id)))
      expect(payments).toHaveLength(1)
      expect(end.usage.toolCalls).toBe(1)
    })

    test('an intent without a result is never repeated but dead, even where the handler catches the error', async () => {
      await using world = await open()
      const payments: string[] = []
      const first = world.process()
      play(first.bus, 'worker', async (_message, ctx) => {
        await ctx.step({ name: 'pay', request: 1, once: true, perform: forever })
      })
      const run = ask(first.bus)
      await world.advance()
      await first.kill()
      const second = world.bus()
      const errors: unknown[] = []
      play(second, 'worker', async (_message, ctx) => {
        await payer(payments)(ctx, 1).catch((error: unknown) => errors.push(error))
        answer(ctx, 'as if nothing had been')
      })
      const end = await world.end(await world.until(second.resume(run.id)))
      expect(payments).toEqual([])
      expect(errors).toEqual([expect.any(OutcomeUnknownError)])
      expect(end.status).toBe('failed')
      expect(ofKind(await world.records(run.id), 'settle')).toMatchObject([
        { outcome: 'dead', reason: 'outcome_unknown', error: { code: 'outcome_unknown' } },
      ])
    })

    test('one that is still under way when its attempt runs out of time is not begun again', async () => {
      await using world = await open()
      const bus = world.bus()
      let begun = 0
      play(
        bus,
        'worker',
        async (_message, ctx) => {
          await ctx.step({
            name: 'pay',
            request: 1,
            once: true,
            perform: () => {
              begun++
              return forever()
            },
          })
        },
        { deliveryTimeoutMs: 1000 },
      )
      const run = ask(bus)
      expect((await world.end(run)).status).toBe('failed')
      expect(begun).toBe(1)
      const settlements = ofKind(await world.records(run.id), 'settle')
      expect(settlements.map(({ outcome, reason }) => reason ?? outcome)).toEqual([
        'failed',
        'outcome_unknown',
      ])
    })

    test('a result that comes after its attempt has run out of time is served to the next', async () => {
      await using world = await open()
      const bus = world.bus()
      const paid = Promise.withResolvers<string>()
      play(
        bus,
        'worker',
        async (_message, ctx) => {
          const result = await ctx.step({
            name: 'pay',
            request: 1,
            once: true,
            perform: () => paid.promise,
          })
          answer(ctx, result)
        },
        { deliveryTimeoutMs: 1000 },
      )
      const run = ask(bus)
      await world.advance(1000)
      paid.resolve('paid at last')
      const end = await world.end(run)
      expect(end.message?.data).toEqual({ text: 'paid at last' })
    })

    test('one whose request is a secret of the handler is not repeated either', async () => {
      await using world = await open()
      const payments: string[] = []
      const pay = payer(payments)
      const first = world.process()
      const work = async (ctx: DeliveryContext) => {
        const key = new Secret('the key to the bank')
        const look = await ctx.step({ name: 'look', request: { key }, perform: () => 1 })
        await pay(ctx, { key, look })
        await pay(ctx, { key, look })
      }
      play(first.bus, 'worker', async (_message, ctx) => {
        await work(ctx)
        await forever()
      })
      const run = ask(first.bus)
      await world.advance()
      await first.kill()
      const second = world.bus()
      play(second, 'worker', async (_message, ctx) => {
        await work(ctx)
        if (ctx.attempt === 1) throw new Error('once more')
        answer(ctx)
      })
      const end = await world.end(await world.until(second.resume(run.id)))
      expect(end).toMatchObject({ status: 'completed' })
      expect(new Set(payments).size).toBe(2)
      expect(payments).toHaveLength(2)
      expect(JSON.stringify(await world.records(run.id))).not.toContain('the key to the bank')
    })

    test('a terminal error of it ends the delivery', async () => {
      await using world = await open()
      const bus = world.bus()
      let attempts = 0
      play(bus, 'worker', async (_message, ctx) => {
        attempts++
        await ctx.step({
          name: 'pay',
          request: 1,
          once: true,
          perform: () => {
            throw new TerminalError('account closed')
          },
        })
      })
      const end = await world.end(ask(bus))
      expect(attempts).toBe(1)
      expect(end.reason).toContain('account closed')
    })
  })
}
