import { describe, expect, test } from 'vitest'
import {
  InvalidOptionError,
  JournalError,
  NotResumableError,
  RoleTakenError,
  StaleEpochError,
} from '../../errors.ts'
import type { Journal } from '../../journal.ts'
import { ofKind } from './rules.ts'
import { answer, Drafted, forever, play } from './types.ts'
import { ask, type OpenWorld, withAppend } from './world.ts'

/** 3. Each message is handled by one instance of its role, under one lease on its run. */
export function oneHandler(open: OpenWorld): void {
  describe('3. one handler', () => {
    test('a message that the transport brings again and again is handled once', async () => {
      await using world = await open()
      const { transport } = world
      const bus = world.bus({
        transport: {
          send: (message) => {
            for (let copy = 0; copy < 3; copy++) transport.send(message)
          },
          receive: (role, deliver) => transport.receive(role, deliver),
        },
      })
      const handled: string[] = []
      play(bus, 'worker', async (message, ctx) => {
        handled.push(message.id)
        await Promise.resolve()
        ctx.handoff('next', Drafted, { text: 'x' })
      })
      play(bus, 'next', (message, ctx) => {
        handled.push(message.id)
        answer(ctx)
      })
      const run = ask(bus)
      await world.end(run)
      const [, root] = ofKind(await world.records(run.id), 'message')
      if (root !== undefined) transport.send(root.message)
      await world.advance()
      expect(handled).toEqual([run.id, `${run.id}.h`])
    })

    test('a message whose settlement is stored is never handled again', async () => {
      await using world = await open()
      const handled: string[] = []
      const first = world.process()
      play(first.bus, 'worker', (message, ctx) => {
        handled.push(message.id)
        ctx.handoff('next', Drafted, { text: 'x' })
      })
      play(first.bus, 'next', forever)
      const run = ask(first.bus)
      await world.advance()
      await first.kill()
      const second = world.bus()
      play(second, 'worker', (message) => void handled.push(`again ${message.id}`))
      play(second, 'next', (_message, ctx) => void answer(ctx))
      expect((await world.end(await second.resume(run.id))).status).toBe('completed')
      expect(handled).toEqual([run.id])
    })

    test('a role has one player at a time, and coordinator none', async () => {
      await using world = await open()
      const bus = world.bus()
      const subscription = play(bus, 'worker', forever)
      expect(() => play(bus, 'worker', forever)).toThrow(RoleTakenError)
      expect(() => play(bus, 'coordinator', forever)).toThrow(InvalidOptionError)
      expect(() => play(bus, '', forever)).toThrow(InvalidOptionError)
      subscription[Symbol.dispose]()
      play(bus, 'worker', (_message, ctx) => void answer(ctx))
      expect((await world.end(ask(bus))).status).toBe('completed')
    })

    test('of two buses on one journal and transport, the one that owns the run handles all of it', async () => {
      await using world = await open()
      const handled: string[] = []
      const buses = ['a', 'b'].map((name) => {
        const bus = world.bus()
        play(bus, 'worker', (_message, ctx) => {
          handled.push(name)
          ctx.handoff('next', Drafted, { text: 'x' })
        })
        play(bus, 'next', (_message, ctx) => {
          handled.push(name)
          answer(ctx)
        })
        return bus
      })
      for (const bus of buses) await world.end(ask(bus))
      expect(handled).toEqual(['a', 'a', 'b', 'b'])
    })

    test('a run id that is in use is refused, and the run that has it goes on', async () => {
      await using world = await open()
      const [bus, other] = [world.bus(), world.bus()]
      const { promise, resolve } = Promise.withResolvers<void>()
      for (const each of [bus, other]) {
        play(each, 'worker', async (_message, ctx) => {
          await promise
          answer(ctx)
        })
      }
      const run = ask(bus, { runId: 'taken' })
      await world.advance()
      expect(() => ask(bus, { runId: 'taken' })).toThrow(InvalidOptionError)
      await expect(world.end(ask(other, { runId: 'taken' }))).rejects.toThrow(/exists/)
      resolve()
      expect((await world.end(run)).status).toBe('completed')
      expect(() => ask(bus, { runId: 'no spaces' })).toThrow(InvalidOptionError)
    })

    test('while its owner lives nobody else gets the run', async () => {
      await using world = await open()
      const [owner, other] = [world.bus(), world.bus()]
      play(owner, 'worker', (_message, ctx) =>
        ctx.step({ name: 'wait', request: null, waits: true, perform: forever }),
      )
      const run = ask(owner)
      await world.advance(5 * (world.journal.features.leaseMs ?? 1000))
      await expect(other.resume(run.id)).rejects.toThrow(NotResumableError)
      await expect(owner.resume(run.id)).rejects.toThrow(NotResumableError)
      run.cancel('enough')
      expect((await world.end(run)).status).toBe('cancelled')
    })

    test('a lease that is not renewed runs out, and another bus takes the run', async ({
      skip,
    }) => {
      await using world = await open()
      const { leaseMs } = world.journal.features
      if (leaseMs === undefined) return skip('its leases do not run out')
      const first = world.process()
      play(first.bus, 'worker', forever)
      const run = ask(first.bus)
      await world.advance()
      first.freeze()
      const second = world.bus()
      play(second, 'worker', (_message, ctx) => void answer(ctx))
      await world.advance(leaseMs / 2)
      await expect(second.resume(run.id)).rejects.toThrow(NotResumableError)
      await world.advance(leaseMs)
      expect((await world.end(await second.resume(run.id))).status).toBe('completed')
    })

    test('an owner whose lease is not renewed any more gives the run up', async ({ skip }) => {
      await using world = await open()
      const { leaseMs } = world.journal.features
      if (leaseMs === undefined) return skip('its leases do not run out')
      const older = world.process()
      let signal: AbortSignal | undefined
      play(older.bus, 'worker', async (_message, ctx) => {
        signal = ctx.signal
        await forever()
      })
      const run = ask(older.bus)
      await world.advance()
      for (const lease of older.leases) await world.journal.release(lease)
      expect(await world.journal.acquire(run.id, 'another')).toMatchObject({ epoch: 2 })
      await world.advance(leaseMs)
      await expect(run.result).rejects.toThrow(StaleEpochError)
      expect(signal?.aborted).toBe(true)
    })

    test('the epoch makes the older owner stale: it stores nothing more and its run is rejected', async () => {
      await using world = await open()
      const older = world.process()
      const { promise, resolve } = Promise.withResolvers<void>()
      let signal: AbortSignal | undefined
      play(older.bus, 'worker', async (_message, ctx) => {
        signal = ctx.signal
        await promise
        await ctx.step({ name: 'look', request: 'older', perform: () => 'older' })
        await Promise.resolve()
        answer(ctx, 'from the older')
      })
      const run = ask(older.bus)
      await world.advance()
      for (const lease of older.leases) await world.journal.release(lease)
      const newer = world.bus()
      const taken = Promise.withResolvers<void>()
      play(newer, 'worker', async (_message, ctx) => {
        await taken.promise
        answer(ctx, 'from the newer')
      })
      const resumed = await world.until(newer.resume(run.id))
      resolve()
      await expect(world.end(run)).rejects.toThrow(StaleEpochError)
      expect(signal?.aborted).toBe(true)
      taken.resolve()
      const end = await world.end(resumed)
      expect(end.message?.data).toEqual({ text: 'from the newer' })
      expect(JSON.stringify(await world.records(run.id))).not.toContain('older')
    })

    test('what is unknown or has ended cannot be resumed', async () => {
      await using world = await open()
      const bus = world.bus()
      play(bus, 'worker', (_message, ctx) => void answer(ctx))
      const run = ask(bus)
      await world.end(run)
      await expect(world.bus().resume(run.id)).rejects.toThrow(/has ended/)
      await expect(bus.resume('nobody-knows')).rejects.toThrow(NotResumableError)
    })

    test('an owner whose renewals keep failing gives the run up when its lease has run out', async ({
      skip,
    }) => {
      await using world = await open()
      const { leaseMs } = world.journal.features
      if (leaseMs === undefined) return skip('its leases do not run out')
      const journal: Journal = {
        ...withAppend(world.journal, (batch, lease) => world.journal.append(batch, lease)),
        renew: () => Promise.reject(new Error('the network is down')),
      }
      const owner = world.bus({ journal })
      let signal: AbortSignal | undefined
      play(owner, 'worker', async (_message, ctx) => {
        signal = ctx.signal
        await forever()
      })
      const run = ask(owner)
      await world.advance(leaseMs - 1)
      expect(signal?.aborted).toBe(false)
      await world.advance(leaseMs / 2)
      expect(signal?.aborted).toBe(true)
      await expect(run.result).rejects.toThrow(JournalError)
      const other = world.bus()
      play(other, 'worker', (_message, ctx) => void answer(ctx))
      const end = await world.end(await world.until(other.resume(run.id)))
      expect(end.status).toBe('completed')
    })
  })
}
