import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { type Bus, createBus } from '../bus.ts'
import { defineJoin } from '../join-type.ts'
import { defineMessage } from '../message-type.ts'
import type { JournalRecord } from '../records.ts'
import { sharedContext } from './context.ts'
import { causalGraph, causesOf, coneOf } from './graph.ts'

const Asked = defineMessage('asked', z.string())
const Noted = defineMessage('noted', z.string())
const Answered = defineMessage('answered', z.string())

async function recordsOf(bus: Bus, runId: string): Promise<JournalRecord[]> {
  const records: JournalRecord[] = []
  for await (const record of bus.journal.read({ runId })) records.push(record)
  return records
}

/** A run whose first attempt fails, with a further message from outside. */
async function recordRun(): Promise<JournalRecord[]> {
  await using bus = createBus()
  const hasNoted = Promise.withResolvers<void>()
  bus.subscribe('writer', {
    accepts: [Asked],
    backoffMs: 0,
    async handle(message, ctx) {
      ctx.log('writing')
      await ctx.step({ name: 'look', request: ctx.attempt, perform: () => 'seen' })
      if (ctx.attempt === 1) throw new Error('not yet')
      await hasNoted.promise
      ctx.handoff('editor', Asked, message.data)
    },
  })
  bus.subscribe('editor', {
    accepts: [Asked],
    handle: (message, ctx) => ctx.handoff('coordinator', Answered, message.data),
  })
  bus.subscribe('reader', { accepts: [Noted], handle: () => hasNoted.resolve() })
  const run = bus.publish('writer', Asked, 'why', { terminal: Answered, runId: 'run' })
  await run.publish('reader', Noted, 'by the way')
  expect(await run.result).toMatchObject({ status: 'completed' })
  return recordsOf(bus, 'run')
}

describe('causalGraph', () => {
  it('has the messages, and the edges that the settlements tell', async () => {
    const graph = causalGraph(await recordRun())

    expect(graph).toMatchObject({ runId: 'run', root: 'run', status: 'completed' })
    expect([...graph.nodes.keys()].sort()).toEqual(['run', 'run.h', 'run.h.h', 'run.x1'])
    expect(graph.edges).toContainEqual({ kind: 'published-by', from: 'run', to: 'run.h' })
    expect(graph.edges).toContainEqual({ kind: 'published-by', from: 'run.h', to: 'run.h.h' })
    expect(graph.edges).toContainEqual({ kind: 'published-into', from: 'run', to: 'run.x1' })
    expect(graph.edges).toHaveLength(3)
  })

  it('has what became of each message', async () => {
    const { nodes } = causalGraph(await recordRun())
    const [first, second] = nodes.get('run')?.attempts ?? []

    expect(first).toMatchObject({ outcome: 'failed', error: { message: 'not yet' }, starts: 1 })
    expect(second).toMatchObject({ outcome: 'done' })
    expect([first, second].map((attempt) => attempt?.steps.map(({ name }) => name))).toEqual([
      ['look'],
      ['look'],
    ])
    expect(second?.logs.map(({ text }) => text)).toEqual(['writing'])
    expect(nodes.get('run.h.h')?.attempts).toEqual([])
  })

  it('reads an open run as far as it got, and a dead one with its reason', async () => {
    const records = await recordRun()
    const open = causalGraph(records.slice(0, 3))
    expect(open.status).toBeUndefined()
    expect(open.nodes.get('run')?.attempts.map(({ outcome }) => outcome)).not.toContain('done')

    await using bus = createBus()
    await bus.publish('nobody', Asked, 'why', { terminal: Answered, runId: 'lost' }).result
    const lost = causalGraph(await recordsOf(bus, 'lost'))
    expect(lost.status).toBe('failed')
    expect(lost.nodes.get('lost')?.attempts).toMatchObject([
      { outcome: 'dead', reason: 'unaddressed' },
    ])
  })

  it('reads nothing as nothing', () => {
    expect(causalGraph([])).toMatchObject({ edges: [], nodes: new Map() })
  })
})

describe('coneOf and causesOf', () => {
  it('are the closures over the edges, in both directions', async () => {
    const graph = causalGraph(await recordRun())

    expect([...coneOf(graph, 'run')].sort()).toEqual(['run', 'run.h', 'run.h.h', 'run.x1'])
    expect(coneOf(graph, 'run.h')).toEqual(['run.h', 'run.h.h'])
    expect(coneOf(graph, 'run.x1')).toEqual(['run.x1'])
    expect(causesOf(graph, 'run.h.h')).toEqual(['run.h.h', 'run.h', 'run'])
    expect(causesOf(graph, 'run.x1')).toEqual(['run.x1', 'run'])
  })
})

describe('sharedContext', () => {
  it('is the causal past of a message, not what happened elsewhere in the run', async () => {
    const records = await recordRun()

    const { request, history } = sharedContext(records, 'run.h')
    expect(request?.data).toBe('why')
    expect(history.map(({ id }) => id)).toEqual(['run', 'run.h'])
    expect(sharedContext(records, 'run.x1').history.map(({ id }) => id)).toEqual(['run', 'run.x1'])
    expect(sharedContext(records, 'elsewhere')).toEqual({ request: undefined, history: [] })
  })
})

const Hinted = defineMessage('hinted', z.string())
const HintWanted = defineMessage('hint.wanted', z.string(), { reply: Hinted })
const AllNoted = defineJoin('all.noted', [Noted], { policy: 'all-settled' })

/** A run in which `planner` asks and fans out to `reader`, one of whom dies; `ear` listens. */
async function recordTogether(): Promise<JournalRecord[]> {
  await using bus = createBus()
  bus.subscribe('planner', {
    accepts: [Asked],
    async handle(_message, ctx) {
      const hint = await ctx.ask('oracle', HintWanted, 'how?')
      const branches = ['good', 'bad'].map((data) => ({ to: 'reader', type: Asked, data }) as const)
      ctx.fanOut(branches, { to: 'editor', type: AllNoted })
      ctx.log(hint)
    },
  })
  bus.subscribe('oracle', {
    accepts: [HintWanted],
    handle: (_message, ctx) => ctx.reply(Hinted, 'so'),
  })
  bus.subscribe('reader', {
    accepts: [Asked],
    attempts: 1,
    handle(message, ctx) {
      if (message.data === 'bad') throw new Error('illegible')
      ctx.handoff('editor', Noted, message.data)
    },
  })
  bus.subscribe('editor', {
    accepts: [AllNoted],
    handle: (_message, ctx) => ctx.handoff('coordinator', Answered, 'done'),
  })
  bus.listen('ear', {
    accepts: [Hinted],
    attempts: 1,
    handle() {
      throw new Error('deaf')
    },
  })
  const run = bus.publish('planner', Asked, 'why', { terminal: Answered, runId: 'run' })
  expect(await run.result).toMatchObject({ status: 'completed' })
  return recordsOf(bus, 'run')
}

describe('the graph of agents together', () => {
  it('has asks and replies, fan-outs and joins as edges', async () => {
    const { nodes, edges } = causalGraph(await recordTogether())

    expect(edges.map(({ kind, from, to }) => `${from} ${kind} ${to}`)).toEqual([
      'run published-by run.a1-1',
      'run.a1-1 published-by run.a1-1.r',
      'run.a1-1.r replied-to run',
      'run published-by run.b1',
      'run published-by run.b2',
      'run.b1 published-by run.b1.h',
      'run published-by run.j',
      'run.b1.h joined-into run.j',
      'run.b2 joined-into run.j',
      'run.j published-by run.j.h',
    ])
    expect(nodes.get('run.a1-1')?.asked).toEqual({ attempt: 1, step: 1 })
    expect(nodes.get('run')?.fanOut).toMatchObject({ to: 'editor', join: 'all.noted' })
    expect(nodes.get('run.j')?.joined).toEqual(['run.b1.h', 'run.b2'])
  })

  it('marks the first failure, but not that of a listener', async () => {
    const { firstFailure, nodes } = causalGraph(await recordTogether())

    expect(firstFailure).toEqual({ messageId: 'run.b2', attempt: 1 })
    expect(nodes.get('run.a1-1.r')?.copies).toMatchObject([
      { listener: 'ear', attempts: [{ outcome: 'dead', error: { message: 'deaf' } }] },
    ])
  })

  it('has cones that go through joins and replies', async () => {
    const graph = causalGraph(await recordTogether())

    expect(coneOf(graph, 'run.b1')).toEqual(['run.b1', 'run.b1.h', 'run.j', 'run.j.h'])
    expect(coneOf(graph, 'run.a1-1')).toContain('run.j.h')
    expect(causesOf(graph, 'run.j')).toEqual(
      expect.arrayContaining(['run', 'run.b1.h', 'run.b1', 'run.b2', 'run.a1-1.r', 'run.a1-1']),
    )
  })

  it('has the branches in the past of a join, and the answers in that of what followed from them', async () => {
    const records = await recordTogether()

    expect(sharedContext(records, 'run.j').history.map(({ id }) => id)).toEqual([
      'run',
      'run.a1-1',
      'run.a1-1.r',
      'run.b1',
      'run.b1.h',
      'run.b2',
      'run.j',
    ])
    expect(sharedContext(records, 'run.a1-1').history.map(({ id }) => id)).toEqual([
      'run',
      'run.a1-1',
    ])
  })
})
