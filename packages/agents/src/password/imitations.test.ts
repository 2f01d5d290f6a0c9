import { expect, test } from 'vitest'
import { disguises, undisguised } from './imitations.ts'

test.each(['miller', 'MILLER', 'M1ll3r', 'mi||er', 'rellim', 'R3ll1m', '!!xxM!LLERxx'])(
  'sees miller in %s',
  (text) => {
    expect(text).toMatch(disguises('Miller'))
  },
)

test.each(['mil.ler', 'mller', 'mieller', ''])('does not see miller in %j', (text) => {
  expect(text).not.toMatch(disguises('Miller'))
})

test.each(['a.b*c', '[x]', 'C++', 'a|b', 'straße'])('takes %s as it is', (word) => {
  expect(`__${word}__`).toMatch(disguises(word))
  expect('__axbxc__').not.toMatch(disguises(word))
})

test('reads signs as the letters that they stand for, the same one everywhere', () => {
  expect(undisguised('P@55w0rd')).toEqual(['p@55w0rd', 'password'])
  expect(undisguised('1l1')).toEqual(['1l1', 'ili', 'lll'])
})
