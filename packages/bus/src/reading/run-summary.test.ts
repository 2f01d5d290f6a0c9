import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { createBus, type PublishOptions } from '../bus.ts'
import type { Journal } from '../journal.ts'
import { createMemoryJournal } from '../journals/memory.ts'
import { defineMessage } from '../message-type.ts'
import { secret } from '../secret.ts'
import { wrapJournal } from '../testing/wrap-journal.ts'
import { listRuns, type ReadingQuery } from './list-runs.ts'
import { readRun } from './read-run.ts'

const Asked = defineMessage('asked', z.unknown())
const Answered = defineMessage('answered', z.unknown())
const Hidden = defineMessage('hidden', z.object({ password: secret(), note: z.string() }))

/** Runs in one journal, each of which answers with the data that it is asked for. */
async function recorded(
  requests: Readonly<Record<string, unknown>>,
  options: Partial<PublishOptions> = {},
): Promise<Journal> {
  const journal = createMemoryJournal()
  await using bus = createBus({ journal })
  bus.subscribe('worker', {
    accepts: [Asked],
    attempts: 1,
    async handle(message, ctx) {
      const { data } = message
      if (data === 'fail') throw new Error('no such luck')
      await ctx.step({
        name: 'think',
        kind: 'model',
        request: 1,
        perform: () => 'seen',
        usage: () => ({ inputTokens: 3, outputTokens: 4 }),
      })
      ctx.handoff('coordinator', Answered, data)
    },
  })
  for (const [runId, data] of Object.entries(requests)) {
    await bus.publish('worker', Asked, data, { terminal: Answered, ...options, runId }).result
  }
  return journal
}

async function listed(journal: Journal, query?: ReadingQuery): Promise<readonly string[]> {
  const ids: string[] = []
  for await (const { runId } of listRuns(journal, query)) ids.push(runId)
  return ids
}

async function summaryIn(journal: Journal, runId: string) {
  const { summary } = await readRun(journal, runId)
  return summary
}

describe('the summary of a run', () => {
  it('tells how it ended, whose it was, what it took, and what was asked', async () => {
    const about = { team: 'writers' }
    const journal = await recorded({ run: { verdict: 'PASS', n: 1 } }, { about, thread: 'talks' })
    const summary = await summaryIn(journal, 'run')
    expect(summary).toEqual({
      runId: 'run',
      openedAt: expect.any(Number),
      status: 'completed',
      endedAt: expect.any(Number),
      durationMs: (summary.endedAt ?? 0) - summary.openedAt,
      team: 'writers',
      thread: 'talks',
      verdict: 'PASS',
      usage: { inputTokens: 3, outputTokens: 4, modelCalls: 1, toolCalls: 0 },
      request: 'PASS',
    })
  })

  it('has the reason of one that failed, and no verdict', async () => {
    const summary = await summaryIn(await recorded({ run: 'fail' }), 'run')
    expect(summary).toMatchObject({ status: 'failed', reason: expect.stringMatching('such luck') })
    expect(summary).not.toHaveProperty('verdict')
  })

  it.for([
    { data: { verdict: 'REWRITE', passed: true }, verdict: 'REWRITE' },
    { data: { passed: true }, verdict: 'PASS' },
    { data: { passed: false, verdict: 3 }, verdict: 'FAIL' },
    { data: { passed: 'yes' }, verdict: undefined },
    { data: { result: { verdict: 'PASS' } }, verdict: undefined },
  ])('takes the verdict $verdict from $data', async ({ data, verdict }) => {
    const summary = await summaryIn(await recorded({ run: data }), 'run')
    expect(summary.verdict).toBe(verdict)
  })

  it.for([
    { data: ' two\n\tlines\u001b ', request: 'two lines' },
    { data: { n: 1, inner: [{ blank: ' ' }, { text: 'found' }], later: 'x' }, request: 'found' },
    { data: [1, null, true], request: 'Handing off to Worker.' },
  ])('takes the request $request from $data', async ({ data, request }) => {
    const summary = await summaryIn(await recorded({ run: data }), 'run')
    expect(summary.request).toBe(request)
  })

  it('never quotes a secret as the request', async () => {
    await using bus = createBus()
    bus.subscribe('worker', {
      accepts: [Hidden],
      handle: (_message, ctx) => ctx.handoff('coordinator', Answered, {}),
    })
    const data = { password: 'hunter2hunter2', note: 'keep it' }
    const run = bus.publish('worker', Hidden, data, { terminal: Answered, runId: 'run' })
    await run.result
    const summary = await summaryIn(bus.journal, 'run')
    expect(summary.request).toBe('keep it')
    expect(await listed(bus.journal, { text: 'hunter2' })).toEqual([])
    expect(await listed(bus.journal, { text: 'keep' })).toEqual(['run'])
  })

  it('of an open run has what it used so far, and no end', async () => {
    const whole = await recorded({ run: {} })
    const open = wrapJournal(whole, {
      async *read(query) {
        for await (const record of whole.read(query)) {
          if (record.kind !== 'settle' && record.kind !== 'run.ended') yield record
          else return
        }
      },
    })
    const summary = await summaryIn(open, 'run')
    expect(summary).toMatchObject({ status: 'open', usage: { modelCalls: 1 } })
    expect(summary).not.toHaveProperty('durationMs')
  })

  it('of a run that is not there is an error that says so', async () => {
    await expect(readRun(await recorded({}), 'run')).rejects.toMatchObject({ code: 'unknown_run' })
  })
})

describe('listRuns', () => {
  it('lists the newest first, as readRun sums them up', async () => {
    const journal = await recorded({ one: { verdict: 'PASS' }, two: 'fail', three: 'what is up' })
    expect(await listed(journal)).toEqual(['three', 'two', 'one'])
    for await (const summary of listRuns(journal)) {
      expect(summary).toEqual(await summaryIn(journal, summary.runId))
    }
  })

  it('finds runs by words of their request, whatever case, accents and order', async () => {
    const journal = await recorded({ one: { kind: 'PIN', of: ['Zürich'] }, two: 'a PIN of 6' })
    expect(await listed(journal, { text: 'pin' })).toEqual(['two', 'one'])
    expect(await listed(journal, { text: 'zuri pi' })).toEqual(['one'])
    expect(await listed(journal, { text: '6' })).toEqual(['two'])
    expect(await listed(journal, { text: 'in' })).toEqual([])
    expect(await listed(journal, { text: 'pin', status: ['failed'] })).toEqual([])
  })

  it('reads the ends of the runs that it is asked for, and nothing else', async () => {
    const many = await recorded(
      Object.fromEntries(Array.from({ length: 20 }, (_none, n) => [`run-${n}`, { n: `${n}` }])),
    )
    let read = 0
    const counted = wrapJournal(many, {
      async *read(query) {
        for await (const record of many.read(query)) {
          read++
          yield record
        }
      },
    })
    const ids: string[] = []
    for await (const { runId } of listRuns(counted)) if (ids.push(runId) === 3) break
    expect(ids).toEqual(['run-19', 'run-18', 'run-17'])
    expect(read).toBe(3 * 4)
  })
})
