import { describe, expect, test } from 'vitest'
import {
  All,
  answer,
  First,
  fansOut,
  forever,
  Part,
  part,
  play,
  type Result,
  resultsOf,
  Settled,
} from './types.ts'
import { type OpenWorld, pause, resumed } from './world.ts'

/** What became of branches holds for whoever goes on with their run. */
export function resumeFanOuts(open: OpenWorld): void {
  describe('resume of fan-outs', () => {
    test('a join that could not be published has failed its branch for good', async () => {
      await using world = await open()
      const results: Result[] = []
      await resumed(world, (bus, { isFirst }) => {
        play(bus, 'worker', fansOut(['nest', 'slow'], 'joiner', Settled))
        play(bus, 'nest', fansOut(['a', 'a'], 'inner', All))
        play(
          bus,
          'a',
          (_message, ctx) => void ctx.handoff('inner', Part, { text: 'x'.repeat(600_000) }),
        )
        play(bus, 'inner', forever)
        play(bus, 'slow', async (_message, ctx) => {
          if (isFirst) await forever()
          part(ctx, 'slow')
        })
        play(bus, 'joiner', (message, ctx) => {
          results.push(...resultsOf(message))
          answer(ctx)
        })
      })
      expect(results).toMatchObject([
        {
          to: 'nest',
          status: 'failed',
          error: expect.stringContaining('all.joined cannot be published: data has'),
        },
        { to: 'slow', status: 'done' },
      ])
    })

    test('a join that closed with the first two has the same two after a crash', async () => {
      await using world = await open()
      const results: Result[] = []
      await resumed(
        world,
        (bus, { isFirst }) => {
          const order = isFirst ? ['c', 'b', 'a'] : ['a', 'b', 'c']
          play(bus, 'worker', fansOut(['a', 'b', 'c'], 'joiner', First))
          for (const [index, role] of order.entries()) {
            play(bus, role, async (_message, ctx) => {
              await pause(world, 10 * index)
              part(ctx, role)
            })
          }
          play(bus, 'joiner', async (message, ctx) => {
            if (isFirst) await forever()
            results.push(...resultsOf(message))
            answer(ctx)
          })
        },
        { afterMs: 1_000 },
      )
      expect(results.map(({ to, status }) => `${to} ${status}`)).toEqual([
        'a cancelled',
        'b done',
        'c done',
      ])
    })
  })
}
