import { describe, expect, test } from 'vitest'
import type { Bus } from '../../bus.ts'
import { ofKind } from './rules.ts'
import { All, answer, branches, forever, play, Settled } from './types.ts'
import { ask, type OpenWorld } from './world.ts'

/** Plays `worker`, who fans out to these roles, and `joiner`, who answers with all that it gets. */
function playEnds(bus: Bus, ...roles: readonly string[]): void {
  play(
    bus,
    'worker',
    (_message, ctx) => void ctx.fanOut(branches(...roles), { to: 'joiner', type: Settled }),
  )
  play(bus, 'joiner', (message, ctx) => {
    if (message.type === Settled.name) answer(ctx, JSON.stringify(message.data.branches))
  })
}

/** What happens inside a branch stays inside it, whatever it is. */
export function insideBranches(open: OpenWorld): void {
  describe('inside a branch', () => {
    test('a role that leaves with several of its messages waiting fails their join once', async () => {
      await using world = await open()
      const bus = world.bus()
      playEnds(bus, 'nest')
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
      const end = await world.end(run)
      expect(end.message?.data).toMatchObject({
        text: expect.stringContaining("branch 2 of 3 ('leaving') failed: no agent plays 'leaving'"),
      })
      const settled = ofKind(await world.records(run.id), 'settle')
      expect(
        settled
          .filter(({ role }) => role === 'leaving')
          .map(({ messageId, outcome }) => `${messageId.slice(-2)} ${outcome}`),
      ).toEqual(['b2 dead', 'b1 cancelled', 'b3 cancelled'])
    })
  })
}
