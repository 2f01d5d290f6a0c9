import { describe, expect, test } from 'vitest'
import { RecordedError, TransportError } from '../../errors.ts'
import type { Message } from '../../message.ts'
import type { JournalRecord } from '../../records.ts'
import { Asked, answer, Drafted, forever, play } from './types.ts'
import { ask, type OpenWorld } from './world.ts'

const ODD_ERRORS: readonly (readonly [name: string, thrown: unknown])[] = [
  ['undefined', undefined],
  ['a text', 'a text'],
  ['an object without a prototype', Object.create(null)],
  [
    'an object that cannot be text',
    {
      toString() {
        throw new Error('no text')
      },
    },
  ],
  ['a symbol', Symbol('s')],
  ['an error whose message is no text', Object.assign(new Error('x'), { message: { a: 1 } })],
  ['an error whose name is no text', Object.assign(new Error('x'), { name: 7 })],
  [
    'an error whose name throws',
    Object.defineProperty(new Error('x'), 'name', {
      get() {
        throw new Error('no name')
      },
    }),
  ],
  [
    'an error whose message throws',
    Object.defineProperty(new Error('x'), 'message', {
      get() {
        throw new Error('no message')
      },
    }),
  ],
]

const ODD_RESULTS: readonly (readonly [name: string, result: unknown])[] = [
  ['a number', 7],
  ['a text', 'a text'],
  ['null', null],
  ['an object', { status: 'failed' }],
  ['an error', new Error('returned, not thrown')],
  ['a thenable', thenable((resolve) => resolve())],
]

/** Something that can be awaited and is no promise. */
function thenable(
  onAwait: (resolve: () => void, reject: (error: unknown) => void) => void,
): object {
  const method = 'then'
  return { [method]: onAwait }
}

/** 7. A handler never affects the publisher, other subscribers or the process. */
export function isolation(open: OpenWorld): void {
  describe('7. isolation', () => {
    const faults = {
      throws: () => {
        throw new Error('thrown')
      },
      rejects: () => Promise.reject(new Error('rejected')),
      hangs: forever,
    }
    test.each(Object.entries(faults))(
      'a handler that %s disturbs no other role and no other run',
      async (_name, fault) => {
        await using world = await open()
        const bus = world.bus()
        play(bus, 'bad', fault)
        play(bus, 'worker', (_message, ctx) => void ctx.handoff('next', Drafted, { text: 'x' }))
        play(bus, 'next', (_message, ctx) => void answer(ctx))
        const bad = ask(bus, { to: 'bad' })
        const good = ask(bus)
        await world.rest()
        expect(await good.result).toMatchObject({ status: 'completed' })
        expect((await world.end(bad)).status).toBe('failed')
      },
    )

    test('publishing does not call the handler', async () => {
      await using world = await open()
      const bus = world.bus()
      let calls = 0
      play(bus, 'worker', () => {
        calls++
        throw new Error('thrown')
      })
      ask(bus)
      expect(calls).toBe(0)
      await world.advance()
      expect(calls).toBe(1)
    })

    test.each(ODD_ERRORS)('a handler may throw %s', async (_name, thrown) => {
      await using world = await open()
      const bus = world.bus()
      play(
        bus,
        'worker',
        () => {
          throw thrown
        },
        { attempts: 2 },
      )
      const end = await world.end(ask(bus))
      expect(end.status).toBe('failed')
      expect(end.reason).toMatch(/^'worker' failed at question.asked in each of 2 attempts/)
      const settlements = (await world.records()).filter(({ kind }) => kind === 'settle')
      for (const settlement of settlements) {
        expect(JSON.parse(JSON.stringify(settlement))).toEqual(settlement)
      }
    })

    test.each(ODD_ERRORS)('a step may throw %s', async (_name, thrown) => {
      await using world = await open()
      const bus = world.bus()
      const caught: unknown[] = []
      play(bus, 'worker', async (_message, ctx) => {
        const step = ctx.step({
          name: 'odd',
          request: 1,
          perform: () => {
            throw thrown
          },
        })
        await step.catch((error: unknown) => caught.push(error))
        answer(ctx)
      })
      expect((await world.end(ask(bus))).status).toBe('completed')
      const [error] = caught
      expect(caught).toHaveLength(1)
      expect(error instanceof RecordedError && error.cause === thrown).toBe(true)
    })

    test.each(ODD_RESULTS)('a handler may return %s', async (_name, result) => {
      await using world = await open()
      const bus = world.bus()
      const attempts: number[] = []
      bus.subscribe('worker', {
        accepts: [Asked],
        handle: (_message, ctx) => {
          attempts.push(ctx.attempt)
          answer(ctx)
          return result
        },
      })
      expect((await world.end(ask(bus))).status).toBe('completed')
      expect(attempts).toEqual([1])
    })

    test('a thenable that a handler returns is awaited, and its rejection fails the attempt', async () => {
      await using world = await open()
      const bus = world.bus()
      const gate = Promise.withResolvers<void>()
      bus.subscribe('worker', {
        accepts: [Asked],
        attempts: 1,
        handle: (_message, ctx) => {
          answer(ctx)
          return thenable((_resolve, reject) => {
            gate.promise.then(() => reject(new Error('not after all')), reject)
          })
        },
      })
      const run = ask(bus)
      await world.advance(1000)
      expect(await world.openRuns()).toEqual([run.id])
      gate.resolve()
      expect((await world.end(run)).reason).toContain('not after all')
    })

    test('a transport that throws stops its run, which another bus can go on with', async () => {
      await using world = await open()
      const { transport } = world
      const bus = world.bus({
        transport: {
          send: (message) => {
            if (message.to === 'next') throw new Error('the socket is closed')
            transport.send(message)
          },
          receive: (role, deliver) => transport.receive(role, deliver),
        },
      })
      play(bus, 'worker', (_message, ctx) => void ctx.handoff('next', Drafted, { text: 'x' }))
      play(bus, 'next', forever)
      const run = ask(bus)
      await expect(world.end(run)).rejects.toThrow(TransportError)
      await expect(run.result).rejects.toThrow(/the socket is closed/)
      const other = world.bus()
      play(other, 'worker', forever)
      play(other, 'next', (_message, ctx) => void answer(ctx))
      const end = await world.end(await world.until(other.resume(run.id)))
      expect(end.status).toBe('completed')
    })

    test('steps that nobody awaits reject without a word', async () => {
      await using world = await open()
      const bus = world.bus()
      play(bus, 'worker', (_message, ctx) => {
        const request = 1
        void ctx.step({ name: 'a', request, perform: () => Promise.reject(new Error('no')) })
        void ctx.step({
          name: 'b',
          request,
          perform: (scope) => {
            void scope.step({ name: 'inner', request, perform: () => Promise.reject(new Error()) })
            throw new Error('no')
          },
        })
        void ctx.step({ name: 'c', request: new Date(), perform: () => 1 })
        void ctx.step({ name: 'd', request, perform: forever })
        answer(ctx)
      })
      const run = ask(bus)
      expect((await world.end(run)).status).toBe('completed')
      await world.advance(1000)
    })

    test('the promises of a run reject without a word when nobody looks at them', async () => {
      await using world = await open()
      const bus = world.bus({ liveRuns: 1 })
      play(bus, 'worker', forever)
      ask(bus)
      ask(bus)
      await world.advance()
      await bus.close()
      await world.advance()
    })

    test('observers that throw, reject or hang disturb neither the run nor each other', async () => {
      await using world = await open()
      const bus = world.bus()
      const seen: string[] = []
      bus.observe(() => {
        throw new Error('thrown')
      })
      bus.observe(() => Promise.reject(new Error('rejected')))
      bus.observe(forever)
      bus.observe(({ kind }) => void seen.push(kind))
      play(bus, 'worker', (_message, ctx) => void answer(ctx))
      const { status } = await world.end(ask(bus))
      await world.advance()
      expect(status).toBe('completed')
      expect(seen).toEqual(['run.opened', 'message', 'settle', 'message', 'run.ended'])
    })

    test('a logger that throws disturbs nobody', async () => {
      await using world = await open()
      const fail = () => {
        throw new Error('the log is full')
      }
      const logger = { trace: fail, debug: fail, info: fail, warn: fail, error: fail }
      const bus = world.bus({ logger })
      bus.observe(fail)
      play(
        bus,
        'worker',
        async (_message, ctx) => {
          if (ctx.attempt === 1) return forever()
          void ctx.step({ name: 'late', request: 1, perform: () => world.advance() })
          answer(ctx)
        },
        { deliveryTimeoutMs: 1000 },
      )
      const run = ask(bus)
      expect((await world.end(run)).status).toBe('completed')
    })

    test('a handler cannot change what the next one gets', async () => {
      await using world = await open()
      const bus = world.bus()
      const errors: unknown[] = []
      const texts: unknown[] = []
      play(bus, 'worker', (message, ctx) => {
        for (const change of [
          () => Object.assign(message, { to: 'me' }),
          () => Object.assign(message.data, { text: 'changed' }),
          () => Object.assign(message.metadata, { a: 'b' }),
          () => Object.assign(ctx.past()[0] ?? {}, { content: 'changed' }),
        ]) {
          try {
            change()
          } catch (error) {
            errors.push(error)
          }
        }
        ctx.handoff('next', Drafted, { text: 'x' })
      })
      play(bus, 'next', (_message, ctx) => {
        texts.push(...ctx.past().map(({ data }: Message) => data))
        answer(ctx)
      })
      await world.end(ask(bus))
      expect(errors).toEqual(Array(4).fill(expect.any(TypeError)))
      expect(texts).toEqual([{ text: 'hello' }, { text: 'x', sections: [] }])
    })

    test('observers and readers cannot change a record', async () => {
      await using world = await open()
      const bus = world.bus()
      const errors: unknown[] = []
      const change = (record: JournalRecord) => {
        try {
          Object.assign(record, { runId: 'changed' })
        } catch (error) {
          errors.push(error)
        }
      }
      bus.observe(change)
      play(bus, 'worker', (_message, ctx) => void answer(ctx))
      const run = ask(bus)
      await world.end(run)
      for (const record of await world.records(run.id)) change(record)
      const aborter = new AbortController()
      const following = world.journal.follow({ signal: aborter.signal })[Symbol.asyncIterator]()
      for (let record = 0; record < 5; record++) change((await world.until(following.next())).value)
      aborter.abort()
      expect(errors).toEqual(Array(15).fill(expect.any(TypeError)))
      const records = await world.records()
      expect(records.map(({ runId }) => runId)).toEqual(Array(5).fill(run.id))
    })
  })
}
