import { fc, test } from '@fast-check/vitest'
import { describe, expect, it } from 'vitest'
import { createPace, type PaceOptions } from './pace.ts'

type Shown = Parameters<ReturnType<typeof createPace>>[0]

/** What is waited before each of these records, in milliseconds. */
async function waits(
  records: readonly Shown[],
  speed: PaceOptions['speed'] = '1',
): Promise<readonly number[]> {
  const slept: number[] = []
  let slot = 0
  const pace = createPace({
    speed,
    sleep: async (ms) => {
      slept[slot] = ms
    },
    signal: new AbortController().signal,
  })
  for (const [index, record] of records.entries()) {
    slot = index
    slept[index] = 0
    await pace(record)
  }
  return slept
}

const at = (...times: readonly number[]): readonly Shown[] =>
  times.map((time) => ({ kind: 'log', at: time }))

describe('a pace', () => {
  it('waits as long as it took then, or a quarter of that, or not at all', async () => {
    const records = at(1_000, 1_000, 1_400, 3_400)

    expect(await waits(records)).toEqual([0, 0, 400, 2_000])
    expect(await waits(records, '4')).toEqual([0, 0, 100, 500])
    expect(await waits(records, 'max')).toEqual([0, 0, 0, 0])
  })

  it('does not wait where nobody ran the run', async () => {
    expect(
      await waits([
        { kind: 'step', at: 1_000 },
        { kind: 'start', at: 900_000 },
        { kind: 'settle', at: 900_100 },
        { kind: 'run.reopened', at: 9_000_000 },
        { kind: 'log', at: 9_000_001 },
      ]),
    ).toEqual([0, 0, 100, 0, 1])
    expect(await waits(at(0, 86_400_000))).toEqual([0, 300_000])
  })

  test.prop([fc.array(fc.nat(100_000), { minLength: 1, maxLength: 30 })])(
    'waits no longer in all than the run took, whatever the order of its times',
    async (times) => {
      const total = (await waits(at(...times))).reduce((sum, ms) => sum + ms, 0)

      expect(total).toBe(Math.max(...times) - (times[0] ?? 0))
    },
  )

  it('ends at once where it is interrupted', async () => {
    const interruption = new AbortController()
    const pace = createPace({
      speed: '1',
      sleep: () => {
        interruption.abort(new Error('interrupted'))
        return new Promise(() => {})
      },
      signal: interruption.signal,
    })
    await pace({ kind: 'log', at: 0 })

    await expect(pace({ kind: 'log', at: 10 })).rejects.toThrow('interrupted')
    await expect(pace({ kind: 'log', at: 10 })).rejects.toThrow('interrupted')
  })
})
