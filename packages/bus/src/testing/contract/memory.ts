import { describe, expect, test } from 'vitest'
import type { Bus } from '../../bus.ts'
import type { DeliveryContext } from '../../delivery-context.ts'
import { InvalidOptionError } from '../../errors.ts'
import type { RunEnd } from '../../run.ts'
import { ofKind } from './rules.ts'
import { answer, Drafted, forever, hear, play } from './types.ts'
import { ask, type OpenWorld, type World } from './world.ts'

type Work = (ctx: DeliveryContext) => unknown

/** Plays a role whose handler does this, and then hands off or answers. */
export function works(bus: Bus, work: Work, { role = 'worker', next = '' } = {}): Disposable {
  return play(bus, role, async (_message, ctx) => {
    await work(ctx)
    if (next === '') answer(ctx)
    else ctx.handoff(next, Drafted, { text: 'on' })
  })
}

/** A run whose worker does this, to its end. */
export async function remembering(
  world: World,
  work: Work,
  options: { readonly thread?: string; readonly role?: string } = { thread: 'home' },
): Promise<RunEnd> {
  const { role = 'worker', thread } = options
  const bus = world.bus()
  using _worker = works(bus, work, { role })
  const run = ask(bus, { to: role, ...(thread === undefined ? {} : { thread }) })
  return await world.end(run)
}

/** What a role of a thread has under a key in a new run. */
export async function recalled(
  world: World,
  key: string,
  options: { readonly thread?: string; readonly role?: string } = { thread: 'home' },
): Promise<unknown> {
  let value: unknown = 'never asked'
  await remembering(
    world,
    async (ctx) => {
      value = await ctx.memory.get(key)
    },
    options,
  )
  return value
}

/** What a role remembers, for later runs of its thread. */
export function memory(open: OpenWorld): void {
  describe('memory', () => {
    whatIsWritten(open)
    whoRemembers(open)
  })
}

function whatIsWritten(open: OpenWorld): void {
  test('what a handler writes is in the append of its settlement, before it', async () => {
    await using world = await open()
    const { bus, batches } = world.process()
    works(bus, (ctx) => ctx.memory.set('colour', { name: 'blue', tags: [1, null] }))
    const run = ask(bus, { thread: 'home' })
    await world.end(run)
    expect(batches.at(-1)?.map(({ kind }) => kind)).toEqual([
      'memory',
      'settle',
      'message',
      'run.ended',
    ])
    const [record] = ofKind(await world.records(run.id), 'memory')
    expect(record).toMatchObject({
      id: `${run.id}/m1`,
      messageId: run.id,
      attempt: 1,
      role: 'worker',
      thread: 'home',
      key: 'colour',
      value: { name: 'blue', tags: [1, null] },
    })
    expect(await recalled(world, 'colour')).toEqual({ name: 'blue', tags: [1, null] })
  })

  test('nobody sees it before it is settled, and a later delivery of the run does then', async () => {
    await using world = await open()
    const bus = world.bus()
    const gate = Promise.withResolvers<void>()
    const seen: unknown[] = []
    play(bus, 'worker', async (message, ctx) => {
      if (message.type === 'text.drafted') {
        seen.push(await ctx.memory.get('colour'))
        answer(ctx)
        return
      }
      ctx.memory.set('colour', 'blue')
      await gate.promise
      ctx.handoff('worker', Drafted, { text: 'again' })
    })
    const run = ask(bus, { thread: 'home' })
    await world.advance()
    seen.push(
      await world.journal.memory.get({ role: 'worker', runId: 'x', thread: 'home' }, 'colour'),
    )
    gate.resolve()
    await world.end(run)
    expect(seen).toEqual([undefined, 'blue'])
  })

  test('an attempt that fails, times out or is killed has written nothing', async () => {
    await using world = await open()
    const bus = world.bus()
    play(
      bus,
      'worker',
      async (_message, ctx) => {
        const before = await ctx.memory.get('tries')
        ctx.memory.set('tries', ctx.attempt)
        if (ctx.attempt === 1) throw new Error('once more')
        if (ctx.attempt === 2) await forever()
        answer(ctx, `${before}`)
      },
      { deliveryTimeoutMs: 1_000 },
    )
    const end = await world.end(ask(bus, { thread: 'home' }))
    expect(end.message?.data).toEqual({ text: 'undefined' })
    expect(ofKind(await world.records(), 'memory')).toHaveLength(1)
    expect(await recalled(world, 'tries')).toBe(3)
  })

  test('a dead letter has written nothing, and a run that ends later keeps what was settled', async () => {
    await using world = await open()
    const bus = world.bus()
    works(bus, (ctx) => ctx.memory.set('kept', 1), { next: 'next' })
    play(
      bus,
      'next',
      (_message, ctx) => {
        ctx.memory.set('lost', 2)
        throw new Error('no')
      },
      { attempts: 1 },
    )
    const end = await world.end(ask(bus, { thread: 'home' }))
    expect(end.status).toBe('failed')
    expect(await recalled(world, 'kept')).toBe(1)
    expect(await recalled(world, 'lost', { thread: 'home', role: 'next' })).toBeUndefined()
  })

  test('the last write of an attempt counts, and has one record', async () => {
    await using world = await open()
    await remembering(world, (ctx) => {
      ctx.memory.set('a', 1)
      ctx.memory.set('b', 2)
      ctx.memory.set('a', 3)
    })
    const written = ofKind(await world.records(), 'memory')
    expect(written.map(({ id, key, value }) => [id.slice(-3), key, value])).toEqual([
      ['/m1', 'a', 3],
      ['/m2', 'b', 2],
    ])
  })

  test('of two runs that write at once the last in the order of the journal wins', async () => {
    await using world = await open()
    const bus = world.bus()
    const gates = { a: Promise.withResolvers<void>(), b: Promise.withResolvers<void>() }
    using _worker = works(bus, async (ctx) => {
      const { runId } = ctx.message
      ctx.memory.set('colour', `of ${runId}`)
      await gates[runId === 'a' ? 'a' : 'b'].promise
    })
    const a = ask(bus, { thread: 'home', runId: 'a' })
    const b = ask(bus, { thread: 'home', runId: 'b' })
    await world.advance()
    gates.b.resolve()
    await world.end(b)
    gates.a.resolve()
    await world.end(a)
    expect(await recalled(world, 'colour')).toBe('of a')
  })

  test.each([
    ['an empty key', '', 1],
    ['a key of more than 200 characters', 'k'.repeat(201), 1],
  ])('refuses %s', async (_what, key, value) => {
    await using world = await open()
    let thrown: unknown
    await remembering(world, (ctx) => {
      try {
        ctx.memory.set(key, value)
      } catch (error) {
        thrown = error
      }
    })
    expect(thrown).toBeInstanceOf(InvalidOptionError)
  })

  test('refuses a value that is not JSON, and keeps one that its writer changes later', async () => {
    await using world = await open()
    const refused: unknown[] = []
    await remembering(world, (ctx) => {
      for (const value of [undefined, new Date(), () => {}, Number.NaN]) {
        try {
          ctx.memory.set('no', value)
        } catch (error) {
          refused.push(error)
        }
      }
      const list = ['a']
      ctx.memory.set('list', list)
      list.push('b')
    })
    expect(refused).toHaveLength(4)
    expect(await recalled(world, 'list')).toEqual(['a'])
    expect(await recalled(world, 'no')).toBeUndefined()
  })

  test('is closed with its attempt', async () => {
    await using world = await open()
    let left: DeliveryContext['memory'] | undefined
    await remembering(world, (ctx) => {
      left = ctx.memory
    })
    expect(() => left?.set('late', 1)).toThrow(/closed|over/)
    await expect(left?.get('late')).rejects.toThrow(/closed|over/)
    await expect(left?.search('late')).rejects.toThrow(/closed|over/)
  })
}

function whoRemembers(open: OpenWorld): void {
  test('roles remember for themselves, and threads apart', async () => {
    await using world = await open()
    await remembering(world, (ctx) => ctx.memory.set('colour', 'blue'))
    expect(await recalled(world, 'colour')).toBe('blue')
    expect(await recalled(world, 'colour', { thread: 'home', role: 'other' })).toBeUndefined()
    expect(await recalled(world, 'colour', { thread: 'work' })).toBeUndefined()
    expect(await recalled(world, 'colour', {})).toBeUndefined()
  })

  test('a run without a thread remembers for itself alone', async () => {
    await using world = await open()
    const bus = world.bus()
    const seen: unknown[] = []
    play(bus, 'worker', async (message, ctx) => {
      seen.push(await ctx.memory.get('colour'))
      ctx.memory.set('colour', 'blue')
      if (message.type === 'text.drafted') answer(ctx)
      else ctx.handoff('worker', Drafted, { text: 'again' })
    })
    const run = ask(bus)
    await world.end(run)
    const again = ask(bus)
    await world.end(again)
    expect(seen).toEqual([undefined, 'blue', undefined, 'blue'])
    const [record] = ofKind(await world.records(run.id), 'memory')
    expect(record).not.toHaveProperty('thread')
  })

  test('a listener remembers for itself', async () => {
    await using world = await open()
    const bus = world.bus()
    const seen: unknown[] = []
    hear(bus, 'ear', async (message, ctx) => {
      if (message.type !== 'question.asked') return
      seen.push(await ctx.memory.get('heard'))
      ctx.memory.set('heard', message.type)
    })
    works(bus, () => world.rest())
    for (let times = 0; times < 2; times++) {
      await world.end(ask(bus, { thread: 'home' }))
      await world.advance(2_000)
    }
    expect(seen).toEqual([undefined, 'question.asked'])
    expect(await recalled(world, 'heard')).toBeUndefined()
  })

  test.each(['', ' home', 'home ', 'a/b', 'line\nbreak', 'x'.repeat(65), '.hidden'])(
    'refuses %j as the name of a thread',
    async (thread) => {
      await using world = await open()
      expect(() => ask(world.bus(), { thread })).toThrow(InvalidOptionError)
    },
  )
}
