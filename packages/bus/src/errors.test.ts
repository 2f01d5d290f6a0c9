import { expect, describe as group, test } from 'vitest'
import {
  BusError,
  BusFullError,
  describe,
  JournalError,
  RecordedError,
  TerminalError,
} from './errors.ts'

group('describe', () => {
  test.each([
    [new Error('one\n   two \n'), 'one two'],
    [new Error(''), 'no message'],
    ['text', 'text'],
    [undefined, 'undefined'],
    [42, '42'],
    [Symbol('s'), 'Symbol(s)'],
    [Object.create(null), 'an error that cannot be shown as text'],
  ])('%o is %s', (error, text) => {
    expect(describe(error)).toBe(text)
  })

  test('lets redact see the text before its lines are joined', () => {
    const text = describe(new Error('key: a\nb'), (whole) => whole.replace('a\nb', '…'))
    expect(text).toBe('key: …')
  })
})

test('every error has the name of its class, a code and its cause', () => {
  const cause = new Error('disk')
  const error = new JournalError('run', cause)
  expect(error).toBeInstanceOf(BusError)
  expect(error).toMatchObject({ name: 'JournalError', code: 'journal_failed', cause })
  expect(new BusFullError(3).message).toContain('3 runs are live')
  expect(new TerminalError('x')).toMatchObject({ code: 'terminal' })
  expect(new TerminalError('x', { code: 'mine' })).toMatchObject({ code: 'mine' })
  expect(String(new RecordedError('RangeError', 'far', 'error'))).toBe('RangeError: far')
})
