import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { createBus } from '../bus.ts'
import { TerminalError } from '../errors.ts'
import type { Journal } from '../journal.ts'
import { createMemoryJournal } from '../journals/memory.ts'
import { defineMessage } from '../message-type.ts'
import { type DeadLetterReading, deadLetters } from './dead-letters.ts'
import type { ReadingQuery } from './list-runs.ts'

const Asked = defineMessage('asked', z.string())
const Answered = defineMessage('answered', z.string())

async function deadIn(
  journal: Journal,
  query?: ReadingQuery,
): Promise<readonly DeadLetterReading[]> {
  const found: DeadLetterReading[] = []
  for await (const letter of deadLetters(journal, query)) found.push(letter)
  return found
}

describe('deadLetters', () => {
  it('are of the newest run first, with their message, role, reason, error and attempts', async () => {
    await using bus = createBus()
    bus.subscribe('worker', {
      accepts: [Asked],
      attempts: 2,
      backoffMs: 0,
      handle({ data }) {
        throw data === 'hopeless' ? new TerminalError('no way') : new Error('broken')
      },
    })
    for (const [to, data] of [
      ['worker', 'broken'],
      ['worker', 'hopeless'],
      ['nobody', 'lost'],
    ] as const) {
      await bus.publish(to, Asked, data, { terminal: Answered, runId: data }).result
    }
    expect(await deadIn(bus.journal)).toMatchObject([
      { runId: 'lost', messageId: 'lost', role: 'nobody', attempts: 1, reason: 'unaddressed' },
      { runId: 'hopeless', role: 'worker', attempts: 1, reason: 'terminal' },
      {
        runId: 'broken',
        messageId: 'broken',
        role: 'worker',
        isCopy: false,
        message: { id: 'broken', type: 'asked', data: 'broken' },
        attempts: 2,
        reason: 'exhausted',
        error: { message: 'broken' },
        at: expect.any(Number),
      },
    ])
    expect(await deadIn(bus.journal, { text: 'hopeless' })).toHaveLength(1)
    expect(await deadIn(bus.journal, { status: ['completed'] })).toEqual([])
  })

  it('of a listener is a copy, which leaves its run as it is', async () => {
    await using bus = createBus()
    const isDone = Promise.withResolvers<void>()
    bus.listen('ear', {
      accepts: [Asked],
      attempts: 1,
      handle() {
        throw new Error('deaf')
      },
    })
    bus.subscribe('worker', {
      accepts: [Asked],
      async handle({ data }, ctx) {
        await isDone.promise
        ctx.handoff('coordinator', Answered, data)
      },
    })
    const run = bus.publish('worker', Asked, 'why', { terminal: Answered, runId: 'run' })
    const stop = new AbortController()
    for await (const record of bus.journal.follow({ signal: stop.signal })) {
      if (record.kind === 'settle') stop.abort()
    }
    isDone.resolve()
    expect(await run.result).toMatchObject({ status: 'completed' })
    expect(await deadIn(bus.journal, { status: ['completed'] })).toMatchObject([
      { messageId: 'run', role: 'ear', isCopy: true, error: { message: 'deaf' } },
    ])
  })

  it('are none any more once their run went on and they were handled', async () => {
    const journal = createMemoryJournal()
    await using bus = createBus({ journal })
    let isUp = false
    bus.subscribe('worker', {
      accepts: [Asked],
      attempts: 1,
      handle({ data }, ctx) {
        if (!isUp) throw new Error('down')
        ctx.handoff('coordinator', Answered, data)
      },
    })
    await bus.publish('worker', Asked, 'why', { terminal: Answered, runId: 'run' }).result
    expect(await deadIn(journal)).toHaveLength(1)
    isUp = true
    const resumed = await bus.resume('run', { reopen: true })
    expect(await resumed.result).toMatchObject({ status: 'completed' })
    expect(await deadIn(journal)).toEqual([])
  })
})
