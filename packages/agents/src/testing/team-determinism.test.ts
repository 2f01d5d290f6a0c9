import { defineJoin, defineMessage, valuesOf } from '@nanoagent/bus'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { drawing } from '../../test/drawing.ts'
import { type Agent, defineAgent } from '../agent.ts'
import { defineListener, type Listener } from '../listener.ts'
import { passwordTeam, SPECIALISTS } from '../password-team/team.ts'
import { fanOut, to } from '../routes.ts'
import { defineTeam } from '../team.ts'
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

/** Runs the counting team, with some agents otherwise, and checks it. */
async function check(
  changes: Partial<Record<string, Agent['handle']>> = {},
  listeners: Listener[] = [],
) {
  const agents: readonly Agent[] = [splitter, counter, scales, clerk, judge]
  const changed = agents.map((agent) => ({ ...agent, handle: changes[agent.role] ?? agent.handle }))
  const run = await runTeam(
    {
      name: 'words',
      agents: changed,
      listeners,
      entry: to('splitter', Wanted),
      terminal: Longest,
      context: {},
    },
    ['one', 'three'],
  )
  await checkDeterminism(run)
  return run
}

describe('whole runs of a team pass', () => {
  it('that fan out, join, ask and reply, asks inside asks', async () => {
    expect(await check()).toMatchObject({ status: 'completed', output: 11 })
  })

  it('of the full password team, which tries again', async () => {
    const randomInt = drawing('Kj9#M1ll3r$vNq8&', 'Kj9#mPx2$vNq8&Lw')
    const team = passwordTeam({ with: SPECIALISTS, randomInt })
    const run = await runTeam(team, 'A password for Anna Miller')
    expect(run).toMatchObject({ status: 'completed', output: { attempt: 2 } })
    await checkDeterminism(run)
  })
})
