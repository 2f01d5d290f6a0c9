import fc from 'fast-check'
import { expect, test } from 'vitest'
import { backoffAfter } from './backoff.ts'

const backoff = { backoffMs: 250, maxBackoffMs: 10_000 }

test.each([
  [1, 250],
  [2, 500],
  [3, 1000],
  [6, 8000],
  [7, 10_000],
  [2000, 10_000],
])('after attempt %d it waits at most %d ms', (attempt, bound) => {
  expect(backoffAfter(attempt, backoff, () => 0)).toBe(0)
  expect(backoffAfter(attempt, backoff, () => 0.5)).toBe(bound / 2)
  expect(backoffAfter(attempt, backoff, () => 1)).toBe(bound)
})

test('it never waits longer than the greatest backoff', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 5000 }),
      fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true }),
      fc.nat(),
      fc.nat(),
      (attempt, chance, backoffMs, maxBackoffMs) => {
        const waitMs = backoffAfter(attempt, { backoffMs, maxBackoffMs }, () => chance)
        expect(waitMs).toBeGreaterThanOrEqual(0)
        expect(waitMs).toBeLessThanOrEqual(maxBackoffMs)
      },
    ),
  )
})
