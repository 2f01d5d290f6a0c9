import { expect, test } from 'vitest'
import { Settlement } from './settlement.ts'

/** What stands for a delivery, and says what is done to it. */
function spies() {
  const told: string[] = []
  const spy = (name: string) => ({
    leave: () => void told.push(`${name} leaves`),
    send: () => void told.push(`${name} is sent`),
  })
  return { told, spy }
}

test('what is stored lets all that left leave, and then sends what it sends, in their order', () => {
  const { told, spy } = spies()
  const turn = new Settlement(7)
  turn.sends(spy('x'))
  turn.leaves(spy('a'))
  turn.leaves(spy('b'))
  turn.sends(spy('y'))
  turn.leaves(spy('c'))
  turn.sends(spy('z'))
  expect(told).toEqual([])
  turn.stored()
  expect(told).toEqual(['a leaves', 'b leaves', 'c leaves', 'x is sent', 'y is sent', 'z is sent'])
})

test('what is lost lets all that left leave, and sends nothing', () => {
  const { told, spy } = spies()
  const turn = new Settlement(7)
  turn.leaves(spy('a'))
  turn.sends(spy('x'))
  turn.leaves(spy('b'))
  turn.lost()
  expect(told).toEqual(['a leaves', 'b leaves'])
})

test('whoever waits for an answer hears of it when the journal gets it, and of whether it is stored', async () => {
  const turn = new Settlement(7)
  const stored: Promise<boolean>[] = []
  turn.answers((one) => stored.push(one))
  turn.answers((one) => stored.push(one))
  turn.handedOver(Promise.resolve(false))
  expect(await Promise.all(stored)).toEqual([false, false])
})

test('one in which nothing is to be done does nothing', () => {
  const turn = new Settlement(7)
  turn.handedOver(Promise.resolve(true))
  turn.stored()
  turn.lost()
  expect(turn).toMatchObject({ at: 7, records: [] })
})
