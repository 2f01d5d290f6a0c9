import { describe, expect, expectTypeOf, test } from 'vitest'
import { z } from 'zod'
import { type Bus, createBus } from './bus.ts'
import type { DeepReadonly } from './data.ts'
import type { DeliveryContext } from './delivery-context.ts'
import { defineMessage } from './message-type.ts'
import { Secret } from './secret.ts'
import { createVirtualRuntime } from './testing/virtual-runtime.ts'

const Asked = defineMessage(
  'question.asked',
  z.object({ text: z.string(), tags: z.array(z.string()) }),
)
const Rated = defineMessage('answer.rated', z.object({ stars: z.number().default(3) }))
const Answered = defineMessage('question.answered', z.object({ text: z.string() }))

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
    expect(Object.keys(checked)).toHaveLength(4)
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
