import { describe, expect, test } from 'vitest'
import type { Bus } from '../../bus.ts'
import { NotResumableError } from '../../errors.ts'
import type { RunLimits, RunStatus } from '../../records.ts'
import { Secret } from '../../secret.ts'
import { playEnds } from './play-ends.ts'
import { ofKind, storyOf } from './rules.ts'
import {
  All,
  answer,
  Drafted,
  fansOut,
  forever,
  Hinted,
  HintWanted,
  part,
  play,
  resultsOf,
  Settled,
} from './types.ts'
import { ask, type OpenWorld, pause, type World } from './world.ts'

/** How a run that has ended ends when a bus goes on with it. */
async function reopened(world: World, bus: Bus, runId: string, limits: Partial<RunLimits> = {}) {
  return world.end(await world.until(bus.resume(runId, { reopen: true, ...limits })))
}

/** 15. A run that has ended, but is not completed, goes on when somebody wants that. */
export function reopen(open: OpenWorld): void {
  describe('15. runs that have ended', () => {
    test('are left alone where nobody asks for more, and completed ones always', async () => {
      await using world = await open()
      const bus = world.bus()
      play(bus, 'worker', (_message, ctx) => void answer(ctx))
      const completed = ask(bus)
      await world.end(completed)
      const failed = ask(bus, { to: 'nobody' })
      await world.end(failed)
      await expect(bus.resume(failed.id)).rejects.toThrow(/has ended and is failed/)
      await expect(bus.resume(completed.id, { reopen: true })).rejects.toThrow(NotResumableError)
      expect(ofKind(await world.records(), 'run.reopened')).toEqual([])
    })

    const interrupted: readonly [RunStatus, { timeoutMs?: number; cancelAfterMs?: number }][] = [
      ['cancelled', { cancelAfterMs: 500 }],
      ['timed_out', { timeoutMs: 500 }],
    ]
    test.each(interrupted)(
      'that are %s start what was under way again, with its steps served',
      async (status, { cancelAfterMs, ...limits }) => {
        await using world = await open()
        const performed: string[] = []
        const playBoth = (bus: Bus, hangs: boolean) => {
          play(bus, 'worker', (_message, ctx) => void ctx.handoff('second', Drafted, { text: 'x' }))
          play(bus, 'second', async (_message, ctx) => {
            const text = await ctx.step({
              name: 'model',
              request: 1,
              perform: () => `${performed.push('model')}`,
            })
            if (hangs) await forever()
            answer(ctx, text)
          })
        }
        const first = world.bus()
        playBoth(first, true)
        const run = ask(first, limits)
        await world.advance(cancelAfterMs ?? 0)
        if (cancelAfterMs !== undefined) run.cancel('enough')
        expect((await world.end(run)).status).toBe(status)
        const bus = world.bus()
        playBoth(bus, false)
        await world.advance(3_600_000)

        const end = await reopened(world, bus, run.id)
        expect(end).toMatchObject({ status: 'completed', message: { data: { text: '1' } } })
        expect(performed).toEqual(['model'])
        const records = await world.records(run.id)
        expect(storyOf(records)).toEqual([
          'run.opened',
          'question.asked',
          'worker done',
          'text.drafted',
          'step',
          'run.ended',
          'run.reopened',
          'start',
          'second done',
          'question.answered',
          'run.ended',
        ])
        expect(ofKind(records, 'run.reopened')).toMatchObject([{ revived: [] }])
      },
    )

    test('have their whole time again, or as much as they are given', async () => {
      await using world = await open()
      const bus = world.bus()
      play(bus, 'worker', forever)
      const run = ask(bus, { timeoutMs: 1000 })
      await world.end(run)
      const again = await world.until(bus.resume(run.id, { reopen: true }))
      await world.advance(900)
      expect(ofKind(await world.records(run.id), 'run.ended')).toHaveLength(1)
      expect((await world.end(again)).status).toBe('timed_out')
      const longer = await world.until(bus.resume(run.id, { reopen: true, timeoutMs: 5000 }))
      await world.advance(4000)
      expect(ofKind(await world.records(run.id), 'run.ended')).toHaveLength(2)
      expect((await world.end(longer)).reason).toMatch('5000 ms')
    })

    test('that have stalled remember what every attempt has written, each under its own id', async () => {
      await using world = await open()
      const bus = world.bus()
      play(bus, 'worker', (_message, ctx) => {
        ctx.memory.set('try', { attempt: ctx.attempt, key: new Secret(`key-${ctx.attempt}`) })
        if (ctx.attempt > 1) answer(ctx)
      })
      const run = ask(bus)
      expect((await world.end(run)).status).toBe('stalled')
      expect((await reopened(world, bus, run.id)).status).toBe('completed')
      const memories = ofKind(await world.records(run.id), 'memory')
      expect(memories.map(({ id, value }) => [id, value])).toMatchObject([
        [`${run.id}/m1`, { attempt: 1, key: { handle: `secret:${run.id}/m1#1` } }],
        [`${run.id}/m2`, { attempt: 2, key: { handle: `secret:${run.id}/m2#1` } }],
      ])
    })

    test('for want of tokens or hops need more of them', async () => {
      await using world = await open()
      const bus = world.bus()
      const usage = () => ({ inputTokens: 50, outputTokens: 50 })
      play(bus, 'worker', async (_message, ctx) => {
        await ctx.step({ kind: 'model', name: 'model', request: 1, perform: () => 1, usage })
        ctx.handoff('second', Drafted, { text: 'x' })
      })
      play(bus, 'second', (_message, ctx) => void answer(ctx))
      const run = ask(bus, { maxTokens: 10, maxHops: 1 })
      expect((await world.end(run)).status).toBe('budget_exhausted')
      expect((await reopened(world, bus, run.id)).status).toBe('budget_exhausted')
      const farther = await reopened(world, bus, run.id, { maxTokens: 1000 })
      expect(farther).toMatchObject({ status: 'budget_exhausted' })
      expect(farther.reason).toMatch('hop')
      expect((await reopened(world, bus, run.id)).reason).toBe(farther.reason)
      expect((await reopened(world, bus, run.id, { maxHops: 9 })).status).toBe('completed')
      expect(ofKind(await world.records(run.id), 'step')).toHaveLength(1)
    })

    test('for want of hops at the end of a branch go on with its join', async () => {
      await using world = await open()
      const bus = world.bus()
      const joined = playEnds(bus, All, 'a', 'b')
      for (const role of ['a', 'b']) play(bus, role, (_message, ctx) => void part(ctx, role))
      const run = ask(bus, { maxHops: 1 })
      expect((await world.end(run)).status).toBe('budget_exhausted')
      expect((await reopened(world, bus, run.id)).status).toBe('budget_exhausted')
      expect((await reopened(world, bus, run.id, { maxHops: 9 })).status).toBe('completed')
      expect(joined).toMatchObject([
        { data: { branches: [{ data: { text: 'a' } }, { data: { text: 'b' } }] } },
      ])
    })

    test('by a dead letter give it a new attempt, with all its tries, and keep what is settled', async () => {
      await using world = await open()
      const bus = world.bus()
      const attempts: string[] = []
      let isDown = true
      play(bus, 'worker', (_message, ctx) => {
        attempts.push(`worker ${ctx.attempt}`)
        ctx.handoff('second', Drafted, { text: 'x' })
      })
      play(
        bus,
        'second',
        (_message, ctx) => {
          attempts.push(`second ${ctx.attempt}`)
          if (isDown || ctx.attempt === 5) throw new Error('the endpoint is down')
          answer(ctx)
        },
        { attempts: 2 },
      )
      const run = ask(bus)
      expect((await world.end(run)).status).toBe('failed')
      expect((await reopened(world, bus, run.id)).status).toBe('failed')
      isDown = false
      expect((await reopened(world, bus, run.id)).status).toBe('completed')
      expect(attempts).toEqual(['worker 1', ...[1, 2, 3, 4, 5, 6].map((n) => `second ${n}`)])
      const records = await world.records(run.id)
      expect(ofKind(records, 'run.reopened')).toMatchObject([
        { revived: [`${run.id}.h`] },
        { revived: [`${run.id}.h`] },
      ])
    })

    test('by a message for nobody go on when somebody plays the role', async () => {
      await using world = await open()
      const bus = world.bus()
      const run = ask(bus, { to: 'late' })
      expect((await world.end(run)).status).toBe('failed')
      play(bus, 'late', (_message, ctx) => void answer(ctx))
      expect((await reopened(world, bus, run.id)).status).toBe('completed')
    })

    test('by a delivery that went nowhere give it a new attempt', async () => {
      await using world = await open()
      const bus = world.bus()
      play(bus, 'worker', (_message, ctx) => {
        if (ctx.attempt > 1) answer(ctx)
      })
      const run = ask(bus)
      expect((await world.end(run)).status).toBe('stalled')
      expect((await reopened(world, bus, run.id)).status).toBe('completed')
    })

    test('by a branch keep the branches that are done, and go on with those that were cancelled', async () => {
      await using world = await open()
      const bus = world.bus()
      const performed: string[] = []
      let isDown = true
      playEnds(bus, All, 'done', 'slow', 'dead')
      play(bus, 'done', (_message, ctx) => {
        performed.push(`done ${ctx.attempt}`)
        part(ctx, 'done')
      })
      play(bus, 'slow', async (_message, ctx) => {
        await ctx.step({ name: 'm', request: 1, perform: () => performed.push('slow step') })
        const { text } = await ctx.ask('oracle', HintWanted, { text: '?' })
        if (isDown) await forever()
        part(ctx, `${ctx.attempt} ${text}`)
      })
      play(bus, 'oracle', (_message, ctx) => {
        performed.push('oracle')
        ctx.reply(Hinted, { text: 'hint' })
      })
      play(
        bus,
        'dead',
        async (_message, ctx) => {
          await ctx.step({ name: 'wait', request: 1, perform: () => pause(world, 100) })
          if (isDown) throw new Error('down')
          part(ctx, `${ctx.attempt}`)
        },
        { attempts: 1 },
      )
      const run = ask(bus)
      expect(await world.end(run)).toMatchObject({ status: 'failed' })
      isDown = false
      const end = await reopened(world, bus, run.id)
      expect(end.status).toBe('completed')
      expect(performed.sort()).toEqual(['done 1', 'oracle', 'slow step'])
      const [join] = ofKind(await world.records(run.id), 'message').filter(({ joined }) => joined)
      expect(join?.message.data).toMatchObject({
        branches: [
          { data: { text: 'done' } },
          { data: { text: '1 hint' } },
          { data: { text: '2' } },
        ],
      })
    })

    test('keep a branch failed whose failure the join has taken in', async () => {
      await using world = await open()
      const bus = world.bus()
      const attempts: string[] = []
      play(bus, 'worker', fansOut(['a', 'b'], 'joiner', Settled))
      play(bus, 'a', (_message, ctx) => void part(ctx, 'a'))
      const options = { attempts: 1 }
      play(bus, 'b', () => Promise.reject(new Error('for good')), options)
      play(
        bus,
        'joiner',
        (message, ctx) => {
          attempts.push(`${ctx.attempt} ${resultsOf(message).map(({ status }) => status)}`)
          if (ctx.attempt === 1) throw new Error('down')
          answer(ctx)
        },
        options,
      )
      const run = ask(bus)
      expect((await world.end(run)).status).toBe('failed')
      expect((await reopened(world, bus, run.id)).status).toBe('completed')
      expect(attempts).toEqual(['1 done,failed', '2 done,failed'])
    })

    test('and go on are open again for every process', async () => {
      await using world = await open()
      const first = world.process()
      play(
        first.bus,
        'worker',
        () => {
          throw new Error('down')
        },
        { attempts: 1 },
      )
      const run = ask(first.bus)
      await world.end(run)
      const second = world.process()
      play(second.bus, 'worker', forever)
      await world.until(second.bus.resume(run.id, { reopen: true }))
      await world.advance()
      expect(await world.openRuns()).toEqual([run.id])
      await second.kill()
      const third = world.bus()
      const attempts: number[] = []
      play(third, 'worker', (_message, ctx) => {
        attempts.push(ctx.attempt)
        answer(ctx)
      })
      expect((await world.end(await world.until(third.resume(run.id)))).status).toBe('completed')
      expect(attempts).toEqual([2])
    })

    test('in good order were no start that is to blame', async () => {
      await using world = await open()
      const first = world.bus()
      play(first, 'worker', forever)
      const run = ask(first)
      await world.advance()
      await world.until(first.close())
      run.result.catch(() => {})
      for (let restart = 0; restart < 5; restart++) {
        const bus = world.bus()
        play(bus, 'worker', forever)
        const again = await world.until(bus.resume(run.id))
        again.result.catch(() => {})
        await world.advance()
        await world.until(bus.close())
      }
      const last = world.bus()
      play(last, 'worker', (_message, ctx) => void answer(ctx))
      expect((await world.end(await world.until(last.resume(run.id)))).status).toBe('completed')
    })
  })
}
