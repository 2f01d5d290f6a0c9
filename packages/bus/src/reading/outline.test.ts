import { fc, test } from '@fast-check/vitest'
import { describe, expect, it } from 'vitest'
import { generatedRun, recordRun } from '../../test/generated-run.ts'
import { causalGraph } from './graph.ts'
import { type OutlineStep, outlineOf } from './outline.ts'

function idsIn(steps: readonly OutlineStep[]): readonly string[] {
  return steps.flatMap(({ node, asks, reply, branches }) => [
    node.message.id,
    ...idsIn(asks),
    ...(reply === undefined ? [] : idsIn([reply])),
    ...branches.flatMap(idsIn),
  ])
}

describe('outlineOf', () => {
  test.prop([generatedRun()])('has every message of a run once', async (plan) => {
    const graph = causalGraph(await recordRun(plan))
    const { flow, outside } = outlineOf(graph)

    const ids = [...idsIn(flow), ...outside.flatMap(idsIn)]
    expect(ids.toSorted()).toEqual([...graph.nodes.keys()].sort())
  })

  test.prop([generatedRun(), fc.nat()])(
    'ends where damaged records lead in a circle',
    async (plan, n) => {
      const records = await recordRun(plan)
      const ids = [...causalGraph(records).nodes.keys()]
      const circle = records.map((record) =>
        record.kind === 'settle'
          ? { ...record, published: [...record.published, ids[n % ids.length] ?? ''] }
          : record,
      )
      const { flow, outside } = outlineOf(causalGraph(circle))

      const known = [...idsIn(flow), ...outside.flatMap(idsIn)]
      expect(known).toHaveLength(new Set(known).size)
    },
  )

  it('is empty where nothing is recorded', () => {
    expect(outlineOf(causalGraph([]))).toEqual({ flow: [], outside: [] })
  })
})
