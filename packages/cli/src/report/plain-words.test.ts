import { expect, it } from 'vitest'
import { tidied, unended } from './plain-words.ts'

it.for([
  { text: 'choose in there.; try another', plain: 'choose in there; try another' },
  { text: 'in each of 1 attempts, 11 attempts', plain: 'in each of 1 attempt, 11 attempts' },
  { text: 'after 1 seconds or 0.1 seconds', plain: 'after 1 second or 0.1 seconds' },
  { text: 'see http://h:1/v1.2; gpt-4.1: no', plain: 'see http://h:1/v1.2; gpt-4.1: no' },
])('makes $plain of $text', ({ text, plain }) => {
  expect(tidied(text)).toBe(plain)
})

it('takes one full stop from the end, and no ellipsis', () => {
  expect([unended('No. '), unended('no'), unended('wait...')]).toEqual(['No', 'no', 'wait...'])
})
