import { defineMessage, InvalidMessageError, TerminalError } from '@nanoagent/bus'
import { describe, expect, expectTypeOf, it, vi } from 'vitest'
import { z } from 'zod'
import { defineAgent } from '../agent.ts'
import { to } from '../routes.ts'
import { defineTool } from '../tool.ts'
import { createScriptedModel, createVirtualRuntime, message, runAgent, sleep } from './index.ts'

const Asked = defineMessage('question.asked', z.object({ text: z.string() }))
const Drafted = defineMessage(
  'text.drafted',
  z.object({ text: z.string(), stars: z.number().default(1) }),
)
const Approved = defineMessage('text.approved', z.object({ by: z.string() }))

const writer = defineAgent({
  role: 'writer',
  description: 'Writes.',
  accepts: [Asked],
  emits: [to('editor', Drafted)],
  async handle({ data }, ctx) {
    ctx.log('Writing...')
    const text = await ctx.generate({ prompt: data.text })
    ctx.handoff('editor', Drafted, { text }, 'Written.')
  },
})

/** Approves, sends back, or falls silent. */
const editor = defineAgent({
  role: 'editor',
  description: 'Edits.',
  accepts: [Drafted, Asked],
  emits: [to('writer', Asked), to('coordinator', Approved), to('editor', Drafted)],
  handle(received, ctx) {
    if (received.type === 'question.asked') return
    const { text, stars } = received.data
    if (stars > 3) ctx.handoff('coordinator', Approved, { by: `${ctx.context.request.from}` })
    else if (stars > 1) ctx.handoff('editor', Drafted, { text, stars: 5 })
    else ctx.handoff('writer', Asked, { text: `better: ${ctx.context.latest(Asked)?.data.text}` })
  },
})

describe('runAgent', () => {
  it('gives what the agent handed off, and what led there', async () => {
    const model = createScriptedModel({ writer: [{ content: 'A text.' }] })

    const run = await runAgent(writer, { text: 'Write.' }, { model })

    expect(run).toMatchObject({
      status: 'completed',
      handoff: { from: 'writer', to: 'editor', type: 'text.drafted', content: 'Written.' },
      usage: { modelCalls: 1 },
    })
    expect(run.reason).toBeUndefined()
    expect(run.handoff?.data).toEqual({ text: 'A text.', stars: 1 })
    expect(run.history).toEqual([run.handoff])
    expect(run.messages.map(({ type }) => type)).toEqual(['question.asked', 'text.drafted'])
    expect(run.logs).toMatchObject([{ role: 'writer', text: 'Writing...' }])
    expect(run.requests).toMatchObject([{ messages: [{ content: 'Write.' }] }])
    expect(run.records.at(-1)).toMatchObject({ kind: 'run.ended' })
  })

  it('asks the offline model of the agent where there is no other', async () => {
    const run = await runAgent(writer, { text: 'Write.' })

    expect(run.handoff?.data.text).toBe("'writer' has no offline answer.")
  })

  it('takes any way out of the agent, to the coordinator, to others or to itself', async () => {
    const back = await runAgent(editor, message(Drafted, { text: 'x' }))
    const again = await runAgent(editor, message(Drafted, { text: 'x', stars: 2 }))
    const on = await runAgent(editor, message(Drafted, { text: 'x', stars: 4 }))

    expect([back, again, on].map(({ status, handoff }) => [status, handoff?.to])).toEqual([
      ['completed', 'writer'],
      ['completed', 'editor'],
      ['completed', 'coordinator'],
    ])
  })

  it('takes two types to the coordinator', async () => {
    const split = defineAgent({
      role: 'split',
      description: 'Ends in one of two ways.',
      accepts: [Asked],
      emits: [to('coordinator', Drafted), to('coordinator', Approved)],
      handle: (_message, ctx) => ctx.handoff('coordinator', Approved, { by: 'split' }),
    })

    const run = await runAgent(split, { text: '' })

    expect(run).toMatchObject({ status: 'completed', handoff: { type: 'text.approved' } })
    expect([run.reason, run.error]).toEqual([undefined, undefined])
  })

  it('shows the agent its past, even one that it was part of itself', async () => {
    const past = [
      message(Asked, { text: 'first' }),
      message(Drafted, { text: 'x' }, { from: 'writer', content: 'Here.' }),
      message(Asked, { text: 'second' }, { from: 'editor' }),
    ]

    const run = await runAgent(editor, message(Drafted, { text: 'y' }, { from: 'writer' }), {
      past,
    })

    expect(run.handoff?.data).toEqual({ text: 'better: second' })
    expect(run.history).toHaveLength(1)
    expect(run.messages.map((sent) => `${sent.from} → ${sent.to}: ${sent.content}`)).toEqual([
      'coordinator → writer: Handing off to Writer.',
      'writer → editor: Here.',
      'editor → writer: Handing off to Writer.',
      'writer → editor: Handing off to Editor.',
      'editor → writer: Handing off to Writer.',
    ])
  })

  it('has senders for a past that names none', async () => {
    const past = [message(Asked, { text: 'first' }), message(Asked, { text: 'second' })]

    const run = await runAgent(editor, message(Drafted, { text: 'y' }), { past })

    expect(run.handoff?.data).toEqual({ text: 'better: second' })
    expect(run.messages.slice(0, 3).map(({ to }) => to)).toEqual(['sender-1', 'sender-2', 'editor'])
  })

  it('fails with reason and error where the agent does', async () => {
    const failing = { ...writer, handle: () => Promise.reject(new TerminalError('no ink')) }

    const run = await runAgent(failing, { text: '' })

    expect(run).toMatchObject({
      status: 'failed',
      reason: "'writer' failed at question.asked: no ink",
      error: { code: 'terminal', message: 'no ink' },
      history: [],
    })
    expect(run.handoff).toBeUndefined()
  })

  it('says what failed before, where the script has no answer for another attempt', async () => {
    const clumsy: typeof writer = {
      ...writer,
      async handle(message, ctx) {
        await ctx.generate({ prompt: message.data.text })
        throw new Error('no ink')
      },
    }
    const model = createScriptedModel({ writer: [{ content: 'A text.' }] })

    const { reason } = await runAgent(clumsy, { text: 'Write.' }, { model })

    expect(reason).toContain("expected no further request of 'writer'")
    expect(reason).toContain('it asks again because an attempt failed: no ink')
    expect(() => model.assertDone()).toThrow('because an attempt failed: no ink')
  })

  it('is stalled where the agent hands nothing off', async () => {
    const run = await runAgent(editor, message(Asked, { text: '' }))

    expect(run).toMatchObject({ status: 'stalled', history: [] })
    expect(run.reason).toContain("'editor' handled question.asked and handed nothing off")
  })

  it('refuses what the agent cannot be given', async () => {
    // @ts-expect-error a number is no text
    await expect(runAgent(writer, { text: 1 })).rejects.toThrow(InvalidMessageError)
    // @ts-expect-error a draft is not accepted
    await expect(runAgent(writer, message(Drafted, { text: 'x' }))).rejects.toThrow(
      "'writer' does not accept text.drafted (it accepts question.asked)",
    )
    // @ts-expect-error which of its types it is must be said
    await expect(runAgent(editor, { text: 'x' })).rejects.toThrow(
      "'editor' accepts several types (text.drafted, question.asked): say which with message",
    )
    // @ts-expect-error a number is no text in the past either
    expect(() => message(Asked, { text: 1 })).toThrow(InvalidMessageError)
  })

  it('can be cancelled', async () => {
    const stop = new AbortController()
    const model = createScriptedModel({
      writer: [
        () => {
          stop.abort(new Error('enough'))
          return { content: 'late', delayMs: 1 }
        },
      ],
    })

    const run = await runAgent(writer, { text: '' }, { model, signal: stop.signal })

    expect(run).toMatchObject({ status: 'cancelled', reason: 'cancelled: enough' })
  })

  it('makes the same of the same seed, times and ids included', async () => {
    const lucky = {
      ...writer,
      handle: (_: unknown, ctx: Parameters<typeof writer.handle>[1]) => {
        ctx.handoff('editor', Drafted, { text: `${ctx.random()}` })
      },
    }
    const runOf = (seed: number) =>
      runAgent(lucky, { text: '' }, { runtime: createVirtualRuntime({ seed }) })

    expect((await runOf(1)).messages).toEqual((await runOf(1)).messages)
    expect((await runOf(1)).handoff).not.toEqual((await runOf(2)).handoff)
  })
})

describe('time in a test', () => {
  const clumsy = (failures: number) => ({
    ...writer,
    backoffMs: 60_000,
    maxBackoffMs: 60_000,
    handle: (_: unknown, ctx: Parameters<typeof writer.handle>[1]) => {
      if (ctx.attempt <= failures) throw new Error('dropped the pen')
      ctx.handoff('editor', Drafted, { text: `${ctx.attempt}` })
    },
  })

  it('passes by itself while the agent waits for its next attempt', async () => {
    const run = await runAgent(clumsy(2), { text: '' })

    expect(run.handoff?.data.text).toBe('3')
    expect(run.durationMs).toBeGreaterThan(1_000)
  })

  it('passes by itself while a model takes its time, or too much of it', async () => {
    const slow = (delayMs: number) =>
      createScriptedModel({ writer: [{ content: 'at last', delayMs }] })

    const inTime = await runAgent(writer, { text: '' }, { model: slow(200_000) })
    const tooLate = await runAgent(writer, { text: '' }, { model: slow(300_000) })
    const overdue = await runAgent(writer, { text: '' }, { model: slow(200_000), timeoutMs: 5_000 })

    expect(inTime).toMatchObject({ status: 'completed', durationMs: 200_000 })
    expect(tooLate).toMatchObject({ status: 'failed', error: { code: 'wait_timeout' } })
    expect(overdue).toMatchObject({ status: 'timed_out', durationMs: 5_000 })
  })

  it('passes by itself while a tool sleeps on the clock', async () => {
    const runtime = createVirtualRuntime({ startAt: Date.UTC(2030, 0) })
    const nap = defineTool({
      name: 'nap',
      description: 'Sleeps.',
      parameters: z.object({}),
      result: z.number(),
      async execute(_parameters, { signal }) {
        await sleep(runtime, 90_000, signal)
        return runtime.now()
      },
    })
    const sleeper = defineAgent({
      ...writer,
      async handle(_message, ctx) {
        ctx.handoff('editor', Drafted, { text: `${await ctx.call(nap, {})} ${ctx.now()}` })
      },
    })

    const run = await runAgent(sleeper, { text: '' }, { runtime })
    const hasty = await runAgent({ ...sleeper, deliveryTimeoutMs: 100 }, { text: '' }, { runtime })

    const woken = Date.UTC(2030, 0, 1, 0, 1, 30)
    expect(run.handoff?.data.text).toBe(`${woken} ${woken}`)
    expect(hasty).toMatchObject({ status: 'failed', error: { code: 'delivery_timeout' } })
  })

  it('stands still while the agent waits for the world outside', async () => {
    const busy = defineAgent({
      ...writer,
      deliveryTimeoutMs: 10,
      async handle(_message, ctx) {
        for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve))
        ctx.handoff('editor', Drafted, { text: `${ctx.now()}` })
      },
    })

    const run = await runAgent(busy, { text: '' })

    expect(run).toMatchObject({ status: 'completed', durationMs: 0 })
  })

  it('passes while the test runner fakes its own', async () => {
    vi.useFakeTimers()
    const run = await runAgent(clumsy(1), { text: '' }).finally(() => vi.useRealTimers())

    expect(run.handoff?.data.text).toBe('2')
  })

  it('goes on when the agent waits for what never comes', async () => {
    const hanging = { ...writer, handle: () => new Promise(() => {}) }

    const run = await runAgent(hanging, { text: '' }, { patienceMs: 5 })

    expect(run).toMatchObject({ status: 'failed', error: { code: 'delivery_timeout' } })
    expect(run.durationMs).toBeGreaterThanOrEqual(360_000)
  })
})

/** Checked by the compiler; none of these functions is called. */
const checked = {
  given() {
    runAgent(writer, { text: 'x' })
    runAgent(writer, message(Asked, { text: 'x' }))
    runAgent(editor, message(Drafted, { text: 'x' }))
    // @ts-expect-error the text is missing
    runAgent(writer, {})
    // @ts-expect-error the writer accepts no approval
    runAgent(writer, message(Approved, { by: 'x' }))
    // @ts-expect-error nor does the editor, which accepts two types
    runAgent(editor, message(Approved, { by: 'x' }))
  },

  async handedOff() {
    const { handoff } = await runAgent(writer, { text: 'x' })
    expectTypeOf(handoff?.to).toEqualTypeOf<'editor' | undefined>()
    expectTypeOf(handoff?.type).toEqualTypeOf<'text.drafted' | undefined>()
    expectTypeOf(handoff?.data.stars).toEqualTypeOf<number | undefined>()
  },

  async handedOffInSeveralWays() {
    const { handoff } = await runAgent(editor, message(Drafted, { text: 'x' }))
    expectTypeOf(handoff?.to).toEqualTypeOf<'writer' | 'coordinator' | 'editor' | undefined>()
    if (handoff?.type === 'text.approved') {
      expectTypeOf(handoff.to).toEqualTypeOf<'coordinator'>()
      expectTypeOf(handoff.data).toEqualTypeOf<{ readonly by: string }>()
    }
    // @ts-expect-error which type it is must be asked first
    handoff?.data.by
  },
}

it('has types that the compiler checks', () => {
  expect(Object.keys(checked)).toHaveLength(3)
})
