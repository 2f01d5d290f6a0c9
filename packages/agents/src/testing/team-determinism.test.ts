import { AssertionError } from 'node:assert'
import { defineJoin, defineMessage, TerminalError, valuesOf } from '@nanoagent/bus'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { drawing } from '../../test/drawing.ts'
import { type Agent, type AgentContext, defineAgent } from '../agent.ts'
import { defineListener, type Listener } from '../listener.ts'
import { passwordTeam, SPECIALISTS } from '../password-team/team.ts'
import { type AskRoute, type FanOutRoute, fanOut, type Route, to } from '../routes.ts'
import { checkDeterminism, runTeam } from './index.ts'

const Wanted = defineMessage('count.wanted', z.array(z.string()))
const Given = defineMessage(
  'text.given',
  z.object({ text: z.string(), stress: z.number().default(1) }),
)
const Weight = defineMessage('weight.told', z.number())
const WeightAsked = defineMessage(
  'weight.asked',
  z.object({ of: z.string(), in: z.string().default('g') }),
  {
    reply: Weight,
  },
)
const Counted = defineMessage('words.counted', z.number())
const AllCounted = defineJoin('all.counted', [Counted])
const Longest = defineMessage('longest.found', z.number())
const atJudge = to('judge', AllCounted)

const splitter = defineAgent({
  role: 'splitter',
  description: 'Gives each text to a counter.',
  accepts: [Wanted],
  fansOut: [fanOut([to('counter', Given)], atJudge)],
  handle: ({ data }, ctx) =>
    ctx.fanOut(
      data.map((text) => ({ ...to('counter', Given), data: { text } })),
      atJudge,
    ),
})
const counter = defineAgent({
  role: 'counter',
  description: 'Counts words.',
  accepts: [Given],
  emits: [to('judge', Counted)],
  asks: [to('scales', WeightAsked)],
  async handle({ data }, ctx) {
    const weight = await ctx.ask('scales', WeightAsked, { of: data.text })
    ctx.handoff('judge', Counted, weight + data.text.length)
  },
})
const scales = defineAgent({
  role: 'scales',
  description: 'Weighs, and asks the clerk how much.',
  accepts: [WeightAsked],
  asks: [to('clerk', WeightAsked)],
  async handle({ data }, ctx) {
    const [weight = 0] = await ctx.ask(['clerk'], WeightAsked, { of: data.of })
    ctx.reply(Weight, weight + 1)
  },
})
const clerk = defineAgent({
  role: 'clerk',
  description: 'Tells weights.',
  accepts: [WeightAsked],
  handle: ({ data }, ctx) => ctx.reply(Weight, data.of.length, `${data.of} weighs`),
})
const judge = defineAgent({
  role: 'judge',
  description: 'Says which is most.',
  accepts: [AllCounted],
  emits: [to('coordinator', Longest)],
  handle: ({ data }, ctx) =>
    ctx.handoff('coordinator', Longest, Math.max(...valuesOf(data, Counted))),
})

/** Runs the counting team, with some handlers changed. */
function count(
  changes: Readonly<Record<string, Agent['handle']>> = {},
  listeners: readonly Listener[] = [],
) {
  const agents: readonly Agent[] = [splitter, counter, scales, clerk, judge]
  const changed = agents.map((agent) => ({ ...agent, handle: changes[agent.role] ?? agent.handle }))
  const entry = to('splitter', Wanted)
  const team = { name: 'words', agents: changed, listeners, entry, terminal: Longest, context: {} }
  return runTeam(team, ['one', 'three'])
}

/** What the check says of it. */
async function verdictOn(...change: Parameters<typeof count>): Promise<string> {
  const run = await count(...change)
  expect(run.status).toBe('completed')
  const error = await checkDeterminism(run).catch((caught: unknown) => caught)
  if (error instanceof AssertionError) return error.message
  throw new Error(`no AssertionError but ${error}`)
}

describe('whole runs of a team pass', () => {
  it('that fan out, join, ask and reply, and ask inside asks', async () => {
    const run = await count()

    expect(run).toMatchObject({ status: 'completed', output: 11 })
    await checkDeterminism(run)
  })

  it('in which branches and those who are asked fail and try again', async () => {
    const run = await count({
      counter: async (received, ctx) => {
        const weight = await ctx.ask('scales', WeightAsked, { of: received.type })
        if (ctx.attempt < 2) throw new Error(`not yet: ${weight}`)
        ctx.handoff('judge', Counted, Number(weight))
      },
      clerk: (_asked, ctx: AgentContext<Route, FanOutRoute, AskRoute, typeof WeightAsked>) => {
        if (ctx.attempt < 2) throw new Error('not yet')
        ctx.reply(Weight, 1)
      },
    })

    expect(run.status).toBe('completed')
    await checkDeterminism(run)
  })

  it('in which a handler races two asks, and leaves one open', async () => {
    const run = await count({
      clerk: (_asked, ctx: AgentContext<Route, FanOutRoute, AskRoute, typeof WeightAsked>) =>
        ctx.attempt > 0 && ctx.reply(Weight, 1),
      counter: async (_given, ctx) => {
        const first = ctx.ask('clerk', WeightAsked, { of: 'a' })
        const second = ctx.ask('scales', WeightAsked, { of: 'b' })
        ctx.handoff('judge', Counted, Number(await Promise.race([first, second])))
      },
    })

    expect(run.records).toContainEqual(expect.objectContaining({ outcome: 'cancelled' }))
    await checkDeterminism(run)
  })

  it('of which a branch dies, or asks in vain', async () => {
    const run = await count({
      counter: async (_given, ctx) => {
        await ctx.ask('scales', WeightAsked, { of: '' })
      },
      scales: () => {
        throw new TerminalError('broken')
      },
    })

    expect(run).toMatchObject({ status: 'failed', error: { code: 'ask_failed' } })
    await checkDeterminism(run)
  })

  it('in which a handler dies, or goes on, with asks open', async () => {
    const run = await count({
      counter: async ({ id }, ctx) => {
        const reply = ctx.ask('scales', WeightAsked, { of: 'x' }).catch((error) => error.code)
        if (!id.endsWith('b1')) return ctx.handoff('judge', Counted, 1)
        await ctx.ask('clerk', WeightAsked, { of: 'y' })
        // What it does with a reply that comes is seen in its log.
        reply.then((code) => ctx.log(`replied ${code}`)).catch(() => {})
        await new Promise((resolve) => setImmediate(resolve))
        throw new TerminalError('broken')
      },
      scales: () => new Promise(() => {}),
    })

    expect(run).toMatchObject({ status: 'failed', error: { message: 'broken' } })
    expect(run.logs).toEqual([])
    await checkDeterminism(run)
  })

  it('of the full password team, which tries again', async () => {
    const randomInt = drawing('Kj9#M1ll3r$vNq8&', 'Kj9#mPx2$vNq8&Lw')
    const team = passwordTeam({ with: SPECIALISTS, randomInt })
    const run = await runTeam(team, 'A password for Anna Miller')

    expect(run).toMatchObject({ status: 'completed', output: { attempt: 2 } })
    await checkDeterminism(run)
  })

  it('with listeners, who are checked too', async () => {
    const run = await count({}, [
      defineListener({
        role: 'archivist',
        description: 'Writes down what is given.',
        listens: [Given, AllCounted],
        handle: (heard, ctx) => ctx.log(`${heard.type} by ${ctx.random()}`),
      }),
    ])

    expect(run.logs).toHaveLength(3)
    await checkDeterminism(run)
  })
})

describe('it is found out who', () => {
  let times = 0

  it('fans out to fewer, to others, with other data or to another join', async () => {
    const branch = (text: string) => ({ ...to('counter', Given), data: { text } })
    const splits = (branches: () => Parameters<AgentContext['fanOut']>[0]) =>
      verdictOn({ splitter: (_wanted, ctx) => ctx.fanOut(branches(), atJudge) })

    expect(await splits(() => ['a', 'b'].slice(times++ % 2).map(branch))).toContain(
      'it ends differently: expected hands text.given to \'counter\' as "~.b1", got no branch',
    )
    expect(await splits(() => [branch('a'), branch(`${times++}`)])).toContain(
      "the data of text.given to 'counter' (branch 2) differs",
    )
    expect(await splits(() => [{ ...branch('a'), content: `${times++}` }, branch('b')])).toContain(
      "the line of text.given to 'counter' (branch 1) differs",
    )
  })

  it('asks for something else, somebody else, or once more', async () => {
    const counts = (asks: (ctx: AgentContext) => Promise<unknown>) =>
      verdictOn({
        counter: async (_given, ctx) => {
          await asks(ctx)
          ctx.handoff('judge', Counted, 1)
        },
      })

    expect(await counts((ctx) => ctx.ask('scales', WeightAsked, { of: `${times++}` }))).toMatch(
      /step 1 asks for something else: expected ask 'weight.asked' {"data":{"in":"g","of":"\d+"},"to":"scales"}/,
    )
    // Both branches ask before anything is checked.
    let asked = 0
    const first = <T>(value: T, later: T) => (asked++ < 2 ? value : later)
    expect(
      await counts((ctx) => ctx.ask(first('scales', 'clerk'), WeightAsked, { of: '' })),
    ).toMatch(/step 1 asks for something else: .*"to":"scales".*, got .*"to":"clerk"/)
    asked = 0
    expect(
      await counts((ctx) =>
        ctx.ask(first(['clerk'], ['clerk', 'scales']), WeightAsked, { of: '' }),
      ),
    ).toContain('step 2 is not in the record')
    asked = 0
    expect(
      await counts(async (ctx) => first(ctx, undefined)?.ask('clerk', WeightAsked, { of: '' })),
    ).toContain('step 1 is not asked for again')
  })

  it('replies something else', async () => {
    const clerk: Agent['handle'] = (
      _asked,
      ctx: AgentContext<Route, FanOutRoute, AskRoute, typeof WeightAsked>,
    ) => ctx.reply(Weight, times++)

    expect(await verdictOn({ clerk })).toContain('the data of weight.told differs')
  })

  it('listens, and logs something else', async () => {
    const archivist = defineListener({
      role: 'archivist',
      description: 'Writes down what is given.',
      listens: [Wanted],
      handle: (_wanted, ctx) => ctx.log(`${times++}`),
    })

    expect(await verdictOn({}, [archivist])).toMatch(
      /^'archivist' does something else when it handles count.wanted .*: line 1 of its log differs/,
    )
  })
})
