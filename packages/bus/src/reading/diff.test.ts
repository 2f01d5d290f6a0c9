import { fc, test } from '@fast-check/vitest'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { generatedRun, type Plan, recordRun } from '../../test/generated-run.ts'
import { createBus } from '../bus.ts'
import { defineMessage } from '../message-type.ts'
import { Secret } from '../secret.ts'
import { unmirrored } from '../testing/simulation/diffs.ts'
import { diffRuns, type RunsDiff } from './diff.ts'
import type { Difference } from './differences.ts'
import { type CausalGraph, causalGraph } from './graph.ts'
import { readRun } from './read-run.ts'

const Asked = defineMessage('asked', z.string())

const roles = ['planner', 'oracle', 'reader', 'editor']
const leaf = {
  role: 3,
  fails: 0,
  text: 'x',
  kinds: [],
  asks: [],
  next: { kind: 'finish' },
} as const
const relay = (plan: Plan): Plan => ({ ...leaf, role: 0, next: { kind: 'handoff', plan } })

async function graphOf(root: Plan, runId = 'run'): Promise<CausalGraph> {
  return causalGraph(await recordRun({ roles, root }, runId))
}

/** What differs, a line for each. */
function lines({ end, messages }: RunsDiff): readonly string[] {
  const shown = ({ path, kind, before, after }: Difference) =>
    `${kind} ${path}: ${JSON.stringify(before)} → ${JSON.stringify(after)}`
  return [
    ...end.map((field) => `run ${shown(field)}`),
    ...messages.flatMap((message) => [
      `${message.kind} ${message.path} ${message.type} to ${message.to}`,
      ...message.fields.map((field) => `  ${shown(field)}`),
      ...message.attempts.flatMap((attempt) => [
        `  ${attempt.kind} attempt ${attempt.attempt}`,
        ...attempt.fields.map((field) => `    ${shown(field)}`),
        ...attempt.steps.flatMap((step) => [
          `    ${step.kind} step ${step.step} ${step.stepKind} ${step.name}`,
          ...step.fields.map((field) => `      ${shown(field)}`),
        ]),
      ]),
    ]),
  ]
}

describe('diffRuns', () => {
  it('names the teams where they differ', async () => {
    const one = await recordRun({ roles, root: leaf }, 'one')
    const two = (await recordRun({ roles, root: leaf }, 'two')).map((record) =>
      record.kind === 'run.opened'
        ? { ...record, about: { ...record.about, team: 'other' } }
        : record,
    )
    const { isSame, end, messages } = diffRuns(causalGraph(one), causalGraph(two))
    expect({ isSame, end }).toEqual({
      isSame: false,
      end: [{ path: 'team', kind: 'changed', before: 'generated', after: 'other' }],
    })
    expect(messages.map(({ kind }) => kind)).not.toContain('changed')
  })

  test.prop([generatedRun()])('finds nothing in a run that is recorded again', async (plan) => {
    const [one, two] = [await recordRun(plan, 'one'), await recordRun(plan, 'two')]
    const diff = diffRuns(causalGraph(one), causalGraph(two))

    expect(lines(diff).filter((line) => !line.startsWith('same'))).toEqual([])
    expect(diff).toMatchObject({ before: 'one', after: 'two', isSame: true })
  })

  test.prop([generatedRun(), generatedRun(), fc.boolean()])(
    'gives the exchanged result for exchanged runs',
    async (first, second, isCut) => {
      const one = await recordRun(first, 'one')
      const two = await recordRun(isCut ? first : second, 'two')
      const [a, b] = [causalGraph(one), causalGraph(isCut ? two.slice(0, two.length / 2) : two)]

      expect(unmirrored(a, b)).toBeUndefined()
    },
  )

  test.prop([generatedRun(), generatedRun()])(
    'has each message of both once',
    async (first, second) => {
      const a = causalGraph(await recordRun(first, 'one'))
      const b = causalGraph(await recordRun(second, 'two'))
      const { messages, isSame } = diffRuns(a, b)

      const paths = (graph: CausalGraph) =>
        [...graph.nodes.keys()].map((id) => `~${id.slice(graph.runId.length)}`)
      expect(messages.map(({ path }) => path)).toEqual(
        [...new Set([...paths(a), ...paths(b)])].sort(),
      )
      expect(isSame && a.status !== b.status).toBe(false)
    },
  )

  it('tells what is only in one, field by field what has changed, and how attempts differ', async () => {
    const a = await graphOf(relay({ ...leaf, kinds: ['model'], text: 'short' }))
    const b = await graphOf({
      ...relay({
        ...leaf,
        kinds: ['model', 'tool'],
        text: 'long',
        fails: 1,
        next: { kind: 'nothing' },
      }),
      asks: [{ ...leaf, role: 1 }],
    })

    expect(lines(diffRuns(a, b))).toMatchInlineSnapshot(`
      [
        "run changed status: "completed" → "stalled"",
        "run added reason: undefined → "'editor' handled work.wanted and handed nothing off: let its handler hand off on every way through it"",
        "same ~ work.wanted to planner",
        "added ~.a1-1 question.asked to oracle",
        "added ~.a1-1.r replied to planner",
        "changed ~.h work.wanted to editor",
        "  changed data.text: "short" → "long"",
        "  changed attempt 1",
        "    changed outcome: "done" → "failed"",
        "    added error: undefined → {"name":"Error","code":"error","message":"long"}",
        "    changed step 1 model model",
        "      changed request.text: "short" → "long"",
        "      changed response.text: "short" → "long"",
        "    changed step 1.1 effect inner",
        "      changed request: "short" → "long"",
        "      changed response: "short" → "long"",
        "    added step 2 tool tool",
        "    added step 2.1 effect inner",
        "  added attempt 2",
        "removed ~.h.h work.done to coordinator",
      ]
    `)
  })

  it('counts neither the tokens of an answer nor the fingerprint of a secret', async () => {
    const graphWith = async (tokens: number, runId: string) => {
      await using bus = createBus()
      bus.subscribe('asker', {
        accepts: [Asked],
        async handle(_message, ctx) {
          const perform = () => ({ content: 'so', usage: { inputTokens: tokens } })
          await ctx.step({ kind: 'model', name: 'm', request: null, perform })
          await ctx.memory.fingerprint(new Secret(`value ${tokens}`))
          ctx.handoff('coordinator', Asked, 'so')
        },
      })
      await bus.publish('asker', Asked, 'why', { terminal: Asked, runId }).result
      return (await readRun(bus.journal, runId)).graph
    }

    expect(diffRuns(await graphWith(1, 'one'), await graphWith(2, 'two')).isSame).toBe(true)
  })

  it('takes an open run for one that has not gone so far', async () => {
    const records = await recordRun({ roles, root: relay(leaf) })
    const diff = diffRuns(causalGraph(records.slice(0, 2)), causalGraph(records))

    expect(lines(diff)).toMatchInlineSnapshot(`
      [
        "run changed status: "open" → "completed"",
        "changed ~ work.wanted to planner",
        "  added attempt 1",
        "added ~.h work.wanted to editor",
        "added ~.h.h work.done to coordinator",
      ]
    `)
  })
})
