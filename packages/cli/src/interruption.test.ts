import { EventEmitter } from 'node:events'
import { describe, expect, it, vi } from 'vitest'
import { InterruptedError } from './errors.ts'
import { unlessAborted, watchInterruption } from './interruption.ts'

const createSource = () => Object.assign(new EventEmitter(), { exit: vi.fn() })

describe('watchInterruption', () => {
  it.for([
    { name: 'SIGINT', exitStatus: 130, reason: 'interrupted' },
    { name: 'SIGTERM', exitStatus: 143, reason: 'interrupted by SIGTERM' },
  ])(
    'aborts at the first $name and ends the process at the second',
    ({ name, exitStatus, reason }) => {
      const source = createSource()
      using interruption = watchInterruption(source)
      expect(interruption.exitStatus).toBeUndefined()

      source.emit(name)
      expect(interruption.signal.reason).toEqual(new InterruptedError(reason, exitStatus))
      expect(interruption.exitStatus).toBe(exitStatus)
      expect(source.exit).not.toHaveBeenCalled()

      source.emit(name)
      expect(source.exit).toHaveBeenCalledExactlyOnceWith(exitStatus)
    },
  )

  it('keeps the status of what stopped it first', () => {
    const source = createSource()
    using interruption = watchInterruption(source)

    interruption.stop(141, 'nobody reads')
    interruption.stop(1, 'later')

    expect(interruption.exitStatus).toBe(141)
    expect(interruption.signal.reason).toEqual(new InterruptedError('nobody reads', 141))
  })

  it('leaves the signals to the system once it is disposed', () => {
    const source = createSource()

    watchInterruption(source)[Symbol.dispose]()

    expect(source.eventNames()).toEqual([])
  })
})

describe('unlessAborted', () => {
  const never = new Promise<never>(() => {})

  it('gives what the promise gives', async () => {
    const { signal } = new AbortController()

    await expect(unlessAborted(Promise.resolve(1), signal)).resolves.toBe(1)
    await expect(unlessAborted(Promise.reject(new Error('no')), signal)).rejects.toThrow('no')
  })

  it('rejects with the reason of a signal that aborts before, or has', async () => {
    const controller = new AbortController()
    const waiting = unlessAborted(never, controller.signal)
    controller.abort(new Error('stop'))

    await expect(waiting).rejects.toThrow('stop')
    await expect(unlessAborted(never, controller.signal)).rejects.toThrow('stop')
  })
})
