import { describe, expect, test } from 'vitest'
import type { DeliveryContext } from '../../delivery-context.ts'
import { NonDeterminismError, RecordedError, TerminalError } from '../../errors.ts'
import { ofKind } from './rules.ts'
import { answer, forever, play } from './types.ts'
import { ask, type OpenWorld, type World } from './world.ts'

type Work = (ctx: DeliveryContext, performed: string[], isFirst: boolean) => Promise<unknown>

/** Runs the same handler in a process that is killed when it hangs, and then in another one. */
async function startTwice(world: World, work: Work) {
  const performed: string[] = []
  const first = world.process()
  play(first.bus, 'worker', async (_message, ctx) => {
    await work(ctx, performed, true)
    await forever()
  })
  const run = ask(first.bus)
  await world.advance()
  await first.kill()
  const atFirst = performed.splice(0)
  const second = world.bus()
  const results: unknown[] = []
  play(second, 'worker', async (_message, ctx) => {
    results.push(await work(ctx, performed, false))
    answer(ctx)
  })
  const end = await world.end(await world.until(second.resume(run.id)))
  const records = await world.records(run.id)
  return { runId: run.id, atFirst, atSecond: performed, results, end, records }
}

/** A step that says that it was performed. */
function effect(
  ctx: Pick<DeliveryContext, 'step'>,
  performed: string[],
  name: string,
  after: Promise<unknown> = Promise.resolve(),
) {
  return ctx.step({
    name,
    request: { for: name },
    perform: async () => {
      performed.push(name)
      await after
      return `${name} done`
    },
  })
}

/** 5. A step that is in the journal is served, not performed, when its attempt starts again. */
export function stepsAreNotRepeated(open: OpenWorld): void {
  describe('5. steps are not repeated', () => {
    test('a handler gets the same error of a step, whether it was performed or is served', async () => {
      await using world = await open()
      const seen: string[] = []
      const { end, atSecond } = await startTwice(world, async (ctx, performed) => {
        const perform = () => {
          performed.push('odd')
          throw new RangeError(' two\n lines ')
        }
        const failing = ctx.step({ name: 'odd', request: 1, perform })
        const error = await failing.catch((caught: unknown) => caught)
        seen.push(
          error instanceof Error ? `${error} ${error instanceof RecordedError}` : 'no error',
        )
      })

      expect(end.status).toBe('completed')
      expect(atSecond).toEqual([])
      expect(seen).toEqual(Array(2).fill('RangeError: two lines true'))
    })

    test('a second start may end before it was served what the first did not wait for either', async () => {
      await using world = await open()
      const { end, atFirst, atSecond } = await startTwice(world, async (ctx, performed) => {
        const both = [effect(ctx, performed, 'quick'), effect(ctx, performed, 'other')]
        return Promise.race(both)
      })

      expect(end.status).toBe('completed')
      expect(atFirst).toEqual(['quick', 'other'])
      expect(atSecond).toEqual([])
    })

    test('a second start is served the steps of the first and performs only what is new', async () => {
      await using world = await open()
      const { atFirst, atSecond, results, end } = await startTwice(
        world,
        async (ctx, performed, isFirst) => {
          const one = await effect(ctx, performed, 'one')
          const two = await effect(ctx, performed, 'two')
          if (isFirst) await forever()
          return [one, two, await effect(ctx, performed, 'three')]
        },
      )
      expect(atFirst).toEqual(['one', 'two'])
      expect(atSecond).toEqual(['three'])
      expect(results).toEqual([['one done', 'two done', 'three done']])
      expect(end.status).toBe('completed')
    })

    test('parallel steps are served in the order in which they were recorded', async () => {
      await using world = await open()
      const order: string[] = []
      const { atSecond } = await startTwice(world, async (ctx, performed, isFirst) => {
        const gates = ['a', 'b', 'c'].map(() => Promise.withResolvers<void>())
        order.length = 0
        const steps = ['a', 'b', 'c'].map((name, index) =>
          effect(ctx, performed, name, gates[index]?.promise).then(() => order.push(name)),
        )
        if (isFirst) {
          for (const index of [2, 0, 1]) {
            gates[index]?.resolve()
            await steps[index]
          }
        }
        await Promise.all(steps)
      })
      expect(atSecond).toEqual([])
      expect(order).toEqual(['c', 'a', 'b'])
    })

    test('steps are numbered in the order of the calls, those inside a step under it', async () => {
      await using world = await open()
      const bus = world.bus()
      const gate = Promise.withResolvers<void>()
      play(bus, 'worker', async (_message, ctx) => {
        const slow = effect(ctx, [], 'slow', gate.promise)
        await effect(ctx, [], 'quick')
        await ctx.step({
          name: 'outer',
          request: null,
          perform: async (scope) => {
            await effect(scope, [], 'inner')
            await scope.step({
              name: 'middle',
              request: null,
              perform: (deeper) => effect(deeper, [], 'innermost'),
            })
            return 'outer done'
          },
        })
        gate.resolve()
        await slow
        answer(ctx)
      })
      const run = ask(bus)
      await world.end(run)
      const steps = ofKind(await world.records(run.id), 'step')
      expect(steps.map(({ name, step }) => `${step.join('.')} ${name}`)).toEqual([
        '2 quick',
        '3.1 inner',
        '3.2.1 innermost',
        '3.2 middle',
        '3 outer',
        '1 slow',
      ])
    })

    test('a step that was under way is performed again, with the steps inside it served', async () => {
      await using world = await open()
      const { atFirst, atSecond, results } = await startTwice(
        world,
        async (ctx, performed, isFirst) =>
          ctx.step({
            name: 'outer',
            request: null,
            perform: async (scope) => {
              performed.push('outer')
              const inner = await effect(scope, performed, 'inner')
              if (isFirst) await forever()
              return [inner, await effect(scope, performed, 'next')]
            },
          }),
      )
      expect(atFirst).toEqual(['outer', 'inner'])
      expect(atSecond).toEqual(['outer', 'next'])
      expect(results).toEqual([['inner done', 'next done']])
    })

    test('a served step does not ask for the steps inside it', async () => {
      await using world = await open()
      const { atFirst, atSecond, results, records } = await startTwice(world, (ctx, performed) =>
        ctx.step({
          name: 'outer',
          request: null,
          perform: (scope) => effect(scope, performed, 'inner'),
        }),
      )
      expect([atFirst, atSecond]).toEqual([['inner'], []])
      expect(results).toEqual(['inner done'])
      expect(ofKind(records, 'step')).toHaveLength(2)
    })

    test('an error is a response: it is recorded, and thrown again when it is served', async () => {
      await using world = await open()
      const { atFirst, atSecond, results } = await startTwice(world, async (ctx, performed) => {
        const caught: string[] = []
        for (const error of [new Error('refused'), new TerminalError('never', { code: 'gone' })]) {
          await ctx
            .step({
              name: 'fail',
              request: error.message,
              perform: () => {
                performed.push(error.message)
                throw error
              },
            })
            .catch((thrown: unknown) => {
              caught.push(`${thrown instanceof TerminalError} ${thrown}`)
            })
        }
        return caught
      })
      expect([atFirst, atSecond]).toEqual([['refused', 'never'], []])
      expect(results).toEqual([['false Error: refused', 'true TerminalError: never']])
    })

    test('a response of nothing is one too', async () => {
      await using world = await open()
      const { atFirst, atSecond, results } = await startTwice(world, async (ctx, performed) => [
        await ctx.step({ name: 'send', request: 1, perform: () => void performed.push('sent') }),
        await ctx.step({ name: 'look', request: 2, perform: () => null }),
      ])
      expect([atFirst, atSecond]).toEqual([['sent'], []])
      expect(results).toEqual([[undefined, null]])
    })

    test('a response is what the journal keeps: frozen, and refused where it is not JSON', async () => {
      await using world = await open()
      const bus = world.bus()
      const seen: unknown[] = []
      play(bus, 'worker', async (_message, ctx) => {
        const given = { list: [{ a: 1 }] }
        const got = await ctx.step({ name: 'look', request: 1, perform: () => given })
        given.list.push({ a: 2 })
        seen.push(got, Object.isFrozen(got.list), Object.isFrozen(got.list[0]))
        const date = ctx.step({ name: 'date', request: 1, perform: () => new Date(0) })
        seen.push(await date.catch((error: unknown) => String(error)))
        answer(ctx)
      })
      await world.end(ask(bus))
      expect(seen).toEqual([{ list: [{ a: 1 }] }, true, true, 'NotJsonError: a Date is no JSON'])
    })

    test('a step that now asks for something else is a NonDeterminismError that shows both', async () => {
      await using world = await open()
      const { end, results, records } = await startTwice(
        world,
        async (ctx, _performed, isFirst) => {
          const request = isFirst ? { price: 1 } : { price: 2 }
          await ctx
            .step({ name: 'buy', request, perform: () => 'bought' })
            .catch((error: unknown) => {
              results0.push(error)
            })
        },
      )
      expect(end.status).toBe('failed')
      expect(end.reason).toMatch(/price.*1.*price.*2/)
      expect(results).toEqual([undefined])
      expect(results0).toEqual([expect.any(NonDeterminismError)])
      expect(ofKind(records, 'settle')).toMatchObject([
        { outcome: 'dead', reason: 'terminal', error: { code: 'non_determinism' } },
      ])
    })
    const results0: unknown[] = []

    test('a start that does not ask for a recorded step at all is found out in time', async () => {
      await using world = await open()
      const { end, atSecond } = await startTwice(world, async (ctx, performed, isFirst) => {
        if (isFirst) {
          const gate = Promise.withResolvers<void>()
          const one = effect(ctx, performed, 'one', gate.promise)
          await effect(ctx, performed, 'two')
          gate.resolve()
          await one
        } else await effect(ctx, performed, 'one')
      })
      expect(atSecond).toEqual([])
      expect(end.status).toBe('failed')
      expect(end.reason).toContain('two')
    })

    test('a start that ends without a recorded step is a NonDeterminismError that names it', async () => {
      await using world = await open()
      const { end, records, atSecond } = await startTwice(
        world,
        async (ctx, performed, isFirst) => {
          await effect(ctx, performed, 'one')
          if (isFirst) await effect(ctx, performed, 'two')
        },
      )
      expect(atSecond).toEqual([])
      expect(end.status).toBe('failed')
      expect(end.reason).toContain('two')
      expect(end.message).toBeUndefined()
      expect(ofKind(records, 'settle')).toMatchObject([
        {
          outcome: 'dead',
          reason: 'terminal',
          error: { name: 'NonDeterminismError', code: 'non_determinism' },
        },
      ])
    })

    test('a new attempt has new steps', async () => {
      await using world = await open()
      const bus = world.bus()
      const performed: string[] = []
      play(bus, 'worker', async (_message, ctx) => {
        await effect(ctx, performed, 'one')
        if (ctx.attempt === 1) throw new Error('once more')
        answer(ctx)
      })
      const run = ask(bus)
      await world.end(run)
      expect(performed).toEqual(['one', 'one'])
      const steps = ofKind(await world.records(run.id), 'step')
      expect(steps.map(({ attempt, step }) => [attempt, step])).toEqual([
        [1, [1]],
        [2, [1]],
      ])
    })

    test('a second start of a later attempt is served the steps of that attempt alone', async () => {
      await using world = await open()
      const first = world.process()
      const performed: string[] = []
      const work = async (ctx: DeliveryContext) =>
        ctx.step({
          name: 'look',
          request: null,
          perform: () => {
            performed.push(`attempt ${ctx.attempt}`)
            return ctx.attempt
          },
        })
      play(first.bus, 'worker', async (_message, ctx) => {
        await work(ctx)
        if (ctx.attempt === 1) throw new Error('once more')
        await forever()
      })
      const run = ask(first.bus)
      await world.advance(1000)
      await first.kill()
      const second = world.bus()
      play(second, 'worker', async (_message, ctx) => void answer(ctx, `got ${await work(ctx)}`))
      const end = await world.end(await world.until(second.resume(run.id)))
      expect(performed).toEqual(['attempt 1', 'attempt 2'])
      expect(end.message?.data).toEqual({ text: 'got 2' })
    })

    test('a step record has the whole request and response, and what it used', async () => {
      await using world = await open()
      const bus = world.bus()
      const request = { prompt: 'x'.repeat(10_000), nested: [{ a: null }] }
      play(bus, 'worker', async (_message, ctx) => {
        await ctx.step({
          kind: 'model',
          name: 'gpt',
          request,
          perform: () => ({ text: 'y'.repeat(10_000) }),
          usage: () => ({ inputTokens: 3, outputTokens: 4 }),
        })
        answer(ctx)
      })
      const run = ask(bus)
      const end = await world.end(run)
      expect(ofKind(await world.records(run.id), 'step')).toMatchObject([
        {
          stepKind: 'model',
          name: 'gpt',
          request,
          outcome: { type: 'response', response: { text: 'y'.repeat(10_000) } },
          usage: { inputTokens: 3, outputTokens: 4 },
        },
      ])
      expect(end.usage).toEqual({ inputTokens: 3, outputTokens: 4, modelCalls: 1, toolCalls: 0 })
    })

    test('now, random and the lines of the log are the same when an attempt starts again', async () => {
      await using world = await open()
      const values: unknown[] = []
      const { records } = await startTwice(world, async (ctx, performed) => {
        const value: unknown[] = [ctx.now(), ctx.random()]
        ctx.log('begun')
        await effect(ctx, performed, 'one', new Promise((resolve) => setImmediate(resolve)))
        ctx.log('one is done')
        value.push(ctx.now(), ctx.random())
        values.push(value)
        await world.advance(5)
      })
      expect(values).toHaveLength(2)
      expect(values[1]).toEqual(values[0])
      expect(ofKind(records, 'log').map(({ number, text }) => [number, text])).toEqual([
        [1, 'begun'],
        [2, 'one is done'],
      ])
    })
  })
}
