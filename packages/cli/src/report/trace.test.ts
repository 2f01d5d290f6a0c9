import { causalGraph } from '@nanoagent/bus'
import { describe, expect, it } from 'vitest'
import { recordDeadBranch, recordTimedOut } from '../../test/recorded-runs.ts'
import { cellsOf } from '../screen/cells.ts'
import { plain } from '../screen/paint.ts'
import { traceLines } from './trace.ts'

describe('a trace', () => {
  it('has what led to what, how long it took, what it used, and where it failed first', async () => {
    expect(
      traceLines(causalGraph(await recordDeadBranch()), { paint: plain }),
    ).toMatchInlineSnapshot(`
      [
        "  ✓ planner ← asked                          1.5 s  1 request, 1,200 tokens",
        "    ✓ asks oracle ← hint.wanted → hinted      0 ms",
        "      ✓ ear listens to hint.wanted            0 ms",
        "    ⑂ 2 branches to editor as all.read (all settled)",
        "    ├ ✓ reader ← asked                        0 ms",
        "    │ ■ editor ← read",
        "    └ ✗ reader ← asked                        0 ms",
        "        attempt 1 failed: illegible ← first failure",
        "        attempt 2 gave up: illegible",
        "  ✓ editor ← all.read                         0 ms",
        "  ■ coordinator ← answered",
        "    · ear listens to answered",
        "",
        "  run run: completed in 1.5 s, 1 request, 1,200 tokens",
      ]
    `)
  })

  it('reads an open run as far as it got', async () => {
    const records = await recordDeadBranch()

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

  it.for([30, 50, 60, 79])('fits %i cells', async (width) => {
    const graph = causalGraph(await recordDeadBranch())
    const lines = traceLines(graph, { paint: plain, width })

    expect(lines.map(cellsOf).filter((cells) => cells > width)).toEqual([])
    expect(lines.join(' ')).toMatch(/←\s+first\s+failure/)
  })

  it('says less of what was used where there is less room, and cuts at last', async () => {
    const graph = causalGraph(await recordDeadBranch())
    const lines = (width: number) => traceLines(graph, { paint: plain, width }).slice(0, 3)

    expect(lines(76)).toMatchInlineSnapshot(`
      [
        "  ✓ planner ← asked                          1.5 s  1 request, 1,200 tokens",
        "    ✓ asks oracle ← hint.wanted → hinted      0 ms",
        "      ✓ ear listens to hint.wanted            0 ms",
      ]
    `)
    expect(lines(40)).toMatchInlineSnapshot(`
      [
        "  ✓ planner ← asked                1.5 s",
        "    ✓ asks oracle ← hint.want…      0 ms",
        "      ✓ ear listens to hint.w…      0 ms",
      ]
    `)
  })

  it('marks what was under way when the time of a run was over', async () => {
    const graph = causalGraph(await recordTimedOut())

    expect(traceLines(graph, { paint: plain })).toMatchInlineSnapshot(`
      [
        "  ✓ planner ← asked      0 ms",
        "  … editor ← read",
        "    ← under way when the run timed out",
        "",
        "  run run: timed out in 2.0 s",
        "  it took longer than 2 seconds, at 'editor' with read, waiting for m: raise --timeout",
      ]
    `)
  })

  it('shows some of its lines, and says how many', async () => {
    const graph = causalGraph(await recordDeadBranch())
    const shows = (type: string) =>
      traceLines(graph, { paint: plain, shows: ({ node }) => node.message.type === type })

    expect(shows('all.read')).toMatchInlineSnapshot(`
      [
        "  ✓ editor ← all.read      0 ms",
        "",
        "  run run: completed in 1.5 s, 1 request, 1,200 tokens, 1 of 9 lines shown",
      ]
    `)
    expect(shows('hinted')).toMatchInlineSnapshot(`
      [
        "    ✓ asks oracle ← hint.wanted → hinted      0 ms",
        "",
        "  run run: completed in 1.5 s, 1 request, 1,200 tokens, 1 of 9 lines shown",
      ]
    `)
    expect(shows('nothing')).toMatchInlineSnapshot(`
      [
        "  run run: completed in 1.5 s, 1 request, 1,200 tokens, 0 of 9 lines shown",
      ]
    `)
  })
})
