// @vitest-environment jsdom
import { test } from '@fast-check/vitest'
import mermaid from 'mermaid'
import { describe, expect, it } from 'vitest'
import { generatedRun, recordRun } from '../../test/generated-run.ts'
import { causalGraph } from './graph.ts'
import { sequenceDiagram } from './sequence-diagram.ts'

const leaf = {
  role: 3,
  fails: 0,
  text: 'x',
  kinds: [],
  asks: [],
  next: { kind: 'finish' },
} as const

describe('sequenceDiagram', () => {
  it('draws handoffs, asks, branches, joins, copies, retries and dead letters', async () => {
    const records = await recordRun({
      roles: ['planner', 'oracle', 'reader', 'ux-writer'],
      root: {
        ...leaf,
        role: 0,
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
    })

    expect(sequenceDiagram(causalGraph(records))).toMatchInlineSnapshot(`
      "sequenceDiagram
        participant p0 as Coordinator
        participant p1 as Planner
        participant p3 as Oracle
        participant p4 as Reader
        participant p5 as UX Writer
        participant p2 as Ear#59; #62;#62;end
        p0->>p1: work.wanted
        p0-)p2: copy of work.wanted
        p1-->>p3: question.asked
        p3-->>p1: replied
        p3-)p2: copy of replied
        par branch 1 to settled.joined (all settled)
          p1->>p4: work.wanted
          p1-)p2: copy of work.wanted
          Note over p4: attempt 1 failed#58; illegible (first failure)
          p4->>p5: part.done
          p4-)p2: copy of part.done
        and branch 2
          p1->>p4: work.wanted
          p1-)p2: copy of work.wanted
          Note over p4: attempt 1 failed#58; torn
          Note over p4: dead letter, exhausted#58; torn
        end
        Note over p5: settled.joined#58; 1 of 2 branches are done. Handing off to UX Writer.
        p5->>p0: work.done"
    `)
  })

  test.prop([generatedRun()])(
    'is a sequence diagram to Mermaid, whatever a run holds',
    async (plan) => {
      const records = await recordRun(plan)
      const drawn = sequenceDiagram(causalGraph(records))

      expect(await mermaid.parse(drawn)).toMatchObject({ diagramType: 'sequence' })
      const early = sequenceDiagram(causalGraph(records.slice(0, records.length / 2)))
      expect(await mermaid.parse(early)).toMatchObject({ diagramType: 'sequence' })
    },
  )

  it('is a sequence diagram to Mermaid where nothing is recorded', async () => {
    expect(await mermaid.parse(sequenceDiagram(causalGraph([])))).toMatchObject({
      diagramType: 'sequence',
    })
  })
})
