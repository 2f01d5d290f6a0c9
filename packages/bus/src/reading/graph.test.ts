import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { type Bus, createBus } from '../bus.ts'
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
