import { createBus, defineJoin, defineMessage, type JournalRecord } from '@nanoagent/bus'
import { createVirtualRuntime, idle } from '@nanoagent/bus/testing'
import { z } from 'zod'

const Asked = defineMessage('asked', z.string())
const Read = defineMessage('read', z.string())
const Hinted = defineMessage('hinted', z.string())
const HintWanted = defineMessage('hint.wanted', z.string(), { reply: Hinted })
const AllRead = defineJoin('all.read', [Read], { policy: 'all-settled' })
const Answered = defineMessage('answered', z.string())

/** A run in which one of two branches fails twice, and is dead. */
export async function recordDeadBranch(runId = 'run'): Promise<readonly JournalRecord[]> {
  const runtime = createVirtualRuntime()
  await using bus = createBus({ runtime })
  bus.subscribe('planner', {
    accepts: [Asked],
    async handle(_message, ctx) {
      await ctx.ask('oracle', HintWanted, 'how?')
      await ctx.step({
        kind: 'model',
        name: 'm',
        request: 1,
        perform: () => new Promise<null>((resolve) => runtime.setTimer(1_500, () => resolve(null))),
        usage: () => ({ inputTokens: 1_000, outputTokens: 200 }),
      })
      const branches = ['good', 'bad'].map((data) => ({ to: 'reader', type: Asked, data }) as const)
      ctx.fanOut(branches, { to: 'editor', type: AllRead })
    },
  })
  bus.subscribe('oracle', {
    accepts: [HintWanted],
    handle: (_message, ctx) => ctx.reply(Hinted, 'so'),
  })
  bus.subscribe('reader', {
    accepts: [Asked],
    attempts: 2,
    backoffMs: 0,
    perRunConcurrency: 2,
    handle(message, ctx) {
      if (message.data === 'bad') throw new Error('illegible')
      ctx.handoff('editor', Read, message.data)
    },
  })
  bus.subscribe('editor', {
    accepts: [AllRead],
    handle: (_message, ctx) => ctx.handoff('coordinator', Answered, 'done'),
  })
  bus.listen('ear', { accepts: [Answered, HintWanted], handle: () => {} })
  const records: JournalRecord[] = []
  bus.observe((stored) => records.push(stored))
  const run = bus.publish('planner', Asked, 'why', { terminal: Answered, runId })
  await idle()
  await runtime.advance(1_500)
  await runtime.advance(1)
  await run.result
  return records
}

/** A run whose time is over while somebody waits for a model. */
export async function recordTimedOut(): Promise<readonly JournalRecord[]> {
  const runtime = createVirtualRuntime()
  await using bus = createBus({ runtime })
  bus.subscribe('planner', {
    accepts: [Asked],
    handle: (message, ctx) => ctx.handoff('editor', Read, message.data),
  })
  bus.subscribe('editor', {
    accepts: [Read],
    handle: (_message, ctx) =>
      ctx.step({
        kind: 'model',
        name: 'm',
        request: 1,
        waits: true,
        perform: ({ signal }) =>
          new Promise((_resolve, reject) => {
            signal.addEventListener('abort', () => reject(signal.reason))
          }),
      }),
  })
  const records: JournalRecord[] = []
  bus.observe((stored) => records.push(stored))
  const options = { terminal: Answered, runId: 'run', timeoutMs: 2_000 }
  const run = bus.publish('planner', Asked, 'why', options)
  await runtime.advance(2_000)
  await run.result
  return records
}
