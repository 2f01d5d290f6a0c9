import { expect, test } from 'vitest'
import { simulateBatch } from './batch.ts'
import { explain } from './explain.ts'
import { shrink } from './shrink.ts'
import { simulate } from './simulate-seed.ts'

test('a thousand seeds keep every invariant, under every kind of fault', {
  timeout: 240_000,
}, async () => {
  const { seeds, counts, failure } = await simulateBatch(1, 1_000)
  expect(failure === undefined ? 'no failure' : explain(await shrink(failure))).toBe('no failure')
  expect(seeds).toBe(1_000)
  const never = Object.entries(counts).filter(([, count]) => count === 0)
  expect(never).toEqual([])
})

test('a seed gives the same world each time', async () => {
  for (const seed of [3, 17, 99, 1_234]) {
    const report = await simulate(seed, { isTraced: true })
    expect(await simulate(seed, { isTraced: true })).toEqual(report)
  }
})

test('a schedule repeats the world that it was taken from', async () => {
  for (const seed of [4, 50, 77]) {
    const report = await simulate(seed)
    expect(await simulate(seed, { schedule: report.schedule })).toEqual(report)
  }
})

test('an empty schedule has no runs and no faults', async () => {
  const { counts, broken } = await simulate(8, { schedule: [] })
  expect(broken).toBeUndefined()
  expect(counts).toMatchObject({ handled: 0, deaths: 0, duplicates: 0 })
})
