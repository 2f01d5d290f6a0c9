import { expect, test } from 'vitest'
import { Gate } from './gate.ts'

/** A gate, and who is behind it. */
function watched() {
  const gate = new Gate()
  const inside: string[] = []
  return {
    inside,
    enter: (name: string, alone = false) => gate.enter(alone, () => inside.push(name)),
    leave(name: string) {
      inside.splice(inside.indexOf(name), 1)
      gate.leave()
    },
  }
}

test('any number may be inside together', () => {
  const { enter, inside } = watched()
  for (const name of ['a', 'b', 'c']) enter(name)
  expect(inside).toEqual(['a', 'b', 'c'])
})

test('one that must be alone waits for all, and all after it wait for it', () => {
  const { enter, leave, inside } = watched()
  enter('a')
  enter('b')
  enter('alone', true)
  enter('c')
  enter('d')
  leave('a')
  expect(inside).toEqual(['b'])
  leave('b')
  expect(inside).toEqual(['alone'])
  leave('alone')
  expect(inside).toEqual(['c', 'd'])
})

test('two that must be alone are inside one after the other', () => {
  const { enter, leave, inside } = watched()
  enter('one', true)
  enter('two', true)
  enter('a')
  expect(inside).toEqual(['one'])
  leave('one')
  expect(inside).toEqual(['two'])
  leave('two')
  expect(inside).toEqual(['a'])
})

test('one may leave in the moment it enters', () => {
  const gate = new Gate()
  const log: string[] = []
  gate.enter(true, () => log.push('first'))
  for (let index = 0; index < 20_000; index++) gate.enter(false, () => gate.leave())
  gate.enter(true, () => log.push('last'))
  gate.leave()
  expect(log).toEqual(['first', 'last'])
})
