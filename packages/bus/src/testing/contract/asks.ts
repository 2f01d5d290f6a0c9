import { describe, expect, test } from 'vitest'
import type { Bus } from '../../bus.ts'
import { AttemptClosedError } from '../../errors.ts'
import { ofKind, storyOf } from './rules.ts'
import { All, answer, Drafted, fansOut, forever, Hinted, HintWanted, Part, play } from './types.ts'
import { ask, type OpenWorld, pause } from './world.ts'

const wanted = { text: 'how?' }

/** Plays a role that gives the hint it is asked for. */
function playOracle(bus: Bus, role = 'oracle'): Disposable {
  return play(bus, role, (message, ctx) => {
    if (message.type === HintWanted.name)
      ctx.reply(Hinted, { text: `${role}: ${message.data.text}` })
  })
}

/** Asks leave at once, and their replies come back to whoever asked. */
export function asks(open: OpenWorld): void {
  describe('asks and replies', () => {
    test('the reply comes back to the handler, and its record is the message and the reply', async () => {
      await using world = await open()
      const bus = world.bus()
      playOracle(bus)
      play(bus, 'worker', async (_message, ctx) => {
        const { text } = await ctx.ask('oracle', HintWanted, wanted)
        answer(ctx, text)
      })
      const run = ask(bus)
      expect((await world.end(run)).message?.data).toEqual({ text: 'oracle: how?' })
      const records = await world.records(run.id)
      expect(storyOf(records)).toEqual([
        'run.opened',
        'question.asked',
        'hint.wanted',
        'oracle done',
        'hint.given',
        'worker done',
        'question.answered',
        'run.ended',
      ])
      const [, asked, reply] = ofKind(records, 'message')
      expect(asked).toMatchObject({
        message: { id: `${run.id}.a1-1`, from: 'worker', to: 'oracle', causationId: run.id },
        asked: { attempt: 1, step: 1 },
      })
      expect(reply).toMatchObject({
        message: { id: `${run.id}.a1-1.r`, from: 'oracle', to: 'worker' },
      })
    })

    test('several at once come back in the order of the roles; asks may ask', async () => {
      await using world = await open()
      const bus = world.bus()
      for (const [role, wait] of Object.entries({ a: 20, b: 10 })) {
        play(bus, role, async (_message, ctx) => {
          await new Promise<void>((resolve) => world.runtime.setTimer(wait, resolve))
          const { text } = await ctx.ask('deep', HintWanted, { text: role })
          ctx.reply(Hinted, { text })
        })
      }
      playOracle(bus, 'deep')
      play(bus, 'worker', async (_message, ctx) => {
        const hints = await ctx.ask(['a', 'b'], HintWanted, wanted)
        answer(ctx, hints.map(({ text }) => text).join(', '))
      })
      const end = await world.end(ask(bus))
      expect(end.message?.data).toEqual({ text: 'deep: a, deep: b' })
    })

    test('two runs that ask crosswise, with one handler at once for each role, do not wait forever', async () => {
      await using world = await open()
      const bus = world.bus()
      for (const [role, other] of [
        ['left', 'right'],
        ['right', 'left'],
      ] as const) {
        play(
          bus,
          role,
          async (message, ctx) => {
            if (message.type === HintWanted.name) ctx.reply(Hinted, { text: `${role} says` })
            else answer(ctx, (await ctx.ask(other, HintWanted, wanted)).text)
          },
          { roleConcurrency: 1 },
        )
      }
      const runs = ['left', 'right', 'left', 'right'].map((to) => ask(bus, { to }))
      const ends = await Promise.all(runs.map((run) => world.end(run)))
      expect(ends.map(({ message }) => message?.data)).toEqual(
        ['right', 'left', 'right', 'left'].map((role) => ({ text: `${role} says` })),
      )
    })

    test('what is asked does not queue behind other work of its role in the run', async () => {
      await using world = await open()
      const bus = world.bus()
      const order: string[] = []
      const { promise: gate, resolve: letGo } = Promise.withResolvers<void>()
      play(bus, 'oracle', async (message, ctx) => {
        order.push(message.type)
        if (message.type === HintWanted.name) ctx.reply(Hinted, { text: 'now' })
        else await gate
      })
      play(bus, 'worker', async (_message, ctx) => {
        await gate0
        answer(ctx, (await ctx.ask('oracle', HintWanted, wanted)).text)
      })
      const { promise: gate0, resolve: start } = Promise.withResolvers<void>()
      const run = ask(bus)
      await world.until(run.publish('oracle', Drafted, { text: '1' }))
      await world.until(run.publish('oracle', Drafted, { text: '2' }))
      await world.advance()
      start()
      expect((await world.end(run)).message?.data).toEqual({ text: 'now' })
      expect(order).toEqual([Drafted.name, HintWanted.name])
      letGo()
    })

    test('while it waits, an asker holds no slot and its clock stands still', async () => {
      await using world = await open()
      const bus = world.bus()
      play(bus, 'oracle', async (_message, ctx) => {
        await new Promise<void>((resolve) => world.runtime.setTimer(5_000, resolve))
        ctx.reply(Hinted, { text: 'late' })
      })
      const begun: string[] = []
      play(
        bus,
        'worker',
        async (message, ctx) => {
          begun.push(message.runId)
          answer(ctx, (await ctx.ask('oracle', HintWanted, wanted)).text)
        },
        { roleConcurrency: 1, deliveryTimeoutMs: 10 },
      )
      const runs = [ask(bus), ask(bus)]
      await world.advance(1)
      expect(begun).toHaveLength(2)
      for (const run of runs) expect((await world.end(run)).status).toBe('completed')
    })

    test('the end of an attempt cancels what it asked and nobody waits for', async () => {
      await using world = await open()
      const bus = world.bus()
      const closed: unknown[] = []
      play(bus, 'oracle', async (_message, ctx) => {
        await new Promise<void>((resolve) =>
          ctx.signal.addEventListener('abort', () => resolve(), { once: true }),
        )
        try {
          ctx.reply(Hinted, { text: 'too late' })
        } catch (error) {
          closed.push(error)
        }
      })
      play(
        bus,
        'worker',
        async (_message, ctx) => {
          void ctx.ask('oracle', HintWanted, wanted)
          await pause(world, 10)
          if (ctx.attempt === 1) throw new Error('once more')
          answer(ctx)
        },
        { backoffMs: 0 },
      )
      const run = ask(bus)
      expect((await world.end(run)).status).toBe('completed')
      await world.advance()
      const settled = ofKind(await world.records(run.id), 'settle')
      expect(
        settled.map(
          ({ role, outcome, messageId }) => `${role} ${outcome} ${messageId.slice(run.id.length)}`,
        ),
      ).toEqual([
        'worker failed ',
        'oracle cancelled .a1-1',
        'worker done ',
        'oracle cancelled .a2-1',
      ])
      expect(closed).toEqual([expect.any(AttemptClosedError), expect.any(AttemptClosedError)])
    })

    test('the end of the run rejects a pending ask inside its handler', async () => {
      await using world = await open()
      const bus = world.bus()
      const caught: unknown[] = []
      play(bus, 'oracle', forever)
      play(bus, 'worker', async (_message, ctx) => {
        await ctx.ask('oracle', HintWanted, wanted).catch((error: unknown) => caught.push(error))
      })
      const run = ask(bus)
      await world.advance()
      run.cancel('enough')
      await world.end(run)
      await world.advance()
      expect(caught).toEqual([expect.any(AttemptClosedError)])
    })

    test('who is asked is tried again before its asker hears of it', async () => {
      await using world = await open()
      const bus = world.bus()
      play(bus, 'oracle', (_message, ctx) => {
        if (ctx.attempt < 3) throw new Error('not yet')
        ctx.reply(Hinted, { text: `after ${ctx.attempt}` })
      })
      play(bus, 'worker', async (_message, ctx) => {
        answer(ctx, (await ctx.ask('oracle', HintWanted, wanted)).text)
      })
      expect((await world.end(ask(bus))).message?.data).toEqual({ text: 'after 3' })
    })

    test('a branch may ask, and a failed ask fails it', async () => {
      await using world = await open()
      const bus = world.bus()
      play(bus, 'worker', fansOut(['asker', 'asker'], 'joiner', All))
      playOracle(bus)
      play(bus, 'asker', async (message, ctx) => {
        if (message.type !== Drafted.name) return
        const { text } = await ctx.ask('oracle', HintWanted, { text: message.data.text })
        ctx.handoff('joiner', Part, { text })
      })
      play(bus, 'joiner', (message, ctx) => {
        if (message.type !== All.name) return
        answer(
          ctx,
          message.data.branches.map(({ data }) => ('text' in data ? data.text : '')).join(', '),
        )
      })
      expect((await world.end(ask(bus))).message?.data).toEqual({ text: 'oracle: 1, oracle: 2' })
    })
  })
}
