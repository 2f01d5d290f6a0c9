import { fc, test as property } from '@fast-check/vitest'
import { expect, test } from 'vitest'
import { personalWords } from './personal-words.ts'

test.each([
  ['Generate a secure 16-character password with no special characters, please!', []],
  ["I don't want look-alikes; use a six-word passphrase or 20char password", []],
  ["Check if 'myP@ssw0rd!' is secure enough", ['myP@ssw0rd!', 'ssw0rd']],
  ['Is "hunter2" any good?', ['hunter2']],
  ["for John Smith's Netflix account", ['John', 'Smith', 'Netflix']],
  ['for anna.miller@example.org', ['anna.miller@example.org', 'anna', 'miller']],
  ['my dog is called Biscuit, BISCUIT!', ['Biscuit']],
  ['für Jürgen Müller', ['Jürgen', 'Müller']],
])('in %j they are %j', (text, words) => {
  expect(personalWords(text)).toEqual(words)
})

property.prop([fc.string({ maxLength: 2000 })])('are at most 50, each once', (text) => {
  const words = personalWords(text)
  expect(words.length).toBeLessThanOrEqual(50)
  expect(new Set(words.map((word) => word.toLowerCase())).size).toBe(words.length)
})
