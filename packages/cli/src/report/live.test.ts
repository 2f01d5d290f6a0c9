import { PassThrough } from 'node:stream'
import type { Model, ModelCallOptions, ModelDelta, ModelRequest } from '@nanoagent/agents'
import { describe, expect, it } from 'vitest'
import { createOutput } from '../screen/output.ts'
import { plain } from '../screen/paint.ts'
import { createLive } from './live.ts'

const ERASE = '\r\u001b[2K'

const requestOf = (agent: string, model?: string): ModelRequest => ({
  ...{ agent, instructions: '', messages: [], tools: [] },
  ...(model === undefined ? {} : { model }),
})

/** A terminal, a clock that a test moves, and a model whose requests it answers. */
function stage() {
  const stdout = Object.assign(new PassThrough(), { isTTY: true, columns: 80 })
  const output = createOutput(stdout, new PassThrough())
  const ticks = new Set<() => void>()
  let now = 0
  const controller = new AbortController()
  const live = createLive({
    output,
    paint: plain,
    clock: {
      now: () => now,
      every(_ms, tick) {
        ticks.add(tick)
        return () => ticks.delete(tick)
      },
    },
    signal: controller.signal,
  })
  const asked: {
    readonly tell: (delta: ModelDelta) => void
    readonly answer: () => void
    readonly fail: (error: Error) => void
  }[] = []
  const model: Model = live.watched({
    name: 'gpt-test',
    generate(_request: ModelRequest, { onDelta }: ModelCallOptions) {
      return new Promise((resolve, reject) => {
        asked.push({
          tell: (delta) => onDelta?.(delta),
          answer: () =>
            resolve({
              ...{ content: '', toolCalls: [], model: 'gpt-test' },
              usage: { inputTokens: 0, outputTokens: 0 },
            }),
          fail: reject,
        })
      })
    },
  })
  return {
    ...{ output, live, model, controller, asked },
    signal: controller.signal,
    wait(ms: number) {
      now += ms
      for (const tick of ticks) tick()
    },
    /** What was written since it was last looked at. */
    written: () => String(stdout.read() ?? ''),
    isTicking: () => ticks.size > 0,
  }
}

describe('the live line', () => {
  it('is written at each tick of the clock, not at each piece, and ends with the request', async () => {
    const { model, asked, signal, wait, written } = stage()
    const answered = model.generate(requestOf('planner'), { signal })

    for (const text of ['{"kind"', ':', '"pin"']) asked[0]?.tell({ kind: 'text', text })
    expect(written()).toBe('')
    wait(100)
    expect(written()).toBe('  [PLANNER] … {"kind":"pin"')
    wait(100)
    expect(written()).toBe('')

    asked[0]?.answer()
    await answered
    expect(written()).toBe(ERASE)
    wait(5_000)
    expect(written()).toBe('')
  })

  it("names the model that is waited for, an agent's own too", () => {
    const { model, signal, wait, written } = stage()
    void model.generate(requestOf('tester', 'gpt-small'), { signal })

    wait(999)
    expect(written()).toBe('')
    wait(1)
    expect(written()).toBe('  [TESTER] waiting for gpt-small, 1 s')
    wait(1_000)
    expect(written()).toBe(`${ERASE}  [TESTER] waiting for gpt-small, 2 s`)
  })

  it('comes again below a line that was printed meanwhile', () => {
    const { model, asked, signal, output, wait, written } = stage()
    void model.generate(requestOf('planner'), { signal })
    asked[0]?.tell({ kind: 'text', text: 'a' })
    wait(100)

    output.print('  [OTHER] says something')
    wait(100)

    expect(written()).toBe(`  [PLANNER] … a${ERASE}  [OTHER] says something\n  [PLANNER] … a`)
  })

  it('is of the latest writer where several write, and then of who is left', async () => {
    const { model, asked, signal, wait, written } = stage()
    const first = model.generate(requestOf('planner'), { signal })
    void model.generate(requestOf('tester'), { signal })
    asked[1]?.tell({ kind: 'text', text: 'b' })
    asked[0]?.tell({ kind: 'text', text: 'a' })
    wait(100)
    expect(written()).toBe('  [PLANNER] … a')

    asked[0]?.answer()
    await first
    wait(100)

    expect(written()).toBe(`${ERASE}  [TESTER] … b`)
  })

  it('passes the pieces on, and the failure', async () => {
    const { model, asked, signal } = stage()
    const pieces: ModelDelta[] = []
    const answered = model.generate(requestOf('planner'), {
      signal,
      onDelta: (delta) => pieces.push(delta),
    })
    asked[0]?.tell({ kind: 'text', text: 'a' })
    asked[0]?.fail(new Error('no'))

    await expect(answered).rejects.toThrow('no')
    expect(pieces).toEqual([{ kind: 'text', text: 'a' }])
  })

  it.for(['an interruption', 'its end'])('is gone for good after %s', (what) => {
    const { model, asked, signal, live, controller, wait, written, isTicking } = stage()
    void model.generate(requestOf('planner'), { signal })
    asked[0]?.tell({ kind: 'text', text: 'a' })
    wait(100)
    written()

    if (what === 'its end') live[Symbol.dispose]()
    else controller.abort()
    asked[0]?.tell({ kind: 'text', text: 'b' })

    expect(written()).toBe(ERASE)
    expect(isTicking()).toBe(false)
  })

  it('is cut to the width that the terminal has just now', () => {
    const { model, asked, signal, output, wait, written } = stage()
    void model.generate(requestOf('planner'), { signal })
    asked[0]?.tell({ kind: 'text', text: 'x'.repeat(500) })
    wait(100)

    expect(written()).toHaveLength(output.width ?? 0)
  })
})
