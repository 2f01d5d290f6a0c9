import fc from 'fast-check'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { draftMessage } from './message.ts'
import { defineMessage } from './message-type.ts'

const Asked = defineMessage('question.asked', z.object({}))

/** The human line of a message that was published with this content. */
function lineOf(content: string): string | undefined {
  const place = { id: 'run-1', runId: 'run-1', from: 'coordinator', to: 'worker' }
  return draftMessage(place, Asked, {}, { content }, { addSecret() {} }).content
}

test('a human line has no control characters, whatever was said', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (content) => {
      expect(lineOf(content)).not.toMatch(/\p{Cc}/u)
    }),
  )
})

test('a human line keeps the words of several lines, and their characters', () => {
  expect(lineOf('two\r\nlines,\u001b[31m red\u0007')).toBe('two lines, [31m red ')
  expect(lineOf('ünïcode ✓ 👍')).toBe('ünïcode ✓ 👍')
})
