import {
  causalGraph,
  createBus,
  defineJoin,
  defineMessage,
  type JournalRecord,
} from '@nanoagent/bus'
import { createVirtualRuntime, idle } from '@nanoagent/bus/testing'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { plain } from '../screen/paint.ts'
import { traceLines } from './trace.ts'

const Asked = defineMessage('asked', z.string())
const Read = defineMessage('read', z.string())
const Hinted = defineMessage('hinted', z.string())
const HintWanted = defineMessage('hint.wanted', z.string(), { reply: Hinted })
const AllRead = defineJoin('all.read', [Read], { policy: 'all-settled' })
const Answered = defineMessage('answered', z.string())

/** A run in which one of two branches fails twice, and is dead. */
async function record(): Promise<readonly JournalRecord[]> {
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
  const run = bus.publish('planner', Asked, 'why', { terminal: Answered, runId: 'run' })
  await idle()
  await runtime.advance(1_500)
  await runtime.advance(1)
  await run.result
  return records
}

describe('a trace', () => {
  it('has what led to what, how long it took, what it used, and where it failed first', async () => {
    expect(traceLines(causalGraph(await record()), { paint: plain })).toMatchInlineSnapshot(`
      [
        "  ✓ planner ← asked                                      1.5 s  1 request, 1,200 tokens",
        "    ✓ asks oracle ← hint.wanted → hinted                  0 ms",
        "      ✓ ear listens to hint.wanted                        0 ms",
        "    ⑂ 2 branches to editor as all.read (all settled)",
        "    ├ ✓ reader ← asked                                    0 ms",
        "    │ ■ editor ← read",
        "    └ ✗ reader ← asked                                    0 ms",
        "        attempt 1 failed: illegible ← first failure",
        "        attempt 2 gave up: illegible",
        "  ✓ editor ← all.read                                     0 ms",
        "  ■ coordinator ← answered",
        "    · ear listens to answered",
        "",
        "  run run: completed in 1.5 s, 1 request, 1,200 tokens",
      ]
    `)
  })

  it('reads an open run as far as it got', async () => {
    const records = await record()

    expect(traceLines(causalGraph(records.slice(0, 4)), { paint: plain })).toMatchInlineSnapshot(`
      [
        "  … planner ← asked",
        "    … asks oracle ← hint.wanted",
        "      ✓ ear listens to hint.wanted      0 ms",
        "",
        "  run run: open",
      ]
    `)
  })

  it('is empty where nothing was recorded', () => {
    expect(traceLines(causalGraph([]), { paint: plain })).toEqual(['', '  run : open'])
  })
})
