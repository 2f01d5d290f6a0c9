import { describe, expect, test } from 'vitest'
import { JournalError, JournalFeatureError } from '../../errors.ts'
import { DURABILITY } from '../../journal.ts'
import { ofKind } from './rules.ts'
import { answer, Drafted, forever, play } from './types.ts'
import { ask, type OpenWorld, withAppend } from './world.ts'

/** 2. A message is in the journal before any handler sees it. */
export function durableBeforeVisible(open: OpenWorld): void {
  describe('2. durable before visible', () => {
    test('no handler is called before the journal has acknowledged the message', async () => {
      await using world = await open()
      const waiting: (() => void)[] = []
      const journal = withAppend(world.journal, async (batch, lease) => {
        await new Promise<void>((resolve) => waiting.push(resolve))
        return world.journal.append(batch, lease)
      })
      const bus = world.bus({ journal })
      const handled: string[] = []
      play(bus, 'worker', (_message, ctx) => {
        handled.push('worker')
        ctx.handoff('next', Drafted, { text: 'x' })
      })
      play(bus, 'next', (_message, ctx) => {
        handled.push('next')
        answer(ctx)
      })
      const run = ask(bus)
      let isOpened = false
      run.opened.then(
        () => {
          isOpened = true
        },
        () => {},
      )
      await world.advance(1000)
      expect([isOpened, handled]).toEqual([false, []])
      waiting.shift()?.()
      await world.advance(1000)
      expect([isOpened, handled]).toEqual([true, ['worker']])
      waiting.shift()?.()
      await world.advance(1000)
      expect(handled).toEqual(['worker', 'next'])
      waiting.shift()?.()
      expect((await world.end(run)).status).toBe('completed')
    })

    test('a handler finds its own message in the journal', async () => {
      await using world = await open()
      const bus = world.bus()
      const found: boolean[] = []
      const isStored = async (id: string) =>
        ofKind(await world.records(), 'message').some(({ message }) => message.id === id)
      play(bus, 'worker', async (message, ctx) => {
        found.push(await isStored(message.id))
        ctx.handoff('next', Drafted, { text: 'x' })
      })
      play(bus, 'next', async (message, ctx) => {
        found.push(await isStored(message.id))
        answer(ctx)
      })
      await world.end(ask(bus))
      expect(found).toEqual([true, true])
    })

    test('an observer is told of a record when it is stored, in the order of the journal', async () => {
      await using world = await open()
      const bus = world.bus()
      const seen: number[] = []
      const late: Promise<void>[] = []
      bus.observe((record) => {
        seen.push(record.seq)
        late.push(
          world.records().then((records) => {
            expect(records.map(({ seq }) => seq)).toContain(record.seq)
          }),
        )
      })
      play(bus, 'worker', async (_message, ctx) => {
        await ctx.step({ name: 'look', request: 1, perform: () => 2 })
        answer(ctx)
      })
      await world.end(ask(bus))
      await Promise.all(late)
      expect(seen).toEqual((await world.records()).map(({ seq }) => seq))
    })

    test('where the journal refuses a message nobody handles it and the run is rejected', async () => {
      await using world = await open()
      const journal = withAppend(world.journal, async (batch, lease) => {
        if (batch.some((record) => record.kind === 'settle')) throw new Error('the disk is full')
        return world.journal.append(batch, lease)
      })
      const bus = world.bus({ journal })
      const handled: string[] = []
      play(bus, 'worker', (_message, ctx) => {
        handled.push('worker')
        ctx.handoff('next', Drafted, { text: 'x' })
      })
      play(bus, 'next', () => void handled.push('next'))
      const run = ask(bus)
      await expect(world.end(run)).rejects.toThrow(JournalError)
      await expect(world.end(run)).rejects.toThrow(/the disk is full/)
      await world.advance(60_000)
      expect(handled).toEqual(['worker'])
      expect(await world.openRuns()).toEqual([run.id])
    })

    test('a root message that cannot be stored rejects both promises of the run', async () => {
      await using world = await open()
      const journal = withAppend(world.journal, async () => {
        throw new Error('no journal')
      })
      const bus = world.bus({ journal })
      const run = ask(bus)
      await expect(world.until(run.opened)).rejects.toThrow(JournalError)
      await expect(world.end(run)).rejects.toThrow(JournalError)
      expect(await world.until(bus.drain())).toEqual({ isDrained: true, left: [] })
    })

    test('an acknowledged message survives its process', async () => {
      await using world = await open()
      const first = world.process()
      play(first.bus, 'worker', forever)
      const run = ask(first.bus)
      await world.until(run.opened)
      await first.kill()
      const second = world.bus()
      play(second, 'worker', (message, ctx) => void answer(ctx, message.id))
      const end = await world.end(await second.resume(run.id))
      expect(end.message?.data).toEqual({ text: run.id })
    })

    test('the journal says what an acknowledgement survives, and a bus that needs more does not start', async () => {
      await using world = await open()
      const { durability } = world.journal.features
      expect(DURABILITY).toContain(durability)
      for (const level of DURABILITY) {
        const start = () => world.bus({ requires: { durability: level } })
        if (DURABILITY.indexOf(level) <= DURABILITY.indexOf(durability)) start()
        else expect(start).toThrow(JournalFeatureError)
      }
      const many = () => world.bus({ requires: { multiProcess: true } })
      if (world.journal.features.multiProcess) many()
      else expect(many).toThrow(JournalFeatureError)
    })

    test('a message that the transport brings before its append is acknowledged is not handled early', async () => {
      await using world = await open()
      const acknowledge: (() => void)[] = []
      const journal = withAppend(world.journal, async (batch, lease) => {
        const stored = await world.journal.append(batch, lease)
        await new Promise<void>((resolve) => acknowledge.push(resolve))
        return stored
      })
      const bus = world.bus({ journal })
      const handled: string[] = []
      play(bus, 'worker', (message, ctx) => {
        handled.push(message.id)
        ctx.handoff('next', Drafted, { text: 'x' })
      })
      play(bus, 'next', (message, ctx) => {
        handled.push(message.id)
        answer(ctx)
      })
      const run = ask(bus)
      for (const id of [run.id, `${run.id}.h`]) {
        await world.advance()
        const [newest] = ofKind(await world.records(run.id), 'message').slice(-1)
        if (newest?.message.id !== id) throw new Error(`${id} is not in the journal`)
        world.transport.send(newest.message)
        await world.advance(1000)
        expect(handled).not.toContain(id)
        acknowledge.shift()?.()
        await world.advance()
        expect(handled).toContain(id)
      }
      acknowledge.shift()?.()
      expect((await world.end(run)).status).toBe('completed')
      expect(handled).toEqual([run.id, `${run.id}.h`])
    })
  })
}
