import { expect, test } from 'vitest'
import { forksText } from './family.ts'

test('names a few forks, and how to list them all', () => {
  const run = { runId: 'run' }
  expect(forksText(run, [])).toBeUndefined()
  expect(forksText(run, ['a', 'b'])).toBe('a, b')
  expect(forksText(run, ['a', 'b', 'c', 'd', 'e', 'f', 'g'])).toBe(
    'a, b, c, d, e and 2 more: nanoagent runs --forks-of run',
  )
})
