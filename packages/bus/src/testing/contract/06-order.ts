import { describe, expect, test } from 'vitest'
import type { Bus } from '../../bus.ts'
import type { Run } from '../../run.ts'
import { Asked, answer, forever, play } from './types.ts'
import { ask, type OpenWorld, type World } from './world.ts'

/** Publishes these texts to the worker, in this order. */
async function publishAll(world: World, run: Run, texts: readonly string[]): Promise<void> {
  for (const text of texts) await world.until(run.publish('worker', Asked, { text }))
}

/** Opens a run that stays open, at a role that only waits. */
function openRun(bus: Bus): Run {
  return ask(bus, { to: 'waiter' })
}

/** 6. Per run and role in journal order, one at a time; different runs concurrently. */
export function order(open: OpenWorld): void {
  describe('6. order', () => {
    test('one role handles the messages of a run in journal order, one at a time', async () => {
      await using world = await open()
      const bus = world.bus()
      const events: string[] = []
      const gates = Array.from({ length: 3 }, () => Promise.withResolvers<void>())
      let begun = 0
      play(bus, 'waiter', forever)
      play(bus, 'worker', async ({ data }) => {
        const gate = gates[begun++]
        events.push(`begin ${JSON.stringify(data)}`)
        await gate?.promise
        events.push(`end ${JSON.stringify(data)}`)
      })
      const run = openRun(bus)
      await publishAll(world, run, ['1', '2', '3'])
      for (const { resolve } of gates) {
        await world.advance(1000)
        resolve()
      }
      await world.advance()
      expect(events).toEqual(
        ['1', '2', '3'].flatMap((text) => [`begin {"text":"${text}"}`, `end {"text":"${text}"}`]),
      )
    })

    test('the journal says the order, not the transport', async () => {
      await using world = await open()
      const { transport } = world
      const held: (() => void)[] = []
      const bus = world.bus({
        transport: {
          send: (message) => {
            if (message.to === 'worker') held.push(() => transport.send(message))
            else transport.send(message)
          },
          receive: (role, deliver) => transport.receive(role, deliver),
        },
      })
      const handled: string[] = []
      play(bus, 'waiter', forever)
      play(bus, 'worker', ({ id }) => void handled.push(id))
      const run = openRun(bus)
      await publishAll(world, run, ['1', '2', '3'])
      await world.advance()
      held[2]?.()
      held[1]?.()
      held[1]?.()
      await world.advance(1000)
      expect(handled).toEqual([])
      held[0]?.()
      await world.advance()
      expect(handled).toEqual([1, 2, 3].map((n) => `${run.id}.x${n}`))
    })

    test('a message in backoff holds its place', async () => {
      await using world = await open()
      const bus = world.bus()
      const handled: string[] = []
      play(bus, 'waiter', forever)
      play(bus, 'worker', ({ id }, { attempt }) => {
        handled.push(`${id} ${attempt}`)
        if (id.endsWith('x1') && attempt < 3) throw new Error('once more')
      })
      const run = openRun(bus)
      await publishAll(world, run, ['1', '2'])
      await world.advance(10_000)
      expect(handled).toEqual(['x1 1', 'x1 2', 'x1 3', 'x2 1'].map((text) => `${run.id}.${text}`))
    })

    test('a message in backoff holds its place in another process too', async () => {
      await using world = await open()
      const first = world.process()
      play(first.bus, 'waiter', forever)
      play(
        first.bus,
        'worker',
        () => {
          throw new Error('once more')
        },
        { backoffMs: 1_000_000, maxBackoffMs: 1_000_000 },
      )
      const run = openRun(first.bus)
      await publishAll(world, run, ['1', '2'])
      await world.advance()
      await first.kill()
      const second = world.bus()
      const handled: string[] = []
      play(second, 'waiter', forever)
      play(second, 'worker', ({ id }, { attempt }) => void handled.push(`${id} ${attempt}`), {
        maxBackoffMs: 1000,
      })
      await world.until(second.resume(run.id))
      await world.rest()
      expect(handled).toEqual([])
      await world.advance(1000)
      expect(handled).toEqual([`${run.id}.x1 2`, `${run.id}.x2 1`])
    })

    test('a role may say that it handles several messages of one run at once', async () => {
      await using world = await open()
      const bus = world.bus()
      let now = 0
      let most = 0
      const gate = Promise.withResolvers<void>()
      play(bus, 'waiter', forever)
      const handled: string[] = []
      play(
        bus,
        'worker',
        async ({ id }) => {
          most = Math.max(most, ++now)
          handled.push(id)
          await gate.promise
          now--
        },
        { perRunConcurrency: 2 },
      )
      const run = openRun(bus)
      await publishAll(world, run, ['1', '2', '3'])
      await world.advance()
      expect(handled).toEqual([`${run.id}.x1`, `${run.id}.x2`])
      gate.resolve()
      await world.advance()
      expect(most).toBe(2)
      expect(handled).toHaveLength(3)
    })

    test('a role that is handed over during a delivery still handles one message of a run at a time', async () => {
      await using world = await open()
      const bus = world.bus()
      const gate = Promise.withResolvers<void>()
      const events: string[] = []
      const playWorker = (name: string) =>
        play(bus, 'worker', async ({ id }) => {
          events.push(`${name} begins ${id}`)
          await gate.promise
          events.push(`${name} ends ${id}`)
        })
      play(bus, 'waiter', forever)
      const subscription = playWorker('the first')
      const run = openRun(bus)
      await publishAll(world, run, ['1'])
      await world.advance()
      subscription[Symbol.dispose]()
      playWorker('the second')
      await publishAll(world, run, ['2'])
      await world.advance(1000)
      expect(events).toEqual([`the first begins ${run.id}.x1`])
      gate.resolve()
      await world.advance()
      expect(events.slice(1)).toEqual([
        `the first ends ${run.id}.x1`,
        `the second begins ${run.id}.x2`,
        `the second ends ${run.id}.x2`,
      ])
    })

    test('one role does not wait for another of the same run', async () => {
      await using world = await open()
      const bus = world.bus()
      const handled: string[] = []
      play(bus, 'waiter', forever)
      play(bus, 'worker', ({ id }) => void handled.push(id))
      const run = openRun(bus)
      await publishAll(world, run, ['1'])
      await world.advance()
      expect(handled).toEqual([`${run.id}.x1`])
    })

    test('different runs proceed at once, up to the concurrency of the role', async () => {
      await using world = await open()
      const bus = world.bus()
      let now = 0
      let most = 0
      const gate = Promise.withResolvers<void>()
      play(
        bus,
        'worker',
        async (_message, ctx) => {
          most = Math.max(most, ++now)
          await gate.promise
          now--
          answer(ctx)
        },
        { roleConcurrency: 3 },
      )
      const runs = Array.from({ length: 10 }, () => ask(bus))
      await world.advance(1000)
      expect(now).toBe(3)
      gate.resolve()
      for (const run of runs) expect((await world.end(run)).status).toBe('completed')
      expect(most).toBe(3)
    })

    test('a run in backoff holds up no other run', async () => {
      await using world = await open()
      const bus = world.bus()
      play(
        bus,
        'worker',
        (message, ctx) => {
          if (message.runId === 'bad') throw new Error('always')
          answer(ctx)
        },
        { roleConcurrency: 1, backoffMs: 10_000 },
      )
      const bad = ask(bus, { runId: 'bad' })
      await world.rest()
      const good = ask(bus, { runId: 'good' })
      await world.rest()
      expect(await good.result).toMatchObject({ status: 'completed' })
      expect((await world.end(bad)).status).toBe('failed')
    })

    test('thousands of runs pass through a role that handles one at a time', async () => {
      await using world = await open()
      const bus = world.bus({ liveRuns: 5000 })
      const gate = Promise.withResolvers<void>()
      let handled = 0
      play(
        bus,
        'worker',
        (_message, ctx) => {
          answer(ctx)
          return handled++ === 0 ? gate.promise : undefined
        },
        { roleConcurrency: 1 },
      )
      const runs = Array.from({ length: 3000 }, () => ask(bus))
      await world.advance()
      gate.resolve()
      await world.advance()
      const ends = await Promise.all(runs.map((run) => run.result))
      expect(ends.filter(({ status }) => status !== 'completed')).toEqual([])
      expect(handled).toBe(3000)
    })
  })
}
