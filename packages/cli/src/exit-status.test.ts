import { expect, it } from 'vitest'
import { exitStatusOf } from './exit-status.ts'

it.for([
  { status: 'completed', verdict: 'PASS', expected: 0 },
  { status: 'completed', verdict: 'FAIL', expected: 3 },
  { status: 'failed', expected: 1 },
  { status: 'stalled', expected: 1 },
  { status: 'budget_exhausted', expected: 1 },
  { status: 'timed_out', expected: 124 },
  { status: 'cancelled', expected: 130 },
] as const)('is $expected for $status $verdict', (run) => {
  const output = 'verdict' in run ? { output: { verdict: run.verdict } } : {}

  expect(exitStatusOf({ status: run.status, ...output })).toBe(run.expected)
})
