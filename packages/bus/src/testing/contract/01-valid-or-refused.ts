import { describe, expect, test } from 'vitest'
import { MAX_DATA_BYTES } from '../../data.ts'
import { InvalidMessageError } from '../../errors.ts'
import type { Message } from '../../message.ts'
import { Answered, Asked, answer, Drafted, forever, Noted, play } from './types.ts'
import { ask, type OpenWorld } from './world.ts'

class Money {
  readonly cents = 1
}

const cyclic: Record<string, unknown> = {}
cyclic.self = cyclic

const NOT_JSON: readonly (readonly [name: string, value: unknown, path: string])[] = [
  ['NaN', { price: Number.NaN }, 'anything.price'],
  ['Infinity', [1, Number.POSITIVE_INFINITY], 'anything.1'],
  ['a date', { on: new Date(0) }, 'anything.on'],
  ['a map', { all: new Map() }, 'anything.all'],
  ['a set', { all: new Set() }, 'anything.all'],
  ['bytes', new Uint8Array(2), 'anything'],
  ['a bigint', { n: 1n }, 'anything.n'],
  ['a symbol', { s: Symbol('s') }, 'anything.s'],
  ['a function', { f: () => 1 }, 'anything.f'],
  ['an instance of a class', [{ price: new Money() }], 'anything.0.price'],
  ['undefined in an array', { list: [1, undefined] }, 'anything.list.1'],
  ['a key named __proto__', JSON.parse('{"a":{"__proto__":{"b":1}}}'), 'anything.a.__proto__'],
]

/** 1. A message is validated before anyone sees it; an invalid one throws at the publisher. */
export function validOrRefused(open: OpenWorld): void {
  describe('1. valid or refused', () => {
    test('publishing invalid data throws, naming the type, the path and what was expected', async () => {
      await using world = await open()
      const bus = world.bus()
      play(bus, 'worker', (_message, ctx) => void answer(ctx))
      const sections = [{ title: 'one' }, { title: '' }, { title: 'three', tags: [] }]
      const error = errorOf(() =>
        bus.publish('worker', Drafted, { text: 'x', sections }, { terminal: Answered }),
      )
      expect(error.type).toBe('text.drafted')
      expect(error.issues.map(({ path }) => path)).toEqual(['sections.1.title'])
      expect(error.message).toMatch(/text\.drafted.*sections\.1\.title: Too small: expected string/)
    })

    test('an invalid root message opens no run and is in no journal', async () => {
      await using world = await open()
      const bus = world.bus()
      // @ts-expect-error the text is missing
      expect(() => bus.publish('worker', Asked, {}, { terminal: Answered })).toThrow(
        InvalidMessageError,
      )
      await world.advance()
      expect(await world.records()).toEqual([])
      expect(await world.openRuns()).toEqual([])
    })

    test('handing off invalid data throws in the handler and reaches nobody', async () => {
      await using world = await open()
      const bus = world.bus()
      const errors: unknown[] = []
      const seen: string[] = []
      play(bus, 'worker', (_message, ctx) => {
        try {
          ctx.handoff('next', Drafted, { text: 'x', sections: [{ title: '' }] })
        } catch (error) {
          errors.push(error)
        }
        answer(ctx, 'the handler may hand off something else')
      })
      play(bus, 'next', (message) => void seen.push(message.id))
      const { status } = await world.end(ask(bus))
      expect(errors).toEqual([expect.any(InvalidMessageError)])
      expect(seen).toEqual([])
      expect(status).toBe('completed')
    })

    test('invalid data from outside an open run is refused, and the run goes on', async () => {
      await using world = await open()
      const bus = world.bus()
      const { promise, resolve } = Promise.withResolvers<void>()
      play(bus, 'worker', async (_message, ctx) => {
        await promise
        answer(ctx)
      })
      const run = ask(bus)
      await expect(
        world.until(run.publish('worker', Drafted, { text: 'x', sections: [{ title: '' }] })),
      ).rejects.toThrow(InvalidMessageError)
      resolve()
      expect((await world.end(run)).status).toBe('completed')
      const records = await world.records(run.id)
      expect(records.filter(({ kind }) => kind === 'message')).toHaveLength(2)
    })

    test.each(NOT_JSON)('refuses %s, whatever the schema says', async (_name, anything, path) => {
      await using world = await open()
      const bus = world.bus()
      const error = errorOf(() =>
        bus.publish('worker', Noted, { anything }, { terminal: Answered }),
      )
      expect(error.issues.map((issue) => issue.path)).toEqual([path])
    })

    test('refuses data that contains itself', async () => {
      await using world = await open()
      const bus = world.bus()
      const error = errorOf(() =>
        bus.publish('worker', Noted, { anything: cyclic }, { terminal: Answered }),
      )
      expect(error.message).toContain('contains itself')
    })

    test('takes data of 1 MiB and refuses a byte more', async () => {
      await using world = await open()
      const bus = world.bus()
      play(bus, 'worker', (_message, ctx) => void answer(ctx))
      const frame = JSON.stringify({ text: '' }).length
      const text = 'x'.repeat(MAX_DATA_BYTES - frame)
      const run = bus.publish('worker', Asked, { text }, { terminal: Answered })
      expect((await world.end(run)).status).toBe('completed')
      const error = errorOf(() =>
        bus.publish('worker', Asked, { text: `${text}x` }, { terminal: Answered }),
      )
      expect(error.message).toContain(String(MAX_DATA_BYTES + 1))
    })

    test('a handler gets the parsed data, without what was undefined', async () => {
      await using world = await open()
      const bus = world.bus()
      const seen: unknown[] = []
      play(bus, 'worker', (message, ctx) => {
        seen.push(message.data)
        answer(ctx)
      })
      await world.end(bus.publish('worker', Drafted, { text: 'x' }, { terminal: Answered }))
      await world.end(
        bus.publish(
          'worker',
          Noted,
          { anything: { none: undefined, some: null } },
          { terminal: Answered },
        ),
      )
      expect(seen).toEqual([{ text: 'x', sections: [] }, { anything: { some: null } }])
      expect(JSON.stringify(seen[1])).toBe('{"anything":{"some":null}}')
    })

    test('what a publisher does to its own objects later changes no message', async () => {
      await using world = await open()
      const bus = world.bus()
      const seen: unknown[] = []
      play(bus, 'worker', (message, ctx) => {
        seen.push(message.data)
        answer(ctx)
      })
      const anything = { list: [1, { two: 2 }] }
      const metadata: Record<string, string> = { mine: 'kept' }
      const run = bus.publish('worker', Noted, { anything }, { terminal: Answered, metadata })
      anything.list.push(3)
      metadata.mine = 'changed'
      await world.end(run)
      expect(seen).toEqual([{ anything: { list: [1, { two: 2 }] } }])
      const [, root] = await world.records(run.id)
      expect(root).toMatchObject({ message: { metadata: { mine: 'kept' } } })
    })

    test('the envelope, its metadata and its data are frozen to the bottom, arrays included', async () => {
      await using world = await open()
      const bus = world.bus()
      const seen: Message[] = []
      play(bus, 'worker', (message, ctx) => {
        seen.push(message)
        answer(ctx)
      })
      await world.end(
        bus.publish(
          'worker',
          Noted,
          { anything: { list: [{ deep: [[1]] }] } },
          { terminal: Answered, metadata: { a: 'b' } },
        ),
      )
      expect(seen).toHaveLength(1)
      for (const message of seen) expect(unfrozen(message)).toEqual([])
    })

    test('metadata that nobody knows goes with the message', async () => {
      await using world = await open()
      const bus = world.bus()
      const seen: unknown[] = []
      play(bus, 'worker', async (message) => {
        seen.push(message.metadata, message.content)
        await forever()
      })
      const metadata = { 'x-trace': '00-ab', '': 'empty', constructor: 'a name like others' }
      bus.publish('worker', Asked, { text: 'x' }, { terminal: Answered, metadata, content: 'Hi.' })
      await world.advance()
      expect(seen).toEqual([metadata, 'Hi.'])
    })
  })
}

function errorOf(publish: () => unknown): InvalidMessageError {
  try {
    publish()
  } catch (error) {
    if (error instanceof InvalidMessageError) return error
    throw error
  }
  throw new Error('nothing was thrown')
}

/** Paths of the objects in a value that can be changed. */
function unfrozen(value: unknown, path = '$'): string[] {
  if (typeof value !== 'object' || value === null) return []
  const inner = Object.entries(value).flatMap(([key, entry]) => unfrozen(entry, `${path}.${key}`))
  return Object.isFrozen(value) ? inner : [path, ...inner]
}
