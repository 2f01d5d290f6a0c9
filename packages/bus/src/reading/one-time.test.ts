import { fc, test as propertyTest } from '@fast-check/vitest'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { createBus } from '../bus.ts'
import { createMemoryJournal } from '../journals/memory.ts'
import { defineMessage, type MessageType } from '../message-type.ts'
import { createVirtualRuntime } from '../testing/virtual-runtime.ts'
import { causalGraph } from './graph.ts'
import { inOneTime, readInOneTime } from './one-time.ts'
import { otlpTraces } from './otlp/otlp.ts'
import { readRun } from './read-run.ts'

const Told = defineMessage('told', z.object({ text: z.string() }))
const Hinted = defineMessage('hinted', z.object({ text: z.string() }))
const Wanted = defineMessage('wanted', z.object({ text: z.string() }), { reply: Hinted })

/** Milliseconds that each step takes. */
const STEP_MS = 100
const DAY_MS = 86_400_000

/** A run in which one step of a failed attempt, an ask, and work of two roles take time; and forks of it. */
async function world() {
  const runtime = createVirtualRuntime()
  const journal = createMemoryJournal({ runtime })
  const bus = createBus({ journal, runtime })
  const slow = () => new Promise<string>((done) => void runtime.setTimer(STEP_MS, () => done('so')))
  bus.subscribe('one', {
    accepts: [Told],
    attempts: 2,
    backoffMs: 0,
    async handle(_message, ctx) {
      await ctx.step({ name: 'look', request: 1, perform: slow })
      if (ctx.attempt === 1) throw new Error('not yet')
      const { text } = await ctx.ask('helper', Wanted, { text: 'why' })
      await ctx.step({ name: 'think', request: text, perform: slow })
      ctx.handoff('two', Told, { text })
    },
  })
  bus.subscribe('helper', {
    accepts: [Wanted],
    async handle({ data }, ctx) {
      await ctx.step({ name: 'help', request: data.text, perform: slow })
      ctx.reply(Hinted, { text: `since ${data.text}` })
    },
  })
  bus.subscribe('two', {
    accepts: [Told],
    async handle({ data }, ctx) {
      await ctx.step({ name: 'write', request: data.text, perform: slow })
      ctx.handoff('coordinator', Told, data)
    },
  })
  const ended = async (run: { readonly result: Promise<unknown> }) => {
    await runtime.advance(60_000)
    await run.result
  }
  const parent = bus.publish('one', Told, { text: 'go' }, { terminal: Told })
  await ended(parent)
  const types = new Map<string, MessageType>([Hinted, Told].map((type) => [type.name, type]))
  const fork = async (runId: string, path: string, text?: string) => {
    const data = text === undefined ? {} : { data: { text } }
    const run = await bus.fork(runId, { at: `${runId}${path}`, types, ...data })
    await ended(run)
    return run.id
  }
  return { runtime, journal, runId: parent.id, fork }
}

const PATHS = ['', '.a2-2', '.a2-2.r', '.h', '.h.h'] as const

/** What of the records is not in one time: from the opening on, with what is part of something within it. */
function misplaced(records: Parameters<typeof otlpTraces>[0], mostMs: number): readonly string[] {
  const graph = causalGraph(records)
  const spans = otlpTraces(records)?.resourceSpans[0]?.scopeSpans[0]?.spans ?? []
  const times = new Map(
    spans.map((span) => [
      span.spanId,
      [
        Number(BigInt(span.startTimeUnixNano) / 1_000_000n),
        Number(BigInt(span.endTimeUnixNano) / 1_000_000n),
      ] as const,
    ]),
  )
  const whole = times.get(spans[0]?.spanId ?? '') ?? [0, 0]
  const wrong: string[] = []
  for (const { name, spanId, parentSpanId = '' } of spans) {
    const [from, to] = times.get(spanId) ?? [0, 0]
    const [parentFrom, parentTo] = times.get(parentSpanId) ?? whole
    // What is sent is handled after it was sent, and a join is sent after its fan-out is done.
    const isPart = !/^(send|process) /.test(name)
    if (to < from || to - from > mostMs) wrong.push(`${name} takes ${to - from} ms`)
    if (from < parentFrom || (isPart && to > parentTo)) {
      wrong.push(`${name} is ${from} to ${to}, around it ${parentFrom} to ${parentTo}`)
    }
    if (to > whole[1]) wrong.push(`${name} ends ${to - whole[1]} ms after the run`)
  }
  for (const { message } of graph.nodes.values()) {
    if (message.sentAt < (graph.openedAt ?? 0)) wrong.push(`${message.id} is before the run`)
  }
  return wrong
}

describe('a fork in one time', () => {
  propertyTest.prop([
    fc.constantFrom(...PATHS),
    fc.constantFrom(...PATHS),
    fc.option(fc.constant('other'), { nil: undefined }),
    fc.constantFrom(0, 1, 500, DAY_MS),
  ])('has no gap, wherever and whenever it is made', async (path, again, text, laterMs) => {
    const { runtime, journal, runId, fork } = await world()
    const before = await Array.fromAsync(journal.read({ runId }))
    runtime.jump(laterMs)
    const child = await fork(runId, path, text)
    runtime.jump(laterMs)
    const grandchild = await fork(child, again, text)
    for (const id of [child, grandchild]) {
      const reading = await readRun(journal, id)
      const shown = await readInOneTime(journal, reading)
      expect(misplaced(shown.records, 12 * STEP_MS)).toEqual([])
      expect(shown.summary).toBe(reading.summary)
      expect(await Array.fromAsync(journal.read({ runId: id }))).toEqual(reading.records)
      expect(inOneTime(shown.records)).toEqual(shown.records)
    }
    expect(inOneTime(before)).toBe(before)
  })

  test('keeps how long everything took, and says when it was made', async () => {
    const { runtime, journal, runId, fork } = await world()
    runtime.jump(DAY_MS)
    const id = await fork(runId, '.a2-2', 'how')
    const { graph } = await readInOneTime(journal, await readRun(journal, id))
    const raw = await readRun(journal, id)
    // The failed attempt and the first step of the next were served.
    expect([graph.forkedAt, (graph.forkedAt ?? 0) - (graph.openedAt ?? 0)]).toEqual([
      raw.summary.openedAt,
      2 * STEP_MS,
    ])
    const [failed, done] = graph.nodes.get(id)?.attempts ?? []
    expect((failed?.endedAt ?? 0) - (failed?.startedAt ?? 0)).toBe(STEP_MS)
    expect((done?.endedAt ?? 0) - (done?.startedAt ?? 0)).toBe(2 * STEP_MS)
    const sentAt = (path: string) => graph.nodes.get(`${id}${path}`)?.message.sentAt ?? 0
    expect(sentAt('.a2-2.r') - sentAt('.a2-2')).toBe(STEP_MS)
    expect((graph.endedAt ?? 0) - (graph.forkedAt ?? 0)).toBe(3 * STEP_MS)
  })
})
