import { EventEmitter } from 'node:events'
import { describe, expect, it, vi } from 'vitest'
import { watchInterruption } from './interruption.ts'

const createSource = () => Object.assign(new EventEmitter(), { exit: vi.fn() })

describe('watchInterruption', () => {
  it.for([
    { name: 'SIGINT', exitStatus: 130 },
    { name: 'SIGTERM', exitStatus: 143 },
  ])('aborts at the first $name and ends the process at the second', ({ name, exitStatus }) => {
    const source = createSource()
    using interruption = watchInterruption(source)
    expect(interruption.exitStatus).toBeUndefined()

    source.emit(name)
    expect(interruption.signal.reason).toEqual(new Error(`interrupted by ${name}`))
    expect(interruption.exitStatus).toBe(exitStatus)
    expect(source.exit).not.toHaveBeenCalled()

    source.emit(name)
    expect(source.exit).toHaveBeenCalledExactlyOnceWith(exitStatus)
  })

  it('keeps the status of what stopped it first', () => {
    const source = createSource()
    using interruption = watchInterruption(source)

    interruption.stop(141, 'nobody reads')
    interruption.stop(1, 'later')

    expect(interruption.exitStatus).toBe(141)
    expect(interruption.signal.reason).toEqual(new Error('nobody reads'))
  })

  it('leaves the signals to the system once it is disposed', () => {
    const source = createSource()

    watchInterruption(source)[Symbol.dispose]()

    expect(source.eventNames()).toEqual([])
  })
})
