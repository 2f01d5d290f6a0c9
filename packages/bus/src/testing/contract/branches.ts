import { describe, expect, test } from 'vitest'
import type { Bus } from '../../bus.ts'
import { ofKind } from './rules.ts'
import { All, answer, branches, forever, play, type Result, resultsOf, Settled } from './types.ts'
import { ask, type OpenWorld } from './world.ts'

/** Plays `worker`, who fans out to these roles, and `joiner`, who answers; gives what it gets. */
function playEnds(bus: Bus, ...roles: readonly string[]): Result[] {
  const results: Result[] = []
  play(
    bus,
    'worker',
    (_message, ctx) => void ctx.fanOut(branches(...roles), { to: 'joiner', type: Settled }),
  )
  play(bus, 'joiner', (message, ctx) => {
    results.push(...resultsOf(message))
    answer(ctx)
  })
  return results
}

/** What happens inside a branch stays inside it, whatever it is. */
export function insideBranches(open: OpenWorld): void {
  describe('inside a branch', () => {
    test('a role that leaves with several of its messages waiting fails their join once', async () => {
      await using world = await open()
      const bus = world.bus()
      const results = playEnds(bus, 'nest')
      play(
        bus,
        'nest',
        (_message, ctx) =>
          void ctx.fanOut(branches('leaving', 'leaving', 'leaving'), { to: 'inner', type: All }),
      )
      play(bus, 'inner', forever)
      const leaving = play(bus, 'leaving', forever)
      const run = ask(bus)
      await world.advance()
      leaving[Symbol.dispose]()
      await world.end(run)
      expect(results).toMatchObject([
        { error: expect.stringContaining("('leaving') failed: no agent plays 'leaving'") },
      ])
      const settled = ofKind(await world.records(run.id), 'settle')
      expect(
        settled
          .filter(({ role }) => role === 'leaving')
          .map(({ messageId, outcome }) => `${messageId.slice(-2)} ${outcome}`),
      ).toEqual(['b2 dead', 'b1 cancelled', 'b3 cancelled'])
    })
  })
}
