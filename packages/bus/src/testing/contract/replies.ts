import { describe, expect, test } from 'vitest'
import type { DeliveryContext } from '../../delivery-context.ts'
import { AlreadyHandedOffError, AskError } from '../../errors.ts'
import { Secret } from '../../secret.ts'
import { ofKind, storyOf } from './rules.ts'
import {
  All,
  answer,
  Drafted,
  fansOut,
  Hinted,
  HintWanted,
  KeyGiven,
  KeyWanted,
  part,
  play,
  resultsOf,
} from './types.ts'
import { ask, type OpenWorld, pause } from './world.ts'

const wanted = { text: 'how?' }

/** A reply is what its asker gets, what later handlers know, and what a later start is served. */
export function replies(open: OpenWorld): void {
  describe('replies', () => {
    test('one reply is one way forward: a second one is refused', async () => {
      await using world = await open()
      const bus = world.bus()
      const errors: unknown[] = []
      play(bus, 'oracle', (_message, ctx) => {
        ctx.reply(Hinted, { text: 'first' })
        try {
          ctx.reply(Hinted, { text: 'second' })
        } catch (error) {
          errors.push(error)
        }
      })
      play(bus, 'worker', async (_message, ctx) => {
        answer(ctx, (await ctx.ask('oracle', HintWanted, wanted)).text)
      })
      expect((await world.end(ask(bus))).message?.data).toEqual({ text: 'first' })
      expect(errors).toEqual([expect.any(AlreadyHandedOffError)])
    })

    test('wrong data in a reply fails the attempt, and its asker hears of it after the last one', async () => {
      await using world = await open()
      const bus = world.bus()
      const attempts: number[] = []
      play(bus, 'oracle', (_message, ctx) => {
        attempts.push(ctx.attempt)
        // @ts-expect-error the text is a number
        ctx.reply(Hinted, { text: 1 })
      })
      play(bus, 'worker', async (_message, ctx) => {
        await ctx.ask('oracle', HintWanted, wanted)
      })
      expect(await world.end(ask(bus))).toMatchObject({
        status: 'failed',
        reason: expect.stringMatching(
          /'oracle' failed at hint\.wanted in each of 3 attempts.*message 'hint\.given' refused: text:/,
        ),
      })
      expect(attempts).toEqual([1, 2, 3])
    })

    test('is frozen, and has the content and the metadata that it was given', async () => {
      await using world = await open()
      const bus = world.bus()
      play(bus, 'oracle', (_message, ctx) => {
        ctx.reply(Hinted, { text: 'so' }, { content: 'So it is.', metadata: { a: 'b' } })
      })
      const frozen: boolean[] = []
      play(bus, 'worker', async (_message, ctx) => {
        const asking = ctx.ask('oracle', HintWanted, wanted, { content: 'How?', metadata: {} })
        frozen.push(Object.isFrozen(await asking))
        answer(ctx)
      })
      const { messages } = await world.end(ask(bus))
      expect(frozen).toEqual([true])
      expect(messages.slice(1, 3)).toMatchObject([
        { content: 'How?', from: 'worker', to: 'oracle' },
        { content: 'So it is.', from: 'oracle', to: 'worker', metadata: { a: 'b' } },
      ])
    })

    test('one role may be asked several things at once, by one handler or by several', async () => {
      await using world = await open()
      const bus = world.bus()
      let now = 0
      let most = 0
      play(bus, 'oracle', async (message, ctx) => {
        most = Math.max(most, ++now)
        await pause(world, 10)
        now--
        if (message.type === HintWanted.name) ctx.reply(Hinted, { text: message.data.text })
      })
      play(bus, 'worker', fansOut(['a', 'b'], 'joiner', All))
      for (const role of ['a', 'b']) {
        play(bus, role, async (_message, ctx) => {
          const [one, two] = await Promise.all([
            ctx.ask('oracle', HintWanted, { text: `${role}1` }),
            ctx.ask('oracle', HintWanted, { text: `${role}2` }),
          ])
          part(ctx, `${one.text} ${two.text}`)
        })
      }
      const results: unknown[] = []
      play(bus, 'joiner', (message, ctx) => {
        results.push(...resultsOf(message))
        answer(ctx)
      })
      await world.end(ask(bus))
      expect(results).toMatchObject([{ data: { text: 'a1 a2' } }, { data: { text: 'b1 b2' } }])
      expect(most).toBe(4)
    })

    test('two branches of one run may ask each other’s roles', async () => {
      await using world = await open()
      const bus = world.bus()
      play(bus, 'worker', fansOut(['a', 'b'], 'joiner', All))
      for (const [role, other] of [
        ['a', 'b'],
        ['b', 'a'],
      ] as const) {
        play(
          bus,
          role,
          async (message, ctx) => {
            if (message.type === HintWanted.name) ctx.reply(Hinted, { text: role })
            else part(ctx, (await ctx.ask(other, HintWanted, wanted)).text)
          },
          { roleConcurrency: 1 },
        )
      }
      const results: unknown[] = []
      play(bus, 'joiner', (message, ctx) => {
        results.push(...resultsOf(message))
        answer(ctx)
      })
      await world.end(ask(bus))
      expect(results).toMatchObject([
        { to: 'a', data: { text: 'b' } },
        { to: 'b', data: { text: 'a' } },
      ])
    })

    test('come to the handler in the order of their records, whatever else it waits for', async () => {
      await using world = await open()
      const bus = world.bus()
      for (const [role, ms] of Object.entries({ quick: 5, slow: 20 })) {
        play(bus, role, async (_message, ctx) => {
          await pause(world, ms)
          ctx.reply(Hinted, { text: role })
        })
      }
      const told: string[] = []
      const times: number[] = []
      play(bus, 'worker', async (_message, ctx) => {
        const step = { name: 'step', request: 1, perform: () => pause(world, 10) }
        const tell = (what: string) => () => {
          told.push(what)
          times.push(ctx.now())
        }
        await Promise.all([
          ctx.ask('slow', HintWanted, wanted).then(tell('slow')),
          ctx.step(step).then(tell('step')),
          ctx.ask('quick', HintWanted, wanted).then(tell('quick')),
        ])
        answer(ctx)
      })
      const run = ask(bus)
      await world.end(run)
      expect(told).toEqual(['quick', 'step', 'slow'])
      const records = await world.records(run.id)
      const at = ofKind(records, 'message').flatMap(({ message: { type, sentAt } }) =>
        type === Hinted.name ? [sentAt] : [],
      )
      const [step] = ofKind(records, 'step')
      expect(times).toEqual([at[0], step?.at, at[1]])
    })

    test('who is asked knows what its asker knew; whoever comes after the asker knows the reply', async () => {
      await using world = await open()
      const bus = world.bus()
      const pasts: Record<string, readonly string[]> = {}
      const pastOf = (role: string, ctx: DeliveryContext) => {
        pasts[role] = ctx.past().map(({ id }) => id)
      }
      play(bus, 'oracle', (_message, ctx) => {
        pastOf('oracle', ctx)
        ctx.reply(Hinted, { text: 'so' })
      })
      play(
        bus,
        'worker',
        async (_message, ctx) => {
          await ctx.ask('oracle', HintWanted, wanted)
          if (ctx.attempt === 1) throw new Error('once more')
          await ctx.ask('oracle', HintWanted, wanted)
          pastOf('worker', ctx)
          ctx.handoff('next', Drafted, { text: 'x' })
        },
        { backoffMs: 0 },
      )
      play(bus, 'next', (_message, ctx) => {
        pastOf('next', ctx)
        answer(ctx, ctx.latest(Hinted)?.data.text)
      })
      const run = ask(bus)
      const end = await world.end(run)
      const ids = (...paths: readonly string[]) => paths.map((path) => `${run.id}${path}`)
      expect(end.message?.data).toEqual({ text: 'so' })
      expect(pasts).toEqual({
        oracle: ids('', '.a2-2'),
        worker: ids(''),
        next: ids('', '.a2-1', '.a2-1.r', '.a2-2', '.a2-2.r', '.h'),
      })
    })

    test('secrets go there and back as what they are, and are in no record and no error', async () => {
      await using world = await open()
      const bus = world.bus()
      const seen: unknown[] = []
      play(
        bus,
        'vault',
        (message, ctx) => {
          if (message.type !== KeyWanted.name) return
          seen.push(message.data.pin)
          if (message.data.pin.reveal() === 'wrong-pin') {
            throw new Error(`no key for ${message.data.pin.reveal()}`)
          }
          ctx.reply(KeyGiven, { key: 'hidden-key' })
        },
        { attempts: 1 },
      )
      const errors: unknown[] = []
      play(bus, 'worker', async (_message, ctx) => {
        const { key } = await ctx.ask('vault', KeyWanted, { pin: 'right-pin' })
        seen.push(key)
        await ctx.ask('vault', KeyWanted, { pin: 'wrong-pin' }).catch((error) => errors.push(error))
        answer(ctx)
      })
      const run = ask(bus)
      expect((await world.end(run)).status).toBe('completed')
      expect(seen).toEqual([expect.any(Secret), expect.any(Secret), expect.any(Secret)])
      const { id } = run
      const handles = [`secret:${id}.a1-1#1`, `secret:${id}.a1-1.r#1`, `secret:${id}.a1-2#1`]
      expect(seen.map(String)).toEqual(handles)
      expect(errors).toMatchObject([
        { message: expect.stringContaining(`no key for ${handles[2]}`) },
      ])
      const written = JSON.stringify(await world.records(id))
      for (const value of ['right-pin', 'wrong-pin', 'hidden-key']) {
        expect(written).not.toContain(value)
      }
    })

    test('each ask and each reply is a hop', async () => {
      await using world = await open()
      const bus = world.bus()
      play(bus, 'oracle', (_message, ctx) => void ctx.reply(Hinted, { text: 'so' }))
      play(bus, 'worker', async (_message, ctx) => {
        answer(ctx, (await ctx.ask('oracle', HintWanted, wanted)).text)
      })
      expect((await world.end(ask(bus, { maxHops: 2 }))).status).toBe('completed')
      const run = ask(bus, { maxHops: 1 })
      expect(await world.end(run)).toMatchObject({
        status: 'budget_exhausted',
        reason: expect.stringContaining("at hint.given from 'oracle' to 'worker'"),
      })
      expect(storyOf(await world.records(run.id)).slice(-3)).toEqual([
        'oracle done',
        'hint.given',
        'run.ended',
      ])
    })

    test('a reply may need another reply, and a failed ask inside an ask fails that', async () => {
      await using world = await open()
      const bus = world.bus()
      play(bus, 'deep', () => Promise.reject(new Error('broken')), { attempts: 1 })
      play(bus, 'middle', async (_message, ctx) => {
        ctx.reply(Hinted, await ctx.ask('deep', HintWanted, wanted))
      })
      const errors: unknown[] = []
      play(bus, 'worker', async (_message, ctx) => {
        await ctx.ask('middle', HintWanted, wanted).catch((error) => errors.push(error))
        answer(ctx)
      })
      expect((await world.end(ask(bus))).status).toBe('completed')
      expect(errors).toEqual([expect.any(AskError)])
      expect(errors).toMatchObject([
        {
          code: 'ask_failed',
          message: "'middle' failed at hint.wanted: 'deep' failed at hint.wanted: broken",
        },
      ])
    })
  })
}
