import { expect, test } from 'vitest'
import { Later } from './later.ts'

test('resolves, whether it was asked for before or after', async () => {
  const later = new Later<number>()
  const before = later.promise
  later.resolve(1)
  expect(await Promise.all([before, later.promise, later.promise])).toEqual([1, 1, 1])
})

test('only the first outcome counts', async () => {
  const resolved = new Later<number>()
  resolved.resolve(1)
  resolved.reject(new Error('late'))
  resolved.resolve(2)
  expect(await resolved.promise).toBe(1)
  const rejected = new Later<number>()
  rejected.reject(new Error('first'))
  rejected.resolve(1)
  await expect(rejected.promise).rejects.toThrow('first')
})

test('may resolve to nothing', async () => {
  const later = new Later<void>()
  later.resolve()
  expect(await later.promise).toBeUndefined()
})

test('a rejection that nobody looks at is never unhandled', async () => {
  const unhandled: unknown[] = []
  const listener = (reason: unknown) => unhandled.push(reason)
  process.on('unhandledRejection', listener)
  const [never, before, after] = [new Later(), new Later(), new Later()]
  never.reject(new Error('never asked for'))
  void before.promise
  before.reject(new Error('asked for before'))
  after.reject(new Error('asked for after'))
  void after.promise
  await new Promise((resolve) => setImmediate(resolve))
  process.off('unhandledRejection', listener)
  expect(unhandled).toEqual([])
})
