import { test } from '@fast-check/vitest'
import { describe, expect, it } from 'vitest'
import { generatedRun, recordRun, SECRET_VALUE } from '../../../test/generated-run.ts'
import { startOtlpReceiver } from '../../../test/otlp-receiver.ts'
import type { JournalRecord } from '../../records.ts'
import { otlpTraces } from './otlp.ts'
import type { OtlpSpan } from './spans.ts'

const leaf = {
  role: 3,
  fails: 0,
  text: 'x',
  kinds: [],
  asks: [],
  next: { kind: 'finish' },
} as const
const PLAN = {
  roles: ['planner', 'oracle', 'reader', 'editor'],
  root: {
    ...leaf,
    role: 0,
    kinds: ['model', 'tool'],
    asks: [{ ...leaf, role: 1 }],
    next: {
      kind: 'fan-out',
      policy: 'all-settled',
      branches: [
        { ...leaf, role: 2, fails: 1, text: 'illegible' },
        { ...leaf, role: 2, fails: 2, text: 'torn' },
      ],
      join: leaf,
    },
  },
} as const

function spansOf(records: readonly JournalRecord[], options = {}): readonly OtlpSpan[] {
  const traces = otlpTraces(records, options)
  return traces?.resourceSpans[0]?.scopeSpans[0]?.spans ?? []
}

function lines(spans: readonly OtlpSpan[], parentSpanId?: string, indent = ''): readonly string[] {
  return spans
    .filter((span) => span.parentSpanId === parentSpanId)
    .flatMap((span) => [
      `${indent}${span.name}${span.status?.code === 2 ? ' ✗' : ''}`,
      ...lines(spans, span.spanId, `${indent}  `),
    ])
}

describe('otlpTraces', () => {
  it('is a tree of what led to what', async () => {
    expect(lines(spansOf(await recordRun(PLAN)))).toMatchInlineSnapshot(`
      [
        "invoke_workflow generated",
        "  send planner",
        "    process planner",
        "      invoke_agent planner",
        "        chat model",
        "          effect inner",
        "        execute_tool tool",
        "          effect inner",
        "        send oracle",
        "          process oracle",
        "            invoke_agent oracle",
        "              send planner",
        "                process ear;->>end",
        "                  invoke_agent ear;->>end",
        "        send reader",
        "          process reader",
        "            invoke_agent reader ✗",
        "            invoke_agent reader",
        "              send editor",
        "                process ear;->>end",
        "                  invoke_agent ear;->>end",
        "          process ear;->>end",
        "            invoke_agent ear;->>end",
        "        send reader",
        "          process reader ✗",
        "            invoke_agent reader ✗",
        "            invoke_agent reader ✗",
        "          process ear;->>end",
        "            invoke_agent ear;->>end",
        "        send editor",
        "          process editor",
        "            invoke_agent editor",
        "              send coordinator",
        "    process ear;->>end",
        "      invoke_agent ear;->>end",
      ]
    `)
  })

  test.prop([generatedRun()])(
    'is one tree, the same each time, with times in order',
    async (plan) => {
      const records = await recordRun(plan)
      for (const part of [records, records.slice(0, records.length / 2)]) {
        const spans = spansOf(part)
        const ids = new Set(spans.map(({ spanId }) => spanId))

        expect(ids.size).toBe(spans.length)
        expect(spans.filter(({ parentSpanId }) => parentSpanId === undefined)).toHaveLength(1)
        for (const { traceId, spanId, parentSpanId, links, ...span } of spans) {
          expect(traceId).toMatch(/^[0-9a-f]{32}$/)
          expect(spanId).toMatch(/^[0-9a-f]{16}$/)
          expect(parentSpanId === undefined || ids.has(parentSpanId)).toBe(true)
          expect(links.every((link) => ids.has(link.spanId))).toBe(true)
          expect(BigInt(span.endTimeUnixNano) >= BigInt(span.startTimeUnixNano)).toBe(true)
        }
        expect(lines(spans)).toHaveLength(spans.length)
        expect(spansOf(part)).toEqual(spans)
      }
    },
  )

  it('has the attributes of the conventions', async () => {
    const spans = spansOf(await recordRun(PLAN), { provider: 'openai' })
    const shown = (name: string) => {
      const span = spans.find((one) => one.name === name)
      const values = span?.attributes.map(({ key, value }) => [key, Object.values(value)[0]]) ?? []
      return { kind: span?.kind, ...Object.fromEntries(values) }
    }

    expect(shown('invoke_workflow generated')).toMatchInlineSnapshot(`
      {
        "gen_ai.conversation.id": "run",
        "gen_ai.operation.name": "invoke_workflow",
        "gen_ai.usage.input_tokens": "3",
        "gen_ai.usage.output_tokens": "4",
        "gen_ai.workflow.name": "generated",
        "kind": 1,
        "nanoagent.run.id": "run",
        "nanoagent.run.status": "completed",
      }
    `)
    expect(shown('invoke_agent planner')).toMatchInlineSnapshot(`
      {
        "gen_ai.agent.id": "generated/planner",
        "gen_ai.agent.name": "planner",
        "gen_ai.conversation.id": "run",
        "gen_ai.operation.name": "invoke_agent",
        "gen_ai.provider.name": "openai",
        "kind": 1,
        "nanoagent.attempt": "1",
        "nanoagent.outcome": "done",
      }
    `)
    expect(shown('chat model')).toMatchInlineSnapshot(`
      {
        "gen_ai.conversation.id": "run",
        "gen_ai.operation.name": "chat",
        "gen_ai.provider.name": "openai",
        "gen_ai.request.model": "model",
        "gen_ai.usage.input_tokens": "3",
        "gen_ai.usage.output_tokens": "4",
        "kind": 3,
        "nanoagent.step.id": "run/1.1",
      }
    `)
    expect(shown('execute_tool tool')).toMatchInlineSnapshot(`
      {
        "gen_ai.operation.name": "execute_tool",
        "gen_ai.tool.call.id": "run/1.2",
        "gen_ai.tool.name": "tool",
        "gen_ai.tool.type": "function",
        "kind": 1,
        "nanoagent.step.id": "run/1.2",
      }
    `)
    expect(shown('send planner')).toMatchInlineSnapshot(`
      {
        "kind": 4,
        "messaging.destination.name": "planner",
        "messaging.message.body.size": "35",
        "messaging.message.conversation_id": "run",
        "messaging.message.id": "run",
        "messaging.operation.name": "send",
        "messaging.operation.type": "send",
        "messaging.system": "nanoagent",
        "nanoagent.handoff.from": "coordinator",
        "nanoagent.handoff.to": "planner",
        "nanoagent.message.type": "work.wanted",
      }
    `)
    expect(shown('process planner')).toMatchInlineSnapshot(`
      {
        "kind": 5,
        "messaging.consumer.group.name": "planner",
        "messaging.destination.name": "planner",
        "messaging.message.conversation_id": "run",
        "messaging.message.id": "run",
        "messaging.operation.name": "process",
        "messaging.operation.type": "process",
        "messaging.system": "nanoagent",
        "nanoagent.handoff.from": "coordinator",
        "nanoagent.handoff.to": "planner",
        "nanoagent.message.type": "work.wanted",
        "nanoagent.outcome": "done",
      }
    `)
    expect(shown('invoke_agent reader')).toMatchInlineSnapshot(`
      {
        "error.type": "error",
        "gen_ai.agent.id": "generated/reader",
        "gen_ai.agent.name": "reader",
        "gen_ai.conversation.id": "run",
        "gen_ai.operation.name": "invoke_agent",
        "gen_ai.provider.name": "openai",
        "kind": 1,
        "nanoagent.attempt": "1",
        "nanoagent.outcome": "failed",
      }
    `)
  })

  it('links a join to what it joined', async () => {
    const spans = spansOf(await recordRun(PLAN))
    const join = spans.find(({ name, links }) => name === 'send editor' && links.length > 0)

    expect(
      join?.links.map((link) => spans.find(({ spanId }) => spanId === link.spanId)?.name),
    ).toEqual(['send editor', 'send reader'])
  })

  it('has no content unless it is asked for, and secrets as handles even then', async () => {
    const records = await recordRun({ ...PLAN, root: { ...PLAN.root, text: 'a word of the user' } })

    expect(JSON.stringify(otlpTraces(records))).not.toContain('a word of the user')
    const withContent = JSON.stringify(otlpTraces(records, { content: true }))
    expect(withContent).toContain('a word of the user')
    expect(withContent).toContain('secret:')
    expect(withContent).not.toContain(SECRET_VALUE)
  })

  it('is nothing where nothing is recorded', () => {
    expect(otlpTraces([])).toBeUndefined()
  })
})

describe('an OTLP receiver', () => {
  it('takes an export and gives it back', async () => {
    const traces = otlpTraces(await recordRun(PLAN), { content: true })
    const spans = traces?.resourceSpans[0]?.scopeSpans[0]?.spans ?? []
    await using receiver = await startOtlpReceiver()

    expect(await receiver.post(JSON.stringify(traces))).toBe(200)

    const received = await receiver.read(spans[0]?.traceId ?? '')
    expect(Object.keys(received.spans).sort()).toEqual(spans.map(({ spanId }) => spanId).sort())
    for (const { spanId, parentSpanId, name, startTimeUnixNano, attributes, status } of spans) {
      const span = received.spans[spanId]
      expect(span).toMatchObject({
        displayName: name,
        spanKind: expect.not.stringMatching('UNSPEC'),
      })
      expect(span?.parentSpanId).toBe(parentSpanId)
      expect(span?.startTime).toBe(Number(BigInt(startTimeUnixNano) / 1_000_000n))
      expect(Object.keys(span?.attributes ?? {})).toEqual(attributes.map(({ key }) => key))
      expect(span?.status?.code).toBe(status?.code)
    }
  })

  it('refuses what is no export, so that it means something', async () => {
    await using receiver = await startOtlpReceiver()
    const traces = otlpTraces(await recordRun(PLAN))

    expect(await receiver.post(JSON.stringify(traces).replaceAll('"name":', '"nom":'))).toBe(500)
  })
})
