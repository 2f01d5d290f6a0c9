import fc from 'fast-check'
import { expect, test } from 'vitest'
import { seededRandom, seedFrom } from './random.ts'

const take = (seed: number, count: number) => {
  const random = seededRandom(seed)
  return Array.from({ length: count }, random)
}

test('the same seed gives the same numbers, from 0 up to 1', () => {
  fc.assert(
    fc.property(fc.integer(), (seed) => {
      const numbers = take(seed, 20)
      expect(take(seed, 20)).toEqual(numbers)
      for (const number of numbers) {
        expect(number).toBeGreaterThanOrEqual(0)
        expect(number).toBeLessThan(1)
      }
    }),
  )
})

test('the numbers of a seed are those of every version', () => {
  expect(take(1, 3).map((number) => number.toFixed(9))).toEqual([
    '0.627073941',
    '0.002735721',
    '0.527447040',
  ])
})

test('they are spread evenly', () => {
  const counts = new Array<number>(10).fill(0)
  for (const number of take(7, 10_000)) {
    const slot = Math.floor(number * 10)
    counts[slot] = (counts[slot] ?? 0) + 1
  }
  for (const count of counts) expect(Math.abs(count - 1000)).toBeLessThan(150)
})

test('different texts give different seeds of 32 bits', () => {
  const seeds = Array.from({ length: 1000 }, (_, index) => seedFrom(`run ${index}`))
  expect(new Set(seeds).size).toBe(1000)
  for (const seed of seeds) expect(seed >>> 0).toBe(seed)
  expect(seedFrom('a')).toBe(seedFrom('a'))
})
