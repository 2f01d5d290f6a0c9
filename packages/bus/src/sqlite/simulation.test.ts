import { existsSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { expect, test } from 'vitest'
import { simulateBatch } from '../testing/simulation/batch.ts'
import { explain } from '../testing/simulation/explain.ts'
import { shrink } from '../testing/simulation/shrink.ts'
import { simulate } from '../testing/simulation/simulate-seed.ts'
import { sqliteStore } from '../testing/simulation/stores.ts'

const store = sqliteStore(existsSync('/dev/shm') ? '/dev/shm' : tmpdir())

test('a hundred seeds keep every invariant on a file that processes share', {
  timeout: 240_000,
}, async () => {
  const { seeds, failure } = await simulateBatch(1, 100, store)
  const shrunk = failure === undefined ? undefined : await shrink(failure, () => ({}), store)
  expect(shrunk === undefined ? 'no failure' : explain(shrunk)).toBe('no failure')
  expect(seeds).toBe(100)
})

test('a seed gives the same world in a file as in memory', async () => {
  for (const seed of [3, 21, 99]) {
    const inMemory = await simulate(seed, { isTraced: true })
    expect(await simulate(seed, { isTraced: true, store })).toEqual(inMemory)
  }
})
