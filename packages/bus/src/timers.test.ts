import { expect, test } from 'vitest'
import type { Runtime } from './runtime.ts'
import { createVirtualRuntime, type VirtualRuntime } from './testing/virtual-runtime.ts'
import { Timers } from './timers.ts'

/** A virtual runtime that says whether its timers would keep a process alive. */
function watched() {
  const runtime: VirtualRuntime = createVirtualRuntime()
  const delays: number[] = []
  let refs = 0
  const counted: Runtime = {
    ...runtime,
    setTimer(delayMs, run) {
      delays.push(delayMs)
      let isRef = true
      refs++
      const setRef = (to: boolean) => {
        if (isRef !== to) refs += to ? 1 : -1
        isRef = to
      }
      const timer = runtime.setTimer(delayMs, () => {
        setRef(false)
        run()
      })
      return {
        cancel() {
          setRef(false)
          timer.cancel()
        },
        ref: () => setRef(true),
        unref: () => setRef(false),
      }
    },
  }
  return { runtime, timers: new Timers(counted), delays, keepsAlive: () => refs > 0 }
}

test('rings each at its time, in the order of their times', async () => {
  const { runtime, timers } = watched()
  const rung: string[] = []
  for (const delayMs of [300, 100, 200, 100]) {
    timers.after(delayMs, () => rung.push(`${delayMs} at ${runtime.elapsed()}`))
  }
  await runtime.advance(150)
  expect(rung).toEqual(['100 at 100', '100 at 100'])
  await runtime.advance(1000)
  expect(rung.slice(2)).toEqual(['200 at 200', '300 at 300'])
})

test('does not ring what was cancelled, even by one that rings at the same time', async () => {
  const { runtime, timers } = watched()
  const rung: string[] = []
  const never = timers.after(50, () => rung.push('never'))
  never.cancel()
  never.cancel()
  timers.after(100, () => {
    rung.push('first')
    second.cancel()
  })
  const second = timers.after(100, () => rung.push('second'))
  await runtime.advance(1000)
  expect(rung).toEqual(['first'])
})

test('one that rings may set another, at once or later', async () => {
  const { runtime, timers } = watched()
  const rung: number[] = []
  timers.after(100, () => {
    timers.after(0, () => rung.push(runtime.elapsed()))
    timers.after(50, () => rung.push(runtime.elapsed()))
  })
  await runtime.advance(1000)
  expect(rung).toEqual([100, 150])
})

test('sets one timer of the runtime for many of its own', async () => {
  const { timers, delays, runtime } = watched()
  for (let index = 0; index < 1000; index++) timers.after(100 + index, () => {}).cancel()
  expect(delays).toHaveLength(1)
  await runtime.advance(5000)
  expect(delays).toHaveLength(1)
})

test('keeps the process alive only while something is pending', async () => {
  const { timers, keepsAlive, runtime } = watched()
  expect(keepsAlive()).toBe(false)
  const timer = timers.after(100, () => {})
  expect(keepsAlive()).toBe(true)
  timer.cancel()
  expect(keepsAlive()).toBe(false)
  timers.after(200, () => {})
  expect(keepsAlive()).toBe(true)
  await runtime.advance(1000)
  expect(keepsAlive()).toBe(false)
})

test('lets the process end when those that ring leave nothing pending', async () => {
  const { timers, keepsAlive, runtime } = watched()
  const later = timers.after(100_000, () => {})
  timers.after(5, () => later.cancel())
  timers.after(6, () => {})
  await runtime.advance(10)
  expect(keepsAlive()).toBe(false)
})

test('clear cancels everything', async () => {
  const { timers, keepsAlive, runtime } = watched()
  const rung: number[] = []
  timers.after(100, () => rung.push(1))
  timers.clear()
  expect(keepsAlive()).toBe(false)
  timers.after(200, () => rung.push(2))
  await runtime.advance(1000)
  expect(rung).toEqual([2])
})

test('says how much time is left', async () => {
  const { timers, runtime } = watched()
  const timer = timers.after(100, () => {})
  await runtime.advance(30)
  expect(timer.remainingMs()).toBe(70)
  await runtime.advance(500)
  expect(timer.remainingMs()).toBe(0)
})

test('waits longer than a runtime timer can, without ringing early', async () => {
  const { timers, runtime, delays } = watched()
  const month = 31 * 24 * 3_600_000
  let rung = 0
  timers.after(month, () => rung++)
  await runtime.advance(month - 10)
  expect(rung).toBe(0)
  expect(Math.max(...delays)).toBeLessThan(2 ** 31)
  await runtime.advance(10)
  expect(rung).toBe(1)
})

test('does not heed the wall clock', async () => {
  const { timers, runtime } = watched()
  let rung = 0
  timers.after(1000, () => rung++)
  runtime.jump(3_600_000)
  await runtime.advance(500)
  runtime.jump(-7_200_000)
  expect(rung).toBe(0)
  await runtime.advance(500)
  expect(rung).toBe(1)
})
