import { inspect } from 'node:util'
import { describe, expect, test } from 'vitest'
import type { DeliveryContext } from '../../delivery-context.ts'
import { Secret } from '../../secret.ts'
import { recordingLogger } from './recording-logger.ts'
import { ofKind } from './rules.ts'
import { Answered, answer, forever, KeyMade, play } from './types.ts'
import { ask, type OpenWorld, type World } from './world.ts'

const VALUE = 'Tr0ub4dor&3 "quoted"'

/** Everything that anybody can read of a world. */
async function everything(world: World): Promise<string> {
  const records = await world.records()
  return `${JSON.stringify(records)}\n${inspect(records, { depth: null, showHidden: true })}`
}

/** A secret is a handle everywhere but where code reveals it. */
export function secrets(open: OpenWorld): void {
  describe('secrets', () => {
    test('a handler gets a secret that only reveal() opens, named after its message', async () => {
      await using world = await open()
      const bus = world.bus()
      const seen: string[] = []
      play(bus, 'worker', (_message, ctx) => {
        ctx.handoff('next', KeyMade, { owner: 'me', key: VALUE })
      })
      play(bus, 'next', (message, ctx) => {
        if (message.type === 'key.made') {
          seen.push(message.data.key.handle, message.data.key.reveal())
          seen.push(ctx.secret(message.data.key.handle)?.reveal() ?? 'unknown')
        }
        answer(ctx)
      })
      const run = ask(bus)
      await world.end(run)
      expect(seen).toEqual([`secret:${run.id}.h#1`, VALUE, VALUE])
      expect(await everything(world)).not.toContain(VALUE)
    })

    test('no record and no log line has the value, whatever an agent says about it', async () => {
      await using world = await open()
      const { logger, written } = recordingLogger()
      const bus = world.bus({ logger })
      const observed: string[] = []
      bus.observe((record) => void observed.push(JSON.stringify(record), inspect(record)))
      play(bus, 'worker', async (_message, ctx) => {
        const key = await ctx.step({
          kind: 'tool',
          name: 'make key',
          request: { length: 20 },
          perform: () => new Secret(VALUE),
        })
        ctx.log(`made ${key.reveal()}`, { key })
        await ctx.step({ kind: 'tool', name: 'check', request: { key }, perform: () => ({ key }) })
        const failing = ctx.step({
          name: 'fail',
          request: null,
          perform: () => {
            throw new Error(`the key ${key.reveal()} is weak`)
          },
        })
        await failing.catch(() => {})
        if (ctx.attempt < 3) throw new Error(`attempt ${ctx.attempt} with ${key.reveal()}`)
        ctx.handoff('next', KeyMade, { owner: 'me', key }, `Key ${key.reveal()} is made.`)
      })
      play(bus, 'next', (message) => {
        if (message.type === 'key.made') throw new TypeError(message.data.key.reveal())
      })
      const run = ask(bus)
      const end = await world.end(run)
      expect(end.status).toBe('failed')
      const texts = [await everything(world), written(), observed.join('\n'), inspect(end)]
      for (const text of texts) {
        expect(text).not.toContain(VALUE)
        expect(text).not.toContain('Tr0ub4dor')
        expect(text).toContain('secret:')
      }
      const errors = ofKind(await world.records(run.id), 'settle').flatMap(({ error }) =>
        error === undefined ? [] : [error.message],
      )
      expect(errors.every((text) => text.includes('secret:'))).toBe(true)
    })

    test('an error over several lines, or with one secret inside another, keeps them both', async () => {
      await using world = await open()
      const bus = world.bus()
      const lines = 'first line\nsecond line of the key'
      play(
        bus,
        'worker',
        (_message, ctx) => {
          ctx.handoff('next', KeyMade, { owner: 'a', key: 'first' })
          throw new Error('once more')
        },
        { attempts: 1 },
      )
      play(bus, 'other', async (_message, ctx) => {
        await ctx.step({
          name: 'a',
          request: 1,
          perform: () => [new Secret('first'), new Secret(lines)],
        })
        throw new Error(`bad key: ${lines}`)
      })
      const run = ask(bus, { to: 'other' })
      const end = await world.end(run)
      expect(end.reason).not.toContain('second line')
      expect(await everything(world)).not.toContain('second line')
    })

    test('secrets of several attempts, and of one log line, are all kept', async () => {
      await using world = await open()
      const bus = world.bus()
      const values = ['opensesame1', 'opensesame2', 'opensesame3', 'opensesame4']
      play(bus, 'worker', (_message, ctx) => {
        const [a, b, c, d] = values.map((value) => new Secret(value))
        if (a === undefined || b === undefined || c === undefined || d === undefined) return
        if (ctx.attempt === 1) {
          ctx.log('two', { a, b })
          ctx.handoff('next', KeyMade, { owner: 'me', key: c })
        } else ctx.handoff('next', KeyMade, { owner: 'me', key: d })
        throw new Error(values.slice(0, ctx.attempt === 1 ? 3 : 4).join())
      })
      const run = ask(bus)
      const end = await world.end(run)
      expect(end.status).toBe('failed')
      expect(end.reason).not.toContain('opensesame')
      expect(await everything(world)).not.toContain('opensesame')
      const [line] = ofKind(await world.records(run.id), 'log')
      expect(new Set(Object.values(line?.data ?? {}).map(String)).size).toBe(2)
    })

    test('a reason to cancel has no value in it either', async () => {
      await using world = await open()
      const bus = world.bus()
      play(bus, 'worker', forever)
      const data = { owner: 'me', key: VALUE }
      const run = bus.publish('worker', KeyMade, data, {
        terminal: Answered,
        content: `Take ${VALUE}.`,
      })
      await world.advance()
      run.cancel(`nobody needs ${VALUE}`)
      const end = await world.end(run)
      expect(end.reason).toContain(`secret:${run.id}#1`)
      expect(await everything(world)).not.toContain(VALUE)
    })

    test('another process knows the secrets of a run that it resumes', async () => {
      await using world = await open()
      const first = world.process()
      play(first.bus, 'worker', async (_message, ctx) => {
        await ctx.step({ name: 'make', request: 1, perform: () => new Secret(VALUE) })
        await forever()
      })
      const run = ask(first.bus)
      await world.advance()
      await first.kill()
      const second = world.bus()
      const revealed: string[] = []
      play(second, 'worker', async (_message, ctx) => {
        const key = await ctx.step({ name: 'make', request: 1, perform: () => new Secret('other') })
        revealed.push(key.reveal(), ctx.secret(key.handle)?.reveal() ?? 'unknown')
        throw new Error(`bad key: ${key.reveal()}`)
      })
      const end = await world.end(await world.until(second.resume(run.id)))
      expect(revealed.slice(0, 2)).toEqual([VALUE, VALUE])
      expect(end.status).toBe('failed')
      expect(await everything(world)).not.toContain(VALUE)
    })

    test('a secret that a handler makes is the same to a second start, though it was named since', async () => {
      await using world = await open()
      const first = world.process()
      const work = async (ctx: DeliveryContext) => {
        const key = new Secret(VALUE)
        await ctx.step({ name: 'keep', request: { key }, perform: () => 'kept' })
        ctx.handoff('next', KeyMade, { owner: 'me', key })
      }
      play(first.bus, 'worker', async (_message, ctx) => {
        await work(ctx)
        await forever()
      })
      const run = ask(first.bus)
      await world.advance()
      await first.kill()
      const second = world.bus()
      play(second, 'worker', (_message, ctx) => work(ctx))
      play(second, 'next', (_message, ctx) => void answer(ctx))
      const end = await world.end(await world.until(second.resume(run.id)))
      expect(end).toMatchObject({ status: 'completed' })
      expect(await everything(world)).not.toContain(VALUE)
    })

    test('what is refused does not repeat the value', async () => {
      await using world = await open()
      const bus = world.bus()
      const publish = () =>
        // @ts-expect-error the owner is missing
        bus.publish('worker', KeyMade, { key: VALUE }, { terminal: Answered })
      expect(publish).toThrow(/owner/)
      expect(publish).not.toThrow(VALUE)
    })
  })
}
