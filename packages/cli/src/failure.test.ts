import { JournalError, JournalFileError, UnknownRunError } from '@nanoagent/bus'
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

it.for([
  { error: new UnknownRunError('x'), expected: 2 },
  { error: new JournalFileError('not_a_journal', 'a.db', 'this is no journal'), expected: 2 },
  { error: new JournalFileError('journal_full', 'a.db', 'there is no room'), expected: 1 },
])('tells of $error.code in one line, exit status $expected', ({ error, expected }) => {
  expect(failureOf(error)).toEqual({ text: `nanoagent: ${error.message}`, exitStatus: expected })
})

it('says how a run goes on whose journal has failed', () => {
  const { text, exitStatus } = failureOf(new JournalError('run1', new Error('no room')))

  expect(exitStatus).toBe(1)
  expect(text).toMatch(/^nanoagent: run run1 stopped, .*no room: .* nanoagent resume .*$/)
})
