import { deepStrictEqual } from 'node:assert/strict'
import { goalTable } from '../goals.mjs'
import { batchFor, interleave, spread, timed } from '../rounds.mjs'
import { digits, ratio, table } from '../table.mjs'

export const name = 'fan-out'
export const summary =
  'time of a fan-out to 100 branches and their join, and of an ask and its reply'
export const flags = ['--expose-gc']

const BRANCHES = 100
const items = Array.from({ length: BRANCHES }, (_none, index) => index)

/** The work of one branch. */
async function square(index) {
  return { index, squared: index * index }
}

const expected = await Promise.all(items.map(square))

const OURS = 'ours'
const PLAIN = 'Promise.all'

/** How many times as much as ours a fan-out of a peer should cost, at least. */
const PEERS = {
  'LangGraph.js Send': 200,
  'Mastra .foreach': 10,
  'Mastra .parallel': 10,
}

/** How many times as much as `Promise.all` ours may cost. */
const OVER_PLAIN = 12

/** Each gives `once()`, which resolves to the results in the order of the branches. */
const FAN_OUTS = {
  /** The bus with its default memory journal; every branch is validated and settled by itself. */
  async [OURS]() {
    const { z } = await import('zod')
    const { createBus, defineJoin, defineMessage } = await import(
      '../../packages/bus/dist/index.js'
    )
    const Wanted = defineMessage('squares.wanted', z.object({ count: z.int() }))
    const Given = defineMessage('number.given', z.object({ index: z.int() }))
    const Squared = defineMessage('number.squared', z.object({ index: z.int(), squared: z.int() }))
    const Joined = defineJoin('squares.joined', [Squared])
    const Done = defineMessage('squares.done', z.object({ count: z.int() }))
    const bus = createBus()
    let results = []
    bus.subscribe('splitter', {
      accepts: [Wanted],
      handle({ data }, context) {
        const branches = []
        for (let index = 0; index < data.count; index++) {
          branches.push({ to: 'worker', type: Given, data: { index } })
        }
        context.fanOut(branches, { to: 'joiner', type: Joined })
      },
    })
    bus.subscribe('worker', {
      accepts: [Given],
      perRunConcurrency: BRANCHES,
      roleConcurrency: BRANCHES,
      async handle({ data }, context) {
        context.handoff('joiner', Squared, await square(data.index))
      },
    })
    bus.subscribe('joiner', {
      accepts: [Joined],
      handle({ data }, context) {
        results = data.branches.map((branch) => branch.data)
        context.handoff('coordinator', Done, { count: results.length })
      },
    })
    return async () => {
      const run = bus.publish('splitter', Wanted, { count: BRANCHES }, { terminal: Done })
      const { status, reason } = await run.result
      if (status !== 'completed') throw new Error(`the run ended as ${status}: ${reason}`)
      return results
    }
  },
  async [PLAIN]() {
    return () => Promise.all(items.map(square))
  },
  async 'LangGraph.js Send'() {
    const { Annotation, END, Send, START, StateGraph } = await import('@langchain/langgraph')
    const State = Annotation.Root({
      results: Annotation({ reducer: (all, more) => all.concat(more), default: () => [] }),
    })
    const graph = new StateGraph(State)
      .addNode('worker', async ({ index }) => ({ results: [await square(index)] }))
      .addConditionalEdges(START, () => items.map((index) => new Send('worker', { index })))
      .addEdge('worker', END)
      .compile()
    return async () => (await graph.invoke({})).results
  },
  async 'Mastra .foreach'() {
    const { z } = await import('zod')
    const { createStep, createWorkflow } = await import('@mastra/core/workflows')
    const given = z.object({ index: z.int() })
    const squared = z.object({ index: z.int(), squared: z.int() })
    const worker = createStep({
      id: 'worker',
      inputSchema: given,
      outputSchema: squared,
      execute: ({ inputData }) => square(inputData.index),
    })
    const workflow = createWorkflow({
      id: 'squares',
      inputSchema: z.array(given),
      outputSchema: z.array(squared),
    })
      .foreach(worker, { concurrency: BRANCHES })
      .commit()
    const inputData = items.map((index) => ({ index }))
    return async () => resultOf(await (await workflow.createRun()).start({ inputData }))
  },
  async 'Mastra .parallel'() {
    const { z } = await import('zod')
    const { createStep, createWorkflow } = await import('@mastra/core/workflows')
    const workers = items.map((index) =>
      createStep({
        id: `worker-${index}`,
        inputSchema: z.object({}),
        outputSchema: z.object({ index: z.int(), squared: z.int() }),
        execute: () => square(index),
      }),
    )
    const workflow = createWorkflow({
      id: 'squares',
      inputSchema: z.object({}),
      outputSchema: z.record(z.string(), z.object({ index: z.int(), squared: z.int() })),
    })
      .parallel(workers)
      .commit()
    return async () => {
      const all = resultOf(await (await workflow.createRun()).start({ inputData: {} }))
      return items.map((index) => all[`worker-${index}`])
    }
  },
}

function resultOf({ status, error, result }) {
  if (status !== 'success') throw new Error(`the workflow ended as ${status}`, { cause: error })
  return result
}

/** Each gives `once()`, a run that asks, or does the same without asking. */
const ASKS = {
  'a run that asks and gets a reply': (bus) => bus.once('asker'),
  'the same run without the ask': (bus) => bus.once('doer'),
}

async function createAsking() {
  const { z } = await import('zod')
  const { createBus, defineMessage } = await import('../../packages/bus/dist/index.js')
  const Wanted = defineMessage('square.wanted', z.object({ index: z.int() }))
  const Told = defineMessage('square.told', z.object({ index: z.int(), squared: z.int() }))
  const Asked = defineMessage('square.asked', z.object({ index: z.int() }), { reply: Told })
  const bus = createBus()
  bus.subscribe('asker', {
    accepts: [Wanted],
    async handle({ data }, context) {
      context.handoff('coordinator', Told, await context.ask('oracle', Asked, data))
    },
  })
  bus.subscribe('doer', {
    accepts: [Wanted],
    async handle({ data }, context) {
      context.handoff('coordinator', Told, await square(data.index))
    },
  })
  bus.subscribe('oracle', {
    accepts: [Asked],
    async handle({ data }, context) {
      context.reply(Told, await square(data.index))
    },
  })
  return {
    once: (role) => async () => {
      const run = bus.publish(role, Wanted, { index: 3 }, { terminal: Told })
      return (await run.result).message.data
    },
  }
}

/** Microseconds of each fan-out, and of each run of the asks. */
export async function measure({ quick }) {
  const times = quick ? { sampleMs: 20, warmUpMs: 400 } : { sampleMs: 60, warmUpMs: 2_000 }
  const subjects = []
  const add = async (title, once, result) => {
    deepStrictEqual(await once(), result, `'${title}' gave another result`)
    subjects.push({ title, once, batch: await batchFor(once, times) })
  }
  for (const [title, create] of Object.entries(FAN_OUTS)) await add(title, await create(), expected)
  const asking = await createAsking()
  for (const [title, create] of Object.entries(ASKS)) {
    await add(title, create(asking), { index: 3, squared: 9 })
  }
  const rounds = quick ? { warmUpRounds: 1, rounds: 6 } : { warmUpRounds: 4, rounds: 25 }
  const samples = await interleave(subjects, rounds, async ({ once, batch }) => {
    globalThis.gc({ type: 'minor' })
    const tookMs = await timed(async () => {
      for (let i = 0; i < batch; i++) await once()
    })
    return (tookMs * 1_000) / batch
  })
  return subjects.map(({ title }, at) => ({ title, us: spread(samples[at]) }))
}

export function report(rows) {
  const medianOf = (wanted) => rows.find(({ title }) => title === wanted).us.median
  const fanOuts = rows.filter(({ title }) => title in FAN_OUTS)
  const [asks, without] = Object.keys(ASKS).map(medianOf)
  const measured = table(
    `A fan-out to ${BRANCHES} branches and their join, microseconds (median of ${rows[0].us.samples} rounds)`,
    ['', 'µs', 'half of the rounds', '÷ ours', `÷ ${PLAIN}`],
    fanOuts.map(({ title, us }) => [
      title === OURS ? 'nanoagent bus' : title,
      digits(us.median),
      `${digits(us.from)} – ${digits(us.to)}`,
      ratio(us.median, medianOf(OURS)),
      ratio(us.median, medianOf(PLAIN)),
    ]),
  )
  const goals = [
    ...Object.entries(PEERS).map(([title, atLeast]) => ({
      what: `${title} ÷ ours`,
      measured: medianOf(title) / medianOf(OURS),
      atLeast,
    })),
    {
      what: `ours ÷ ${PLAIN}`,
      measured: medianOf(OURS) / medianOf(PLAIN),
      atMost: OVER_PLAIN,
    },
  ]
  return [
    measured,
    goalTable(goals),
    `  ${Object.keys(ASKS)[0]}: ${digits(asks)} µs; ${Object.keys(ASKS)[1]}: ` +
      `${digits(without)} µs; so an ask and its reply take ${digits(asks - without)} µs.`,
  ].join('\n\n')
}
