import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Fifo } from './fifo.ts'

test('gives back what was put in, in that order, however the calls are mixed', () => {
  fc.assert(
    fc.property(fc.array(fc.option(fc.integer(), { nil: undefined })), (calls) => {
      const fifo = new Fifo<number>()
      const model: number[] = []
      for (const item of calls) {
        if (item === undefined) expect(fifo.shift()).toBe(model.shift())
        else {
          fifo.push(item)
          model.push(item)
        }
        expect(fifo.size).toBe(model.length)
      }
    }),
  )
})

test('is empty again after it was emptied', () => {
  const fifo = new Fifo<string>()
  fifo.push('a')
  expect([fifo.shift(), fifo.shift(), fifo.size]).toEqual(['a', undefined, 0])
  fifo.push('b')
  expect([fifo.size, fifo.shift()]).toEqual([1, 'b'])
})

test('keeps nothing that has left it, also where it is never empty', () => {
  const fifo = new Fifo<number>()
  for (let n = 0; n < 10; n++) fifo.push(n)
  for (let n = 0; n < 50_000; n++) {
    fifo.push(n + 10)
    expect(fifo.shift() === n && fifo.size === 10).toBe(true)
  }
})
