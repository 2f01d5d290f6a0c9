import { expect, test } from 'vitest'
import { UsageError } from '../errors.ts'
import { pathOf, typedMessage } from './message-path.ts'

test.each([
  ['run', '.'],
  ['run.h.a1-1', '.h.a1-1'],
])('of %s the path is %s', (id, path) => {
  expect(pathOf(id)).toBe(path)
})

test('what was typed and is no message is a wrong usage, with the way on', () => {
  const run = { runId: 'run', nodes: new Map(['run.a', 'run.b.a'].map((id) => [id, {}])) }
  expect(typedMessage(run, '~.a')).toBe('run.a')
  for (const [ref, message] of [
    ['.z', "run run has no message '.z': nanoagent show run lists its messages"],
    ['.b', "run run has no message '.b': nanoagent show run lists its messages"],
  ] as const) {
    expect(() => typedMessage(run, ref)).toThrow(new UsageError(message))
  }
})
