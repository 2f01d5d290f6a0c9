import fc from 'fast-check'
import { describe, expect, it, test } from 'vitest'
import { z } from 'zod'
import { createBus } from '../bus.ts'
import { defineJoin } from '../join-type.ts'
import type { Journal } from '../journal.ts'
import { createMemoryJournal } from '../journals/memory.ts'
import { defineMessage } from '../message-type.ts'
import { RECORD_VERSION, type RecordDraft } from '../records.ts'
import { runStats } from './run-stats.ts'

const Started = defineMessage('started', z.string())
const Known = defineMessage('known', z.string())
const Wondered = defineMessage('wondered', z.string(), { reply: Known })
const Checked = defineMessage('checked', z.string())
const Joined = defineJoin('joined', [Checked])
const Ended = defineMessage('ended', z.string())

/** A run with a fan-out, a join, an ask, a retry, a model request and a listener. */
async function recorded(): Promise<Journal> {
  const journal = createMemoryJournal()
  await using bus = createBus({ journal })
  bus.subscribe('starter', {
    accepts: [Started, Joined],
    backoffMs: 0,
    async handle(message, ctx) {
      if (message.type === Joined.name) return void ctx.handoff('coordinator', Ended, 'x')
      if (ctx.attempt === 1) throw new Error('not yet')
      await ctx.ask('sage', Wondered, 'what')
      ctx.fanOut(
        [
          { to: 'checker', type: Started, data: 'a' },
          { to: 'checker', type: Started, data: 'b' },
        ],
        { to: 'starter', type: Joined },
      )
    },
  })
  bus.subscribe('checker', {
    accepts: [Started],
    async handle(_message, ctx) {
      await ctx.step({
        name: 'm',
        kind: 'model',
        request: 1,
        perform: () => 'seen',
        usage: () => ({ inputTokens: 10, outputTokens: 1 }),
      })
      ctx.handoff('starter', Checked, 'x')
    },
  })
  bus.subscribe('sage', {
    accepts: [Wondered],
    handle: (_message, ctx) => ctx.reply(Known, 'that'),
  })
  const run = bus.publish('starter', Started, 'x', { terminal: Ended })
  expect(await run.result).toMatchObject({ status: 'completed' })
  return journal
}

describe('runStats', () => {
  it('counts by role what was handled, handed off, asked, tried again and used', async () => {
    const { runs, status, roles, handoffs, usage } = await runStats(await recorded())
    expect({ runs, status }).toEqual({ runs: 1, status: { completed: 1 } })
    expect(roles).toMatchObject([
      { role: 'starter', handled: 2, handoffs: 3, asks: 1, retries: 1, dead: 0 },
      { role: 'sage', handled: 1, handoffs: 0, asks: 0, retries: 0, dead: 0 },
      { role: 'checker', handled: 2, handoffs: 2, usage: { inputTokens: 20, modelCalls: 2 } },
    ])
    expect(roles.map(({ attemptMs }) => attemptMs?.count)).toEqual([3, 1, 2])
    expect(handoffs).toEqual([
      { from: 'coordinator', to: 'starter', handoffs: 1 },
      { from: 'starter', to: 'checker', handoffs: 2 },
      { from: 'starter', to: 'coordinator', handoffs: 1 },
      { from: 'checker', to: 'starter', handoffs: 2 },
    ])
    expect(usage).toEqual({ inputTokens: 20, outputTokens: 2, modelCalls: 2, toolCalls: 0 })
  })

  it('counts dead letters, and what nobody plays', async () => {
    const journal = createMemoryJournal()
    await using bus = createBus({ journal })
    await bus.publish('nobody', Started, 'x', { terminal: Ended }).result
    const { status, roles } = await runStats(journal)
    expect(status).toEqual({ failed: 1 })
    expect(roles).toMatchObject([{ role: 'nobody', handled: 0, dead: 1 }])
    expect(roles[0]).not.toHaveProperty('attemptMs')
  })

  it('counts nothing in an empty journal, or where no run is asked for', async () => {
    const nothing = { runs: 0, status: {}, roles: [], handoffs: [] }
    expect(await runStats(createMemoryJournal())).toMatchObject(nothing)
    expect(await runStats(await recorded(), { status: ['failed'] })).toMatchObject(nothing)
  })

  test('have exact percentiles by nearest rank, whatever the order', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.nat(100_000), { minLength: 1, maxLength: 200 }),
        async (tookMs) => {
          const { roles } = await runStats(await journalOf(tookMs))
          const least = (part: number) =>
            Math.min(
              ...tookMs.filter(
                (ms) => tookMs.filter((other) => other <= ms).length >= part * tookMs.length,
              ),
            )
          expect(roles[0]?.attemptMs).toEqual({
            p50: least(0.5),
            p95: least(0.95),
            count: tookMs.length,
          })
        },
      ),
      { numRuns: 30 },
    )
  })
})

/** A journal with one delivery whose attempts took so long. */
async function journalOf(tookMs: readonly number[]): Promise<Journal> {
  const journal = createMemoryJournal()
  const runId = 'run'
  const limits = { maxHops: 32 }
  const place = { runId, type: 'a.b', from: 'coordinator', to: 'worker', sentAt: 1 }
  const batch: RecordDraft[] = [
    {
      kind: 'run.opened',
      version: RECORD_VERSION,
      runId,
      at: 1,
      terminal: 'c.d',
      limits,
      seed: 1,
      about: {},
    },
    {
      kind: 'message',
      runId,
      at: 1,
      message: { id: runId, ...place, content: '', data: {}, metadata: {} },
    },
    ...tookMs.map(
      (ms, index): RecordDraft => ({
        kind: 'settle',
        runId,
        at: 1_000 + ms,
        messageId: runId,
        attempt: index + 1,
        role: 'worker',
        outcome: 'failed',
        startedAt: 1_000,
        published: [],
      }),
    ),
  ]
  await journal.append(batch, { runId, epoch: 1, owner: 'me' })
  return journal
}
