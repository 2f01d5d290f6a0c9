import { describe, expect, test } from 'vitest'
import type { Bus } from '../../bus.ts'
import type { JoinAt } from '../../delivery-context.ts'
import { playEnds } from './play-ends.ts'
import { storyOf } from './rules.ts'
import {
  All,
  answer,
  branches,
  Drafted,
  First,
  fansOut,
  forever,
  Part,
  part,
  play,
  Settled,
} from './types.ts'
import { ask, type OpenWorld } from './world.ts'

/** When a join closes, and what fails it. */
export function joinPolicies(open: OpenWorld): void {
  describe('policies of joins', () => {
    test('all: the first failure fails the join, names the branch and cancels its siblings', async () => {
      await using world = await open()
      const bus = world.bus()
      const joined = playEnds(bus, All, 'slow', 'bad', 'queued', 'queued')
      const aborted: unknown[] = []
      play(bus, 'slow', async (_message, ctx) => {
        ctx.signal.addEventListener('abort', () => aborted.push(ctx.signal.reason))
        await forever()
      })
      play(bus, 'queued', forever)
      play(
        bus,
        'bad',
        () => {
          throw new Error('no luck')
        },
        { attempts: 2 },
      )
      const run = ask(bus)
      const end = await world.end(run)
      expect(end).toMatchObject({
        status: 'failed',
        reason:
          "branch 2 of 4 ('bad') failed: 'bad' failed at text.drafted in each of 2 attempts, the last time with: no luck",
      })
      expect(joined).toEqual([])
      expect(String(aborted[0])).toContain('CancelledError')
      expect(storyOf(await world.records(run.id)).slice(-5)).toEqual([
        'bad dead',
        'slow cancelled',
        'queued cancelled',
        'queued cancelled',
        'run.ended',
      ])
    })

    const failures = {
      'goes nowhere': {
        play: (bus: Bus) => play(bus, 'bad', () => {}),
        failure: { reason: 'stalled', error: expect.stringContaining('handed nothing off') },
      },
      dies: {
        play: (bus: Bus) =>
          play(bus, 'bad', () => Promise.reject(new Error('broken')), { attempts: 1 }),
        failure: { reason: 'exhausted', error: "'bad' failed at text.drafted: broken" },
      },
      'begins with a role that nobody plays': {
        play: () => undefined,
        failure: { reason: 'unaddressed', error: expect.stringContaining("no agent plays 'bad'") },
      },
      'hands off to the coordinator': {
        play: (bus: Bus) => play(bus, 'bad', (_message, ctx) => void answer(ctx)),
        failure: {
          reason: 'unaddressed',
          error: expect.stringContaining("let only 'joiner' decide where the flow goes on"),
        },
      },
      'hands another type off to the join': {
        play: (bus: Bus) =>
          play(bus, 'bad', (_message, ctx) => void ctx.handoff('joiner', Drafted, { text: 'x' })),
        failure: {
          reason: 'unaddressed',
          error: expect.stringContaining('which ends with part.made'),
        },
      },
    }
    test.each(Object.entries(failures))(
      'all settled: a branch that %s is a failure among the results',
      async (_name, { play: playBad, failure }) => {
        await using world = await open()
        const bus = world.bus()
        const joined = playEnds(bus, Settled, 'good', 'bad')
        play(bus, 'good', (_message, ctx) => void part(ctx, 'fine'))
        playBad(bus)
        expect((await world.end(ask(bus))).status).toBe('completed')
        expect(joined[0]?.data.branches).toEqual([
          { to: 'good', status: 'done', type: 'part.made', data: { text: 'fine' } },
          { to: 'bad', status: 'failed', ...failure },
        ])
      },
    )

    test.each(Object.entries(failures))(
      'all: a branch that %s fails the run, by the name of the branch',
      async (_name, { play: playBad, failure }) => {
        await using world = await open()
        const bus = world.bus()
        playEnds(bus, All, 'hung', 'bad')
        play(bus, 'hung', forever)
        playBad(bus)
        const run = ask(bus)
        const { status, reason } = await world.end(run)
        expect(status).toBe('failed')
        expect(reason).toMatch(/^branch 2 of 2 \('bad'\) failed: /)
        expect(reason?.replace(/^.*? failed: /, '')).toEqual(failure.error)
        expect(storyOf(await world.records(run.id)).slice(-2)).toEqual([
          'hung cancelled',
          'run.ended',
        ])
      },
    )

    test('first n: closes with n results, and cancels the others', async () => {
      await using world = await open()
      const bus = world.bus()
      const joined = playEnds(bus, First, 'never', 'bad', 'a', 'b', 'late')
      play(bus, 'never', forever)
      play(
        bus,
        'bad',
        () => {
          throw new Error('broken')
        },
        { attempts: 1 },
      )
      for (const role of ['a', 'b']) {
        play(bus, role, async (_message, ctx) => {
          await new Promise<void>((resolve) => world.runtime.setTimer(10, resolve))
          part(ctx, role)
        })
      }
      play(bus, 'late', forever)
      const run = ask(bus)
      expect((await world.end(run)).status).toBe('completed')
      expect(joined[0]?.data.branches.map(({ to, status }) => `${to} ${status}`)).toEqual([
        'never cancelled',
        'bad failed',
        'a done',
        'b done',
        'late cancelled',
      ])
      const story = storyOf(await world.records(run.id))
      expect(story.slice(story.indexOf('never cancelled'))).toEqual([
        'never cancelled',
        'late cancelled',
        'first.joined',
        'joiner done',
        'question.answered',
        'run.ended',
      ])
    })

    test('first n: fails as soon as fewer can be done', async () => {
      await using world = await open()
      const bus = world.bus()
      playEnds(bus, First, 'bad', 'never', 'bad')
      play(bus, 'never', forever)
      play(bus, 'bad', () => Promise.reject(new Error('broken')), {
        attempts: 1,
        perRunConcurrency: 2,
      })
      expect(await world.end(ask(bus))).toMatchObject({
        status: 'failed',
        reason: expect.stringMatching(
          /^first.joined waits for 2 branches and can no longer get them: branch 3 of 3 \('bad'\) failed/,
        ),
      })
    })

    test('a join inside a branch that fails fails the branch', async () => {
      await using world = await open()
      const bus = world.bus()
      const joined = playEnds(bus, Settled, 'nest', 'good')
      play(bus, 'good', (_message, ctx) => void part(ctx, 'fine'))
      play(bus, 'nest', fansOut(['bad', 'never'], 'inner', All))
      play(bus, 'inner', forever)
      play(bus, 'never', forever)
      play(bus, 'bad', () => {})
      expect((await world.end(ask(bus))).status).toBe('completed')
      expect(joined[0]?.data.branches[0]).toMatchObject({
        to: 'nest',
        status: 'failed',
        error: expect.stringMatching(/^branch 1 of 2 \('bad'\) failed: 'bad' handled text.drafted/),
      })
    })

    test('what can never be joined ends the run at once', async () => {
      await using world = await open()
      const bus = world.bus()
      const fan = (roles: readonly string[], join: JoinAt) => {
        const playing = play(
          bus,
          'worker',
          (_message, ctx) => void ctx.fanOut(branches(...roles), join),
        )
        return { playing, run: ask(bus) }
      }
      const cases = [
        [['a'], { to: 'joiner', type: First }, 'first.joined waits for the first 2 of 1 branches'],
        [['a'], { to: 'nobody', type: All }, "no agent plays 'nobody'"],
        [['a'], { to: 'deaf', type: All }, "'deaf' does not accept all.joined"],
      ] as const
      bus.subscribe('deaf', { accepts: [Part], handle() {} })
      play(bus, 'joiner', forever)
      play(bus, 'a', forever)
      const from = world.runtime.elapsed()
      for (const [roles, join, why] of cases) {
        const { playing, run } = fan(roles, join)
        expect(await world.end(run)).toMatchObject({
          status: 'failed',
          reason: expect.stringContaining(why),
        })
        playing[Symbol.dispose]()
      }
      expect(world.runtime.elapsed()).toBe(from)
    })

    test('results that are too large together fail the join', async () => {
      await using world = await open()
      const bus = world.bus()
      playEnds(bus, All, 'a', 'a')
      play(bus, 'a', (_message, ctx) => void part(ctx, 'x'.repeat(600_000)))
      expect(await world.end(ask(bus))).toMatchObject({
        status: 'failed',
        reason: expect.stringContaining('all.joined cannot be published: data has'),
      })
    })
  })
}
