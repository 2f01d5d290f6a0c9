import { describe, expect, test } from 'vitest'
import { All, answer, branches, forever, Part, part, play, resultsOf, Settled } from './types.ts'
import { type OpenWorld, resumed } from './world.ts'

/** What became of branches holds for whoever goes on with their run. */
export function resumeFanOuts(open: OpenWorld): void {
  describe('resume of fan-outs', () => {
    test('a join that could not be published has failed its branch for good', async () => {
      await using world = await open()
      const results: unknown[] = []
      await resumed(world, (bus, { isFirst }) => {
        play(
          bus,
          'worker',
          (_message, ctx) =>
            void ctx.fanOut(branches('nest', 'slow'), { to: 'joiner', type: Settled }),
        )
        play(
          bus,
          'nest',
          (_message, ctx) => void ctx.fanOut(branches('a', 'a'), { to: 'inner', type: All }),
        )
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
  })
}
