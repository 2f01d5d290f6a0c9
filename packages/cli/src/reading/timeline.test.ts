import { fc, test } from '@fast-check/vitest'
import { causalGraph } from '@nanoagent/bus'
import { describe, expect, it } from 'vitest'
import { recordDeadBranch, recordTimedOut } from '../../test/recorded-runs.ts'
import { cellsOf } from '../screen/cells.ts'
import { plain } from '../screen/paint.ts'
import { timelineLines } from './timeline.ts'

describe('a timeline', () => {
  it('has a line for each attempt in the order of time', async () => {
    const graph = causalGraph(await recordDeadBranch())

    expect(timelineLines(graph, { paint: plain, width: 79 })).toMatchInlineSnapshot(`
      [
        "   +0 ms  ✓ planner ← asked             ████████████████████████████████  1.5 s",
        "   +0 ms  ✓ oracle ← hint.wanted        █                                  0 ms",
        "   +0 ms  ■ planner ← hinted            █                                  0 ms",
        "   +0 ms  ✓ ear listens to hint.wanted  █                                  0 ms",
        "  +1.5 s  ✓ reader ← asked                                             █   0 ms",
        "  +1.5 s  ■ editor ← read                                              █   0 ms",
        "  +1.5 s  ✗ reader ← asked #1                                          █   0 ms",
        "  +1.5 s  ✗ reader ← asked #2                                          █   0 ms",
        "  +1.5 s  ✓ editor ← all.read                                          █   0 ms",
        "  +1.5 s  ■ coordinator ← answered                                     █   0 ms",
        "  +1.5 s  · ear listens to answered                                    █   0 ms",
        "",
        "  run run: completed in 1.5 s, 1 request, 1,200 tokens",
      ]
    `)
  })

  it('draws what has not ended up to the end of the run', async () => {
    const graph = causalGraph(await recordTimedOut())

    expect(timelineLines(graph, { paint: plain, width: 60 })).toMatchInlineSnapshot(`
      [
        "  +0 ms  ✓ planner ← asked  █                           0 ms",
        "  +0 ms  … editor ← read    ░░░░░░░░░░░░░░░░░░░░░░░░░░     …",
        "",
        "  run run: timed out in 2.0 s",
        "  it took longer than 2 seconds, at 'editor' with read,",
        "    waiting for m: raise --timeout",
      ]
    `)
  })

  it('is empty where nothing was recorded', () => {
    expect(timelineLines(causalGraph([]), { paint: plain })).toEqual(['  run : open'])
  })

  test.prop([fc.integer({ min: 45, max: 300 }), fc.nat(40)])(
    'fits the terminal, however far the run got',
    async (width, count) => {
      const records = await recordDeadBranch()
      const lines = timelineLines(causalGraph(records.slice(0, count)), { paint: plain, width })

      expect(lines.map(cellsOf).filter((cells) => cells > width)).toEqual([])
    },
  )
})
