import { expect, it } from 'vitest'
import { UsageError } from './errors.ts'
import { failureOf } from './failure.ts'

it('tells of wrong usage in one clean line, exit status 2', () => {
  expect(failureOf(new UsageError('no\u001b[31m such\nthing'))).toEqual({
    text: 'nanoagent: no such thing',
    exitStatus: 2,
  })
})

it('shows the trace of a bug and asks to report it, exit status 1', () => {
  const { text, exitStatus } = failureOf(new TypeError('x is not a function'))

  expect(exitStatus).toBe(1)
  expect(text).toMatch(/^nanoagent: this is a bug .* report it .*\nTypeError: x is not .*\n +at /)
  expect(failureOf('just text').text).toMatch(/\njust text$/)
})
