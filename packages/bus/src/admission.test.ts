import { expect, test } from 'vitest'
import { Admission } from './admission.ts'
import { InvalidOptionError } from './errors.ts'

test('gives its places in the order of the calls', () => {
  const admission = new Admission(2)
  const inside: string[] = []
  for (const name of ['a', 'b', 'c', 'd']) admission.enter(() => inside.push(name))
  expect([inside.join(''), admission.isFull]).toEqual(['ab', true])
  admission.leave()
  expect([inside.join(''), admission.isFull]).toEqual(['abc', true])
  admission.leave()
  admission.leave()
  expect([inside.join(''), admission.isFull]).toEqual(['abcd', false])
})

test('one may leave in the moment it enters, however many wait', () => {
  const admission = new Admission(1)
  let entered = 0
  admission.enter(() => {})
  for (let index = 0; index < 20_000; index++) {
    admission.enter(() => {
      entered++
      admission.leave()
    })
  }
  admission.leave()
  expect([entered, admission.isFull]).toEqual([20_000, false])
})

test.each([0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY])('%d places cannot be', (places) => {
  expect(() => new Admission(places)).toThrow(InvalidOptionError)
})
