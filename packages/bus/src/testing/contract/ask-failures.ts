import { describe, expect, test } from 'vitest'
import type { Bus } from '../../bus.ts'
import type { DeliveryContext } from '../../delivery-context.ts'
import {
  AskError,
  AttemptClosedError,
  InvalidMessageError,
  InvalidOptionError,
  NoWayError,
} from '../../errors.ts'
import type { RequestType } from '../../message-type.ts'
import type { Run } from '../../run.ts'
import {
  All,
  answer,
  Drafted,
  fansOut,
  forever,
  type Handle,
  Hinted,
  HintWanted,
  Part,
  play,
} from './types.ts'
import { ask, type OpenWorld } from './world.ts'

const wanted = { text: 'how?' }

/** What an ask of the handler of `worker` is rejected with, and how its run ends where nobody catches it. */
async function refused(
  open: OpenWorld,
  asking: (ctx: DeliveryContext) => Promise<unknown>,
  prepare: (bus: Bus) => void = () => {},
) {
  await using world = await open()
  const bus = world.bus()
  prepare(bus)
  const errors: unknown[] = []
  play(
    bus,
    'worker',
    async (_message, ctx) => {
      await asking(ctx).catch((error: unknown) => {
        errors.push(error)
        throw error
      })
    },
    { attempts: 1 },
  )
  const from = world.runtime.elapsed()
  const end = await world.end(ask(bus))
  return { error: errors[0], end, tookMs: world.runtime.elapsed() - from }
}

/** Why an ask has no reply, and who hears of it. */
export function askFailures(open: OpenWorld): void {
  describe('asks that fail', () => {
    test('an ask outlasts the delivery timeout, not its own', async () => {
      const { error, end, tookMs } = await refused(
        open,
        (ctx) => ctx.ask('deaf', HintWanted, wanted, { timeoutMs: 700 }),
        (bus) => void play(bus, 'deaf', forever, { deliveryTimeoutMs: 1_000_000 }),
      )
      expect(error).toBeInstanceOf(AskError)
      expect(error).toMatchObject({ code: 'ask_timeout' })
      expect(tookMs).toBe(700)
      expect(end).toMatchObject({
        status: 'failed',
        reason:
          "'worker' failed at question.asked: 'deaf' gave no reply to hint.wanted within 700 ms: " +
          'raise timeoutMs of the ask or look what it waits for',
      })
    })

    test.each([
      ['a role that nobody plays', 'nobody', 'ask_failed', "no agent plays 'nobody'"],
      [
        'a role that does not accept it',
        'other',
        'ask_failed',
        "'other' does not accept hint.wanted",
      ],
      ['a role that fails', 'broken', 'ask_failed', "'broken' failed at hint.wanted: out of order"],
      [
        'a role that gives no reply',
        'mute',
        'no_reply',
        "'mute' handled hint.wanted and gave no reply",
      ],
      ['a role that hands off', 'busy', 'ask_failed', 'reply instead of handoff'],
      ['a role that fans out', 'wide', 'ask_failed', 'reply instead of fanOut'],
      [
        'a role that replies something else',
        'wrong',
        'ask_failed',
        "'wrong' replies part.made to hint.wanted, which wants hint.given",
      ],
    ])('%s rejects the asker at once', async (_name, role, code, why) => {
      const { error, end, tookMs } = await refused(
        open,
        (ctx) => ctx.ask(role, HintWanted, wanted),
        (bus) => {
          bus.subscribe('other', { accepts: [Drafted], handle() {} })
          play(bus, 'broken', () => Promise.reject(new Error('out of order')), { attempts: 1 })
          play(bus, 'mute', () => {})
          play(bus, 'busy', (_message, ctx) => void answer(ctx))
          play(bus, 'joiner', () => {})
          play(bus, 'wide', fansOut(['mute'], 'joiner', All))
          play(bus, 'wrong', (_message, ctx) => void ctx.reply(Part, { text: 'x' }))
        },
      )
      expect(error).toBeInstanceOf(AskError)
      expect(error).toMatchObject({ code })
      expect(end).toMatchObject({ status: 'failed', reason: expect.stringContaining(why) })
      expect(tookMs).toBe(0)
    })

    test('wrong data, a wrong timeout and a type without a reply are refused before anybody sees them', async () => {
      // @ts-expect-error the text is a number
      const wrong = await refused(open, (ctx) => ctx.ask('x', HintWanted, { text: 1 }))
      expect(wrong.error).toBeInstanceOf(InvalidMessageError)
      const negative = await refused(open, (ctx) =>
        ctx.ask('x', HintWanted, wanted, { timeoutMs: -1 }),
      )
      expect(negative.error).toBeInstanceOf(InvalidOptionError)
      const plain: RequestType = { ...HintWanted, ...Drafted, reply: Hinted }
      Object.defineProperty(plain, 'reply', { value: undefined })
      const unanswerable = await refused(open, (ctx) => ctx.ask('x', plain, wanted))
      expect(unanswerable.error).toMatchObject({
        message: expect.stringContaining('which names no reply'),
      })
      for (const { end } of [wrong, negative, unanswerable]) {
        expect(end.messages).toHaveLength(1)
      }
    })

    test('a circle is refused by name', async () => {
      const { error } = await refused(
        open,
        (ctx) => ctx.ask('a', HintWanted, wanted),
        (bus) => {
          play(bus, 'a', async (_message, ctx) => {
            ctx.reply(Hinted, await ctx.ask('b', HintWanted, wanted))
          })
          play(bus, 'b', async (_message, ctx) => {
            ctx.reply(Hinted, await ctx.ask('a', HintWanted, wanted))
          })
        },
      )
      expect(error).toMatchObject({
        message: expect.stringContaining(
          "hint.wanted would ask in a circle: 'a' asks 'b' asks 'a'",
        ),
      })
      const itself = await refused(open, (ctx) => ctx.ask('worker', HintWanted, wanted))
      expect(itself.error).toBeInstanceOf(NoWayError)
      expect(itself.error).toMatchObject({
        message: expect.stringContaining("'worker' asks 'worker'"),
      })
    })

    test('an ask that is refused can be caught, and the run goes on', async () => {
      await using world = await open()
      const bus = world.bus()
      play(bus, 'worker', async (_message, ctx) => {
        const hint = await ctx.ask('nobody', HintWanted, wanted).catch(() => ({ text: 'without' }))
        answer(ctx, hint.text)
      })
      expect((await world.end(ask(bus))).message?.data).toEqual({ text: 'without' })
    })

    test('a reply where nobody asked is refused', async () => {
      await using world = await open()
      const bus = world.bus()
      play(bus, 'worker', (_message, ctx) => void ctx.reply(Hinted, { text: 'x' }))
      expect(await world.end(ask(bus))).toMatchObject({
        status: 'failed',
        reason: expect.stringContaining("'worker' replies to question.asked, which nobody asked"),
      })
    })

    test.each<[string, (ctx: DeliveryContext, perform: () => number) => Promise<unknown>]>([
      ['asks nobody', (ctx) => ctx.ask('helper', HintWanted, wanted)],
      [
        'performs nothing',
        (ctx, perform) => ctx.step({ name: 'slow', request: 1, waits: true, perform }),
      ],
    ])('who is ended by the one that gets its slot %s', async (_name, waiting) => {
      await using world = await open()
      const bus = world.bus()
      const { promise: both, resolve: goOn } = Promise.withResolvers<void>()
      let first: Run | undefined
      let performed = 0
      const results: unknown[] = []
      play(bus, 'helper', (_message, ctx) => void ctx.reply(Hinted, { text: 'so' }))
      const handle: Handle = async (message, ctx) => {
        if (message.runId !== first?.id) {
          first?.cancel('enough')
          answer(ctx)
          return
        }
        await both
        const result = await waiting(ctx, () => ++performed).catch((error: unknown) => error)
        results.push(result)
      }
      play(bus, 'worker', handle, { roleConcurrency: 1 })
      first = ask(bus)
      await world.rest()
      const second = ask(bus)
      await world.rest()
      goOn()
      expect((await world.end(first)).messages).toHaveLength(1)
      expect((await world.end(second)).status).toBe('completed')
      expect(results).toEqual([expect.any(AttemptClosedError)])
      expect(performed).toBe(0)
    })
  })
}
