import { describe, expect, expectTypeOf, test } from 'vitest'
import { z } from 'zod'
import { type Bus, createBus } from './bus.ts'
import type { DeepReadonly } from './data.ts'
import type { DeliveryContext } from './delivery-context.ts'
import { defineJoin, valuesOf } from './join-type.ts'
import { defineMessage, type ReplyOf } from './message-type.ts'
import { Secret } from './secret.ts'
import { createVirtualRuntime } from './testing/virtual-runtime.ts'

const Asked = defineMessage(
  'question.asked',
  z.object({ text: z.string(), tags: z.array(z.string()) }),
)
const Rated = defineMessage('answer.rated', z.object({ stars: z.number().default(3) }))
const Answered = defineMessage('question.answered', z.object({ text: z.string() }))
const Hinted = defineMessage('hint.given', z.object({ hint: z.string() }))
const HintWanted = defineMessage('hint.wanted', z.object({ about: z.string() }), { reply: Hinted })
const AllJoined = defineJoin('all.joined', [Rated, Answered])
const SomeJoined = defineJoin('some.joined', [Rated], { policy: { first: 2 } })

/** Checked by the compiler; none of these functions is called. */
const checked = {
  publishing(bus: Bus) {
    const options = { terminal: Answered }
    bus.publish('worker', Asked, { text: 'x', tags: ['a'] }, options)
    bus.publish('worker', Rated, {}, options)
    // @ts-expect-error the tags are missing
    bus.publish('worker', Asked, { text: 'x' }, options)
    // @ts-expect-error the text is a number
    bus.publish('worker', Asked, { text: 1, tags: [] }, options)
    // @ts-expect-error nobody knows this field
    bus.publish('worker', Rated, { stars: 1, moons: 2 }, options)
    // @ts-expect-error how the run ends is missing
    bus.publish('worker', Rated, {}, {})
  },

  handingOff(ctx: DeliveryContext) {
    ctx.handoff('next', Asked, { text: 'x', tags: [] }, 'Asking.')
    ctx.handoff('next', Rated, {}, { content: 'Rating.', metadata: { a: 'b' } })
    // @ts-expect-error the text is missing
    ctx.handoff('next', Answered, {})
    // @ts-expect-error the data is of another type
    ctx.handoff('next', Rated, { text: 'x' })
    expectTypeOf(ctx.handoff('next', Rated, {})).toEqualTypeOf<string>()
    const rated = ctx.latest(Rated)
    expectTypeOf(rated?.data.stars).toEqualTypeOf<number | undefined>()
    expectTypeOf(rated?.type).toEqualTypeOf<'answer.rated' | undefined>()
  },

  fanningOut(ctx: DeliveryContext) {
    const join = { to: 'joiner', type: AllJoined }
    const asked = { to: 'a', type: Asked, data: { text: 'x', tags: [] } } as const
    expectTypeOf(
      ctx.fanOut([asked, { to: 'b', type: Rated, data: {} }], join),
    ).toEqualTypeOf<string>()
    ctx.fanOut([{ ...asked, content: 'Asking.', metadata: { a: 'b' } }], join)
    ctx.fanOut(
      ['a', 'b'].map((to) => ({ to, type: Rated, data: { stars: 1 } })),
      join,
    )
    ctx.fanOut([], join)
    // @ts-expect-error the tags are missing in the second branch
    ctx.fanOut([asked, { to: 'b', type: Asked, data: { text: 'x' } }], join)
    // @ts-expect-error the data is of another type
    ctx.fanOut([{ to: 'a', type: Rated, data: { text: 'x' } }], join)
    // @ts-expect-error this is no join
    ctx.fanOut([asked], { to: 'joiner', type: Answered })
  },

  async asking(ctx: DeliveryContext) {
    const hint = await ctx.ask('oracle', HintWanted, { about: 'x' }, { timeoutMs: 5 })
    expectTypeOf(hint).toEqualTypeOf<{ readonly hint: string }>()
    const hints = await ctx.ask(['oracle', 'sage'], HintWanted, { about: 'x' })
    expectTypeOf(hints).toEqualTypeOf<readonly { readonly hint: string }[]>()
    // @ts-expect-error the request is about nothing
    await ctx.ask('oracle', HintWanted, {})
    // @ts-expect-error nobody replies to this
    await ctx.ask('oracle', Asked, { text: 'x', tags: [] })
    expectTypeOf(ctx.reply(Hinted, { hint: 'x' }, 'So it is.')).toEqualTypeOf<string>()
    // @ts-expect-error the hint is a number
    ctx.reply(Hinted, { hint: 1 })
    expectTypeOf<ReplyOf<typeof HintWanted>>().toEqualTypeOf<typeof Hinted>()
    expectTypeOf<ReplyOf<typeof Asked>>().toEqualTypeOf<never>()
  },

  joining(bus: Bus) {
    bus.subscribe('joiner', {
      accepts: [AllJoined, SomeJoined, HintWanted],
      handle(message, ctx) {
        if (message.type === 'hint.wanted') {
          expectTypeOf(message.data.about).toEqualTypeOf<string>()
        } else if (message.type === 'all.joined') {
          expectTypeOf(valuesOf(message.data, Answered)[0]?.text).toEqualTypeOf<
            string | undefined
          >()
          for (const branch of message.data.branches) {
            if (branch.type === 'answer.rated')
              expectTypeOf(branch.data.stars).toEqualTypeOf<number>()
            // @ts-expect-error a join of all has no failures
            branch.error
          }
        } else {
          const [branch] = message.data.branches
          if (branch?.status === 'failed') expectTypeOf(branch.reason).toEqualTypeOf<string>()
          else if (branch?.status === 'done') {
            expectTypeOf(branch.data).toEqualTypeOf<{ readonly stars: number }>()
          } else expectTypeOf(branch?.status).toEqualTypeOf<'cancelled' | undefined>()
          // @ts-expect-error only what is done has data
          branch?.data
        }
        expectTypeOf(ctx.latest(AllJoined)?.data.branches[0]?.status).toEqualTypeOf<
          'done' | undefined
        >()
      },
    })
    bus.listen('ear', {
      accepts: [SomeJoined, Hinted],
      handle: (message) => {
        expectTypeOf(message.type).toEqualTypeOf<'some.joined' | 'hint.given'>()
      },
    })
    // @ts-expect-error a join needs types
    defineJoin('none.joined', [])
    // @ts-expect-error there is no such policy
    defineJoin('odd.joined', [Rated], { policy: 'most' })
    // @ts-expect-error a reply is a message type
    defineMessage('odd.wanted', z.string(), { reply: 'hint.given' })
  },

  async stepping(ctx: DeliveryContext) {
    const list = await ctx.step({ name: 'n', request: 1, perform: () => [{ a: 1 }] })
    expectTypeOf(list).toEqualTypeOf<readonly { readonly a: number }[]>()
    const inner = await ctx.step({
      name: 'n',
      request: 1,
      perform: async (scope) => scope.step({ name: 'm', request: 2, perform: () => 'x' }),
      usage: (text) => ({ inputTokens: text.length, outputTokens: 0 }),
    })
    expectTypeOf(inner).toEqualTypeOf<string>()
  },

  subscribing(bus: Bus) {
    bus.subscribe('worker', {
      accepts: [Asked, Rated],
      handle(message) {
        expectTypeOf(message.type).toEqualTypeOf<'question.asked' | 'answer.rated'>()
        if (message.type === 'question.asked') {
          expectTypeOf(message.data.tags).toEqualTypeOf<readonly string[]>()
          // @ts-expect-error the data is read-only
          message.data.text = 'changed'
          // @ts-expect-error so are the lists in it
          message.data.tags.push('x')
        } else expectTypeOf(message.data.stars).toEqualTypeOf<number>()
        // @ts-expect-error which type it is must be asked first
        message.data.stars
        // @ts-expect-error the envelope is read-only
        message.to = 'me'
      },
    })
    bus.subscribe('worker', {
      accepts: [Rated],
      // @ts-expect-error this handler is for another type
      handle: (message: { type: 'question.asked' }) => void message,
    })
    // What a handler gives back is ignored, so that one line can be enough.
    bus.subscribe('worker', { accepts: [Rated], handle: () => 1 })
  },
}

describe('types', () => {
  test('are checked by the compiler', () => {
    expect(Object.keys(checked)).toHaveLength(7)
  })

  test('data is read-only to the bottom, but for secrets', () => {
    interface Plan {
      a: { b: { c: string }[]; pair: [number, string[]] }
      key: Secret
      maybe?: { d: null }
    }
    type Read = DeepReadonly<Plan>
    expectTypeOf<Read['a']['b']>().toEqualTypeOf<readonly { readonly c: string }[]>()
    expectTypeOf<Read['a']['pair']>().toEqualTypeOf<readonly [number, readonly string[]]>()
    expectTypeOf<Read['key']>().toEqualTypeOf<Secret>()
    expectTypeOf<Read['maybe']>().toEqualTypeOf<{ readonly d: null } | undefined>()
    expect(new Secret('x').reveal()).toBe('x')
  })

  test('a handler that accepts several types tells them apart', async () => {
    await using bus = createBus({ runtime: createVirtualRuntime() })
    const seen: (string | number)[] = []
    bus.subscribe('worker', {
      accepts: [Asked, Rated],
      handle(message, ctx) {
        seen.push(message.type === 'answer.rated' ? message.data.stars : message.data.text)
        ctx.handoff('coordinator', Answered, { text: 'done' })
      },
    })
    await bus.publish('worker', Rated, {}, { terminal: Answered }).result
    await bus.publish('worker', Asked, { text: 'x', tags: [] }, { terminal: Answered }).result
    expect(seen).toEqual([3, 'x'])
  })
})
