import { defineJoin, defineMessage, InvalidMessageError, valuesOf } from '@nanoagent/bus'
import { describe, expect, expectTypeOf, it } from 'vitest'
import { z } from 'zod'
import { type AgentContext, defineAgent } from '../agent.ts'
import { fanOut, to } from '../routes.ts'
import { checkDeterminism, expectHandoff, message, runAgent } from './index.ts'

const Ordered = defineMessage('trip.ordered', z.object({ city: z.string() }))
const Forecast = defineMessage(
  'forecast.given',
  z.object({ degrees: z.number(), by: z.string().default('me') }),
)
const ForecastWanted = defineMessage('forecast.wanted', z.string(), { reply: Forecast })
const Advised = defineMessage('advice.given', z.string())
const AdviceWanted = defineMessage('advice.wanted', z.string(), { reply: Advised })
const Packed = defineMessage('bag.packed', z.array(z.string()))
const Booked = defineMessage('room.booked', z.object({ city: z.string() }))
const Done = defineMessage('part.done', z.object({ part: z.string() }))
const AllDone = defineJoin('all.done', [Done])
const SomeDone = defineJoin('some.done', [Done], { policy: 'all-settled' })

const atDesk = to('desk', AllDone)
const atClerk = to('clerk', SomeDone)

const organiser = defineAgent({
  role: 'organiser',
  description: 'Gives the parts of a trip to others.',
  accepts: [Ordered],
  emits: [to('packer', Ordered)],
  fansOut: [
    fanOut([to('packer', Ordered), to('booker', Booked)], atDesk),
    fanOut([to('booker', Booked)], atClerk),
  ],
  handle({ data }, ctx) {
    if (data.city === 'nowhere') ctx.fanOut([], atDesk)
    else if (data.city === 'near') ctx.fanOut([{ ...to('booker', Booked), data }], atClerk)
    else {
      const branches = [
        { ...to('packer', Ordered), data, content: 'Pack.' },
        { ...to('booker', Booked), data },
      ]
      ctx.fanOut(branches, atDesk)
    }
  },
})

const packer = defineAgent({
  role: 'packer',
  description: 'Packs a bag for the weather.',
  accepts: [Ordered],
  emits: [to('coordinator', Packed)],
  asks: [to('forecaster', ForecastWanted), to('guide', ForecastWanted), to('guide', AdviceWanted)],
  async handle({ data }, ctx) {
    const { degrees, by } = await ctx.ask('forecaster', ForecastWanted, data.city)
    if (data.city !== 'Oslo') return ctx.handoff('coordinator', Packed, ['hat', by])
    const advice = await ctx.ask('guide', AdviceWanted, `${degrees} degrees`)
    return ctx.handoff('coordinator', Packed, ['coat', advice])
  },
})

const forecaster = defineAgent({
  role: 'forecaster',
  description: 'Knows the weather, of some places.',
  accepts: [ForecastWanted, Ordered],
  asks: [to('guide', AdviceWanted)],
  async handle(asked, ctx) {
    if (asked.type === 'trip.ordered' || asked.data === 'nowhere') return
    if (asked.data === 'hell') throw new Error('too hot')
    const advice = await ctx.ask('guide', AdviceWanted, ctx.context.request.type)
    ctx.reply(Forecast, { degrees: advice.length, by: asked.from }, 'Cold.')
  },
})

describe('an agent that fans out', () => {
  it('gives its branches, and where they come together', async () => {
    const run = await runAgent(organiser, { city: 'Oslo' })

    expect(run).toMatchObject({
      status: 'completed',
      fanOut: { join: { to: 'desk', type: AllDone } },
    })
    expect(run.fanOut?.branches).toMatchObject([
      { to: 'packer', type: 'trip.ordered', content: 'Pack.', data: { city: 'Oslo' } },
      { to: 'booker', type: 'room.booked', data: { city: 'Oslo' } },
    ])
    expect([run.handoff, run.reply, run.reason, run.error]).toEqual(Array(4).fill(undefined))
    expect(run.history).toEqual(run.fanOut?.branches)
    expectHandoff(run, { to: 'booker', type: Booked })
  })

  it('may have no branch, or a join that closes without them', async () => {
    const none = await runAgent(organiser, { city: 'nowhere' })
    const settled = await runAgent(organiser, { city: 'near' })

    expect(none).toMatchObject({ status: 'completed', fanOut: { branches: [] }, history: [] })
    expect(settled).toMatchObject({ status: 'completed', history: [{ to: 'booker' }] })
    expect(settled.fanOut?.join).toBe(atClerk)
  })
})

describe('an agent that joins', () => {
  it('is given what the branches came to', async () => {
    const desk = defineAgent({
      role: 'desk',
      description: 'Says what is done.',
      accepts: [AllDone, SomeDone],
      emits: [to('coordinator', Packed)],
      handle: ({ data }, ctx) =>
        ctx.handoff('coordinator', Packed, [
          ...valuesOf(data, Done).map(({ part }) => part),
          ...ctx.context.history.map(({ from }) => from),
        ]),
    })
    const done = (part: string) =>
      ({ to: 'packer', status: 'done', type: 'part.done', data: { part } }) as const
    const joined = message(AllDone, { branches: [done('bag'), done('hat')] }, { from: 'organiser' })
    const past = [message(Ordered, { city: 'Oslo' })]

    const run = await runAgent(desk, joined, { past })

    expect(run.handoff?.data).toEqual(['bag', 'hat', 'coordinator', 'organiser'])
    await checkDeterminism(run)
  })

  it('is given nothing that no branch can come to', () => {
    const failed = { to: 'packer', status: 'failed', reason: 'x', error: 'y' } as const
    message(SomeDone, { branches: [failed] })
    // @ts-expect-error under the policy 'all' no branch fails
    expect(() => message(AllDone, { branches: [failed] })).toThrow(InvalidMessageError)
  })
})

describe('an agent that is asked', () => {
  it('gives its reply', async () => {
    const replies = { guide: 'abc' }
    const run = await runAgent(forecaster, message(ForecastWanted, 'Oslo'), { replies })

    expect(run).toMatchObject({
      status: 'completed',
      history: [{ to: 'guide' }, { from: 'guide' }, {}],
    })
    expect(run.reply).toMatchObject({
      to: 'sender-1',
      content: 'Cold.',
      data: { degrees: 3, by: 'sender-1' },
    })
    expect([run.handoff, run.reason, run.error]).toEqual([undefined, undefined, undefined])
    await checkDeterminism(run)
  })

  it('has a past, and is asked by whoever is last in it', async () => {
    const asked = message(ForecastWanted, 'Oslo', { from: 'packer' })
    const run = await runAgent(forecaster, asked, {
      past: [message(Ordered, { city: 'Oslo' })],
      replies: { guide: (request) => request.data },
    })

    expect(run.reply?.data).toEqual({ degrees: 'trip.ordered'.length, by: 'packer' })
    expect(run.messages.map(({ from, to: by }) => `${from} → ${by}`)).toEqual([
      'coordinator → packer',
      'packer → forecaster',
      'forecaster → guide',
      'guide → forecaster',
      'forecaster → packer',
    ])
    await checkDeterminism(run)
  })

  it('is tried again at once, however patient the test is', async () => {
    let attempts = 0
    const clumsy: typeof forecaster = {
      ...forecaster,
      handle(_asked, ctx) {
        if (++attempts < 3) throw new Error('no idea')
        ctx.reply(Forecast, { degrees: attempts })
      },
    }

    const asked = message(ForecastWanted, 'Oslo')
    const run = await runAgent(clumsy, asked, { patienceMs: 600_000 })

    expect(run.reply?.data.degrees).toBe(3)
  })

  it('is stalled where it gives no reply, and fails where it fails', async () => {
    const silent = await runAgent(forecaster, message(ForecastWanted, 'nowhere'))
    const broken = await runAgent(forecaster, message(ForecastWanted, 'hell'))

    expect(silent).toMatchObject({ status: 'stalled', history: [] })
    expect(silent.reason).toMatch(/^'forecaster' handled forecast.wanted and gave no reply: /)
    expect(silent.error).toBeUndefined()
    expect(broken).toMatchObject({ status: 'failed', error: { message: 'too hot' }, history: [] })
    expect(broken.reason).toMatch(/^'forecaster' failed at forecast.wanted in each of 3 attempts/)
  })
})

describe('an agent that asks', () => {
  it('gets the replies that the test has written down, with their defaults', async () => {
    const run = await runAgent(
      packer,
      { city: 'Rome' },
      { replies: { forecaster: { degrees: 25 } } },
    )

    expect(run.handoff?.data).toEqual(['hat', 'me'])
    expect(run.history.map(({ type }) => type)).toEqual([
      'forecast.wanted',
      'forecast.given',
      'bag.packed',
    ])
    expectHandoff(run, { to: 'forecaster', type: ForecastWanted, data: 'Rome' })
    await checkDeterminism(run)
  })

  it('gets what a function makes of what it asks', async () => {
    const run = await runAgent(
      packer,
      { city: 'Oslo' },
      {
        replies: {
          forecaster: async ({ data }) => ({ degrees: data.length }),
          guide: (request) =>
            request.type === 'advice.wanted' ? `at ${request.data}` : { degrees: 1 },
        },
      },
    )

    expect(run.handoff?.data).toEqual(['coat', 'at 4 degrees'])
  })

  it('fails with a clear line where the test has no reply', async () => {
    const run = await runAgent(
      packer,
      { city: 'Oslo' },
      { replies: { forecaster: { degrees: 1 } } },
    )

    expect(run).toMatchObject({ status: 'failed', error: { code: 'ask_failed' } })
    expect(run.reason).toBe(
      "'packer' failed at trip.ordered: 'guide' failed at advice.wanted: the test has no reply of it: " +
        "run the agent with { replies: { 'guide': … } }",
    )
    expect(run.handoff).toBeUndefined()
  })

  it('fails where a reply is none, or its function throws, which is called once', async () => {
    let calls = 0
    const replies = {
      forecaster() {
        calls++
        throw new Error('no idea')
      },
    }
    const cold = { forecaster: { degrees: 'cold' } }
    // @ts-expect-error degrees are a number
    const wrong = await runAgent(packer, { city: 'Rome' }, { replies: cold })
    const broken = await runAgent(packer, { city: 'Rome' }, { replies })

    expect(wrong.reason).toContain("'forecaster' failed at forecast.wanted: ")
    expect(wrong.reason).toContain('degrees')
    expect(broken.reason).toContain("'forecaster' failed at forecast.wanted: no idea")
    expect(calls).toBe(1)
  })

  it('may live without a reply', async () => {
    const brave = defineAgent({
      ...packer,
      async handle(_message, ctx: AgentContext) {
        const hat = await ctx.ask('forecaster', ForecastWanted, 'x').catch(() => 'no idea')
        ctx.handoff('coordinator', Packed, [String(hat)])
      },
    })

    const run = await runAgent(brave, { city: 'Rome' })

    expect(run).toMatchObject({ status: 'completed', handoff: { data: ['no idea'] } })
    await checkDeterminism(run)
  })

  it('cannot have replies of those whom it does not ask', async () => {
    // @ts-expect-error nobody is called so
    await expect(runAgent(packer, { city: 'Oslo' }, { replies: { guid: 'x' } })).rejects.toThrow(
      "'packer' does not ask 'guid' (it asks 'forecaster', 'guide'): leave its reply out, or mend asks",
    )
    await expect(
      runAgent(organiser, { city: 'Oslo' }, { replies: { guide: 'x' } }),
    ).rejects.toThrow("'organiser' does not ask 'guide' (it asks nobody)")
  })

  it('is not waited for where a reply never comes', async () => {
    const replies = { forecaster: () => new Promise<never>(() => {}) }
    const run = await runAgent(packer, { city: 'Rome' }, { replies, patienceMs: 5 })

    expect(run).toMatchObject({ status: 'failed', error: { code: 'ask_timeout' } })
  })
})

/** Checked by the compiler; none of these functions is called. */
const checked = {
  async ways() {
    const { fanOut: way, handoff } = await runAgent(organiser, { city: 'x' })
    expectTypeOf(handoff?.to).toEqualTypeOf<'packer' | undefined>()
    const branch = way?.branches[0]
    expectTypeOf(branch?.to).toEqualTypeOf<'packer' | 'booker' | undefined>()
    if (branch?.type === 'room.booked') expectTypeOf(branch.to).toEqualTypeOf<'booker'>()
    expectTypeOf(way?.join.to).toEqualTypeOf<'desk' | 'clerk' | undefined>()
  },

  async replies() {
    const { reply } = await runAgent(forecaster, message(ForecastWanted, 'x'))
    expectTypeOf(reply?.data).toEqualTypeOf<
      { readonly degrees: number; readonly by: string } | undefined
    >()
    const none = await runAgent(packer, { city: 'x' })
    expectTypeOf(none.reply).toEqualTypeOf<undefined>()
    expectTypeOf(none.fanOut).toEqualTypeOf<undefined>()
  },
}

it('has types that the compiler checks', () => {
  expect(Object.keys(checked)).toHaveLength(2)
})
