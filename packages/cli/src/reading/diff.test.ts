import { causalGraph, diffRuns } from '@nanoagent/bus'
import { describe, expect, it } from 'vitest'
import { recordDeadBranch, recordTimedOut } from '../../test/recorded-runs.ts'
import { cellsOf } from '../screen/cells.ts'
import { plain } from '../screen/paint.ts'
import { diffLines } from './diff.ts'

describe('a comparison', () => {
  it('has a line for each message, and below it what differs', async () => {
    const [a, b] = [causalGraph(await recordDeadBranch('one')), causalGraph(await recordTimedOut())]

    expect(diffLines(diffRuns(a, b), { paint: plain })).toMatchInlineSnapshot(`
      [
        "--- run one",
        "+++ run run",
        "~ status: "completed" → "timed_out"",
        "+ reason: "the run took longer than 2000 ms, at 'editor' with read, waiting for m: raise the timeout"",
        "~ .  coordinator → planner  asked",
        "    ~ attempt 1",
        "      - step 2: model m",
        "- .a1-1  planner → oracle  hint.wanted",
        "- .a1-1.r  oracle → planner  hinted",
        "- .b1  planner → reader  asked",
        "- .b1.h  reader → editor  read",
        "- .b2  planner → reader  asked",
        "+ .h  planner → editor  read",
        "- .j  planner → editor  all.read",
        "- .j.h  editor → coordinator  answered",
        "",
        "The runs differ: another end, 1 changed, 7 only in the first, 1 only in the second.",
      ]
    `)
  })

  it('says that two runs are the same', async () => {
    const [a, b] = [await recordDeadBranch('one'), await recordDeadBranch('two')]

    expect(diffLines(diffRuns(causalGraph(a), causalGraph(b)), { paint: plain }).slice(-2)).toEqual(
      ['', 'The runs are the same, in 8 messages.'],
    )
  })

  it('fits the terminal', async () => {
    const [a, b] = [causalGraph(await recordDeadBranch('one')), causalGraph(await recordTimedOut())]
    const lines = diffLines(diffRuns(a, b), { paint: plain, width: 40 })

    expect(lines.map(cellsOf).filter((cells) => cells > 40)).toEqual([])
  })

  it('shows long texts from a little before their difference', () => {
    const same = 'x'.repeat(300)
    const field = {
      path: 'data.text',
      kind: 'changed',
      before: `${same}1`,
      after: `${same}2`,
    } as const
    const message = { path: '~', type: 't', from: 'a', to: 'b', kind: 'changed' } as const
    const messages = [{ ...message, fields: [field], attempts: [] }]
    const diff = { before: 'one', after: 'two', isSame: false, end: [], messages }

    expect(diffLines(diff, { paint: plain })[3]).toBe(
      `    ~ data.text: …${'x'.repeat(20)}1" → …${'x'.repeat(20)}2"`,
    )
  })
})
