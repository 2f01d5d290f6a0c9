import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { type Bus, createBus } from '../bus.ts'
import type { DeliveryContext } from '../delivery-context.ts'
import { InvalidMessageError, NotForkableError } from '../errors.ts'
import { defineJoin } from '../join-type.ts'
import type { Journal } from '../journal.ts'
import { createMemoryJournal } from '../journals/memory.ts'
import type { MessageOf } from '../message.ts'
import { defineMessage, type MessageType } from '../message-type.ts'
import { diffRuns } from '../reading/diff.ts'
import { readRun } from '../reading/read-run.ts'
import type { JournalRecord, RunLimits } from '../records.ts'
import { replayDeliveries } from '../replay/replay.ts'
import type { Run } from '../run.ts'
import { Secret, secret, secretsIn } from '../secret.ts'
import { collect } from '../testing/contract/collect.ts'

const Told = defineMessage('told', z.object({ text: z.string(), key: secret().optional() }))
const Hinted = defineMessage('hinted', z.object({ text: z.string() }))
const Wanted = defineMessage('wanted', z.object({ text: z.string() }), { reply: Hinted })
const All = defineJoin('all.joined', [Told])
const First = defineJoin('first.joined', [Told], { policy: { first: 1 } })
const Settled = defineJoin('settled.joined', [Told], { policy: 'all-settled' })
const ACCEPTED = [Told, Wanted, All, First, Settled] as const
const TYPES: ReadonlyMap<string, MessageType> = new Map(
  [...ACCEPTED, Hinted].map((type) => [type.name, type]),
)

type Join = typeof All | typeof First | typeof Settled

type Handle = (message: MessageOf<(typeof ACCEPTED)[number]>, ctx: DeliveryContext) => unknown

/** A journal with a run on these handlers, and a bus that they play on. */
async function recorded(
  handlers: Readonly<Record<string, Handle>>,
  thread?: string,
  limits: Partial<RunLimits> = {},
) {
  const journal = createMemoryJournal()
  const bus = createBus({ journal })
  for (const [role, handle] of Object.entries(handlers)) {
    bus.subscribe(role, { accepts: ACCEPTED, attempts: 2, backoffMs: 0, handle })
  }
  const inThread = thread === undefined ? {} : { thread }
  const options = { terminal: Told, runId: 'the-parent-run-of-all', ...inThread, ...limits }
  const run = bus.publish('one', Told, { text: 'go' }, options)
  await run.result
  await bus.drain()
  const ready = createBus({ journal })
  for (const [role, handle] of Object.entries(handlers)) {
    ready.subscribe(role, { accepts: ACCEPTED, attempts: 2, backoffMs: 0, handle })
  }
  return { journal, bus: ready, runId: run.id }
}

async function ended(run: Run) {
  const { status, reason, message } = await run.result
  return { status, ...(reason === undefined ? {} : { reason }), data: message?.data }
}

/** Which messages differ between two runs, and how. */
async function differing(journal: Journal, before: string, after: string) {
  const [a, b] = [await readRun(journal, before), await readRun(journal, after)]
  const { messages, isSame } = diffRuns(a.graph, b.graph)
  const others = messages.filter(({ kind }) => kind !== 'same')
  return isSame ? 'same' : others.map(({ path, kind }) => `${path} ${kind}`)
}

const fork = (bus: Bus, runId: string, path: string, data?: unknown) =>
  bus.fork(runId, {
    at: `${runId}${path}`,
    types: TYPES,
    ...(data === undefined ? {} : { data }),
  })

const text = ({ data }: { readonly data: unknown }) =>
  typeof data === 'object' && data !== null && 'text' in data ? String(data.text) : ''

describe('a chain of handoffs', () => {
  const chain = () => {
    const performed: string[] = []
    const step = (ctx: DeliveryContext, name: string, request: unknown) =>
      ctx.step({ kind: 'model', name, request, perform: () => `${performed.push(name)}` })
    const handlers: Record<string, Handle> = {
      async one(message, ctx) {
        const said = await step(ctx, 'first', text(message))
        ctx.handoff('two', Told, { text: `${text(message)} ${said}`, key: 'hunter2-hunter2' })
      },
      async two(message, ctx) {
        const said = await step(ctx, 'second', text(message))
        ctx.memory.set('last', text(message))
        ctx.handoff('coordinator', Told, { text: `${text(message)} ${said}` })
      },
    }
    return { handlers, performed }
  }

  test('is served up to the message, and goes on from there', async () => {
    const { handlers, performed } = chain()
    const { journal, bus, runId } = await recorded(handlers)
    performed.length = 0
    const run = await fork(bus, runId, '.h', { text: 'other' })
    expect(await ended(run)).toEqual({ status: 'completed', data: { text: 'other 1' } })
    expect(performed).toEqual(['second'])
    expect(await differing(journal, runId, run.id)).toEqual(['~.h changed', '~.h.h changed'])
  })

  test('does the same again where nothing is changed', async () => {
    const { handlers, performed } = chain()
    const { journal, bus, runId } = await recorded(handlers)
    for (const path of ['', '.h', '.h.h']) {
      performed.splice(0, performed.length, ...(path === '' ? [] : ['first']))
      const run = await fork(bus, runId, path)
      expect((await ended(run)).status).toBe('completed')
      expect(await differing(journal, runId, run.id)).toBe('same')
    }
  })

  test.each(['.h', '~.h', 'h', 'the-parent-run-of-all.h'])('takes %s for a message', async (at) => {
    const { handlers } = chain()
    const { journal, bus, runId } = await recorded(handlers)
    const run = await bus.fork(runId, { at, data: { text: 'other' } })
    await run.result
    expect(await differing(journal, runId, run.id)).toEqual(['~.h changed', '~.h.h changed'])
    const { summary } = await readRun(journal, run.id)
    expect(summary.forkedFrom).toEqual({ runId, messageId: `${runId}.h` })
  })

  test('gives another end where that is what is changed', async () => {
    const { handlers, performed } = chain()
    const { bus, runId } = await recorded(handlers)
    performed.length = 0
    const run = await fork(bus, runId, '.h.h', { text: 'my own' })
    expect(await ended(run)).toEqual({ status: 'completed', data: { text: 'my own' } })
    expect(performed).toEqual([])
  })

  test('is replayed alike by who made it, and by who does now what was tried', async () => {
    const { handlers } = chain()
    const { journal, bus, runId } = await recorded(handlers)
    const run = await fork(bus, runId, '.h', { text: 'other' })
    await run.result
    const records = await collect(journal.read({ runId: run.id }))
    const replayed = async (one: Handle | undefined) => {
      const played = { ...handlers, ...(one === undefined ? {} : { one }) }
      const roles = new Map(
        Object.entries(played).map(([role, handle]) => [role, { accepts: ACCEPTED, handle }]),
      )
      const deliveries = await collect(replayDeliveries({ records, roles }))
      return deliveries.map(({ status, divergence }) => divergence?.differences[0]?.path ?? status)
    }
    const says =
      (said: string): Handle =>
      async (message, ctx) => {
        await ctx.step({ kind: 'model', name: 'first', request: text(message), perform: () => '' })
        ctx.handoff('two', Told, { text: said }, { content: `It is ${said}.` })
      }
    expect(await replayed(undefined)).toEqual(['identical', 'identical'])
    expect(await replayed(says('other'))).toEqual(['identical', 'identical'])
    expect(await replayed(says('third'))).toEqual(['content', 'identical'])
  })

  test('is refused for what its message has no entry for', async () => {
    const { bus, runId } = await recorded(chain().handlers)
    const forking = fork(bus, runId, '.h', { text: 'other', note: 'to nobody' })
    await expect(forking).rejects.toThrow(InvalidMessageError)
    await expect(forking).rejects.toThrow(/note.*told has no such entry/)
  })

  test('leaves the run and its thread alone, and says whose fork it is', async () => {
    const { handlers } = chain()
    const { journal, bus, runId } = await recorded(handlers, 'talk')
    const before = await collect(journal.read({ runId }))
    const run = await fork(bus, runId, '.h', { text: 'other' })
    await run.result
    expect(await collect(journal.read({ runId }))).toEqual(before)
    const listed = await collect(journal.memory.list({ thread: 'talk' }))
    expect(listed.map(({ value, runId }) => ({ value, runId }))).toEqual([{ value: 'go 1', runId }])
    const [entry] = await collect(journal.runs({ forkedFrom: runId }))
    expect(entry).toMatchObject({ runId: run.id, status: 'completed', forkedFrom: runId })
    expect(entry?.thread).toBeUndefined()
  })

  test('can be forked again', async () => {
    const { handlers } = chain()
    const { journal, bus, runId } = await recorded(handlers)
    const first = await fork(bus, runId, '.h', { text: 'other' })
    await first.result
    const second = await fork(bus, first.id, '', { text: 'begin' })
    expect(await ended(second)).toMatchObject({ status: 'completed' })
    const opened = (await collect(journal.read({ runId: second.id })))[0]
    expect(opened).toMatchObject({ forkedFrom: { runId: first.id, messageId: first.id } })
  })

  test('names its secrets after itself, with the values that they have', async () => {
    const { handlers } = chain()
    const { journal, bus, runId } = await recorded(handlers)
    const run = await fork(bus, runId, '.h.h')
    await run.result
    const secrets = secretsIn(await collect(journal.read({ runId: run.id })))
    expect(new Set(secrets.map(({ handle }) => handle))).toEqual(new Set([`secret:${run.id}.h#1`]))
    expect(secrets.map((one) => one.reveal())).toContain('hunter2-hunter2')
  })

  test('takes the handle of a secret of the run for the secret', async () => {
    const { handlers, performed } = chain()
    const { journal, bus, runId } = await recorded(handlers)
    const { graph } = await readRun(journal, runId)
    const data = JSON.parse(JSON.stringify(graph.nodes.get(`${runId}.h`)?.message.data))
    expect(data.key).toBe(`secret:${runId}.h#1`)
    performed.splice(0, performed.length, 'first')
    const same = await fork(bus, runId, '.h', data)
    await same.result
    expect(await differing(journal, runId, same.id)).toBe('same')
    // A text is no place for a secret.
    const moved = await fork(bus, runId, '.h.h', { text: data.key, key: data.key })
    await moved.result
    const message = (await readRun(journal, moved.id)).graph.nodes.get(`${moved.id}.h.h`)?.message
    const [key, ...others] = secretsIn(message?.data)
    expect([key?.handle, key?.reveal()]).toEqual([`secret:${moved.id}.h#1`, 'hunter2-hunter2'])
    expect([others, message?.data]).toMatchObject([[], { text: `secret:${moved.id}.h#1` }])
    const later = fork(bus, runId, '', { text: 'go', key: data.key })
    await expect(later).rejects.toThrow(`this message has led to ${data.key}, so the fork does`)
  })

  test.each(['secret:another-run.h#1', 'secret:the-parent-run-of-all.h#77', 'secret:'])(
    'refuses the handle %s, which is none of the run',
    async (key) => {
      const { handlers } = chain()
      const { journal, bus, runId } = await recorded(handlers)
      const before = await collect(journal.read())
      const refused = fork(bus, runId, '.h', { text: 'other', key })
      await expect(refused).rejects.toThrow(InvalidMessageError)
      await expect(refused).rejects.toThrow(`key: run ${runId} has no secret ${key}: copy`)
      expect(await collect(journal.read())).toEqual(before)
    },
  )

  test('takes a secret of the run, and a new one', async () => {
    const { handlers } = chain()
    const { journal, bus, runId } = await recorded(handlers)
    const { graph } = await readRun(journal, runId)
    const data = graph.nodes.get(`${runId}.h`)?.message.data
    const kept = await fork(bus, runId, '.h', { ...Object(data), text: 'kept' })
    await kept.result
    const [key] = secretsIn(await collect(journal.read({ runId: kept.id })))
    expect([key?.handle, key?.reveal()]).toEqual([`secret:${kept.id}.h#1`, 'hunter2-hunter2'])
    const fresh = await fork(bus, runId, '.h', { text: 'new', key: new Secret('swordfish-1') })
    await fresh.result
    const made = await readRun(journal, fresh.id)
    const [other] = secretsIn(made.graph.nodes.get(`${fresh.id}.h`)?.message.data)
    expect([other?.handle, other?.reveal()]).toEqual([`secret:${fresh.id}.h#1`, 'swordfish-1'])
  })
})

test('what was performed once stays so in later attempts, also inside another step', async () => {
  const performed: string[] = []
  const handlers: Record<string, Handle> = {
    async one(_message, ctx) {
      const said = ctx.attempt === 1 ? '' : (await ctx.ask('helper', Wanted, { text: 'why' })).text
      const pay = { name: 'pay', request: 5, once: true, perform: () => performed.push('pay') }
      await ctx.step({
        name: 'shop',
        request: 'shoes',
        perform: async ({ step }) => `${performed.push('shop')} ${await step(pay)}`,
      })
      if (ctx.attempt === 1) throw new Error('not yet')
      ctx.handoff('coordinator', Told, { text: said })
    },
    helper: (message, ctx) => void ctx.reply(Hinted, { text: `since ${text(message)}` }),
  }
  const { bus, runId } = await recorded(handlers)
  expect(performed).toEqual(['shop', 'pay', 'shop'])
  performed.length = 0
  const run = await fork(bus, runId, '.a2-1.r', { text: 'so what' })
  expect(await ended(run)).toEqual({ status: 'completed', data: { text: 'so what' } })
  expect(performed).toEqual(['shop'])
})

describe('asks', () => {
  const asking = () => {
    const performed: string[] = []
    const step = (ctx: DeliveryContext, name: string, request: unknown) =>
      ctx.step({ name, request, perform: () => `${performed.push(name)}` })
    const handlers: Record<string, Handle> = {
      async one(_message, ctx) {
        await step(ctx, 'before', 1)
        const side = step(ctx, 'beside', 2)
        const { text } = await ctx.ask('helper', Wanted, { text: 'why' })
        await side
        const after = await step(ctx, 'after', text)
        ctx.handoff('coordinator', Told, { text: `${text} ${after}` })
      },
      async helper(message, ctx) {
        await step(ctx, 'help', text(message))
        ctx.reply(Hinted, { text: `since ${text(message)}` })
      },
    }
    return { handlers, performed }
  }

  test('that are changed tell their asker anew, whose earlier steps are served', async () => {
    const { handlers, performed } = asking()
    const { journal, bus, runId } = await recorded(handlers)
    const ask = '.a1-3'
    performed.length = 0
    const run = await fork(bus, runId, ask, { text: 'how' })
    expect(await ended(run)).toMatchObject({ status: 'completed', data: { text: 'since how 2' } })
    expect(performed).toEqual(['help', 'after'])
    expect(await differing(journal, runId, run.id)).toEqual([
      '~ changed',
      '~.a1-3 changed',
      '~.a1-3.r changed',
      '~.h changed',
    ])
  })

  test('of which the reply is changed are not handled again', async () => {
    const { handlers, performed } = asking()
    const { bus, runId } = await recorded(handlers)
    performed.length = 0
    const run = await fork(bus, runId, '.a1-3.r', { text: 'so what' })
    expect(await ended(run)).toMatchObject({ status: 'completed', data: { text: 'so what 1' } })
    expect(performed).toEqual(['after'])
  })

  test('that are changed leave what was begun before them served, whenever that ended', async () => {
    const performed: string[] = []
    const replied = Promise.withResolvers<void>()
    const handlers: Record<string, Handle> = {
      async one(_message, ctx) {
        const perform = async () => `${await replied.promise} ${performed.push('beside')}`
        const side = ctx.step({ name: 'beside', request: 1, perform })
        const { text } = await ctx.ask('helper', Wanted, { text: 'why' })
        replied.resolve()
        await side
        ctx.handoff('coordinator', Told, { text })
      },
      helper: (message, ctx) => void ctx.reply(Hinted, { text: `since ${text(message)}` }),
    }
    const { bus, runId } = await recorded(handlers)
    performed.length = 0
    const run = await fork(bus, runId, '.a1-2', { text: 'how' })
    expect(await ended(run)).toEqual({ status: 'completed', data: { text: 'since how' } })
    expect(performed).toEqual([])
  })

  test('that are changed tell nobody but their own asker, as long as that has not replied', async () => {
    const performed: string[] = []
    const [asked, done] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
    const handlers: Record<string, Handle> = {
      async one(_message, ctx) {
        const hint = ctx.ask('helper', Wanted, { text: 'why' })
        await asked.promise
        await ctx.step({ name: 'beside', request: 1, perform: () => performed.push('beside') })
        done.resolve()
        ctx.handoff('coordinator', Told, { text: (await hint).text })
      },
      async helper(_message, ctx) {
        const { text } = await ctx.ask('expert', Wanted, { text: 'what' })
        ctx.reply(Hinted, { text })
      },
      async expert(message, ctx) {
        asked.resolve()
        await done.promise
        ctx.reply(Hinted, { text: `since ${text(message)}` })
      },
    }
    const { bus, runId } = await recorded(handlers)
    performed.length = 0
    const run = await fork(bus, runId, '.a1-1.a1-1', { text: 'how' })
    expect(await ended(run)).toEqual({ status: 'completed', data: { text: 'since how' } })
    expect(performed).toEqual([])
  })

  test('that are changed leave what was begun once beside them performed', async () => {
    const performed: string[] = []
    const [begun, replied] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
    const handlers: Record<string, Handle> = {
      async one(_message, ctx) {
        const asked = ctx.ask('helper', Wanted, { text: 'why' })
        const perform = async () => {
          begun.resolve()
          await replied.promise
          return performed.push('pay')
        }
        const paid = ctx.step({ name: 'pay', request: 5, once: true, perform })
        const { text } = await asked
        replied.resolve()
        await paid
        ctx.handoff('coordinator', Told, { text })
      },
      async helper(message, ctx) {
        await begun.promise
        ctx.reply(Hinted, { text: `since ${text(message)}` })
      },
    }
    const { bus, runId } = await recorded(handlers)
    expect(performed).toEqual(['pay'])
    const run = await fork(bus, runId, '.a1-1', { text: 'how' })
    expect(await ended(run)).toEqual({ status: 'completed', data: { text: 'since how' } })
    expect(performed).toEqual(['pay'])
  })

  test('that nobody waits for any more stay cancelled', async () => {
    const handlers: Record<string, Handle> = {
      async one(_message, ctx) {
        await ctx.ask('middle', Wanted, { text: 'why' }, { timeoutMs: 20 }).catch(() => {})
      },
      async middle(_message, ctx) {
        ctx.reply(Hinted, await ctx.ask('slow', Wanted, { text: 'why' }))
      },
      slow: () => new Promise(() => {}),
    }
    const { bus, runId } = await recorded(handlers)
    const run = await fork(bus, runId, '.a1-1.a1-1', { text: 'how' })
    expect(await ended(run)).toMatchObject({ status: 'stalled' })
  })

  test('of an earlier attempt take the later ones with them', async () => {
    let fails = true
    const handlers: Record<string, Handle> = {
      async one(_message, ctx) {
        const { text } = await ctx.ask('helper', Wanted, { text: `${ctx.attempt}` })
        if (fails && ctx.attempt === 1) throw new Error('not yet')
        ctx.handoff('coordinator', Told, { text: `${text} in ${ctx.attempt}` })
      },
      helper: (message, ctx) => void ctx.reply(Hinted, { text: text(message) }),
    }
    const { bus, runId } = await recorded(handlers)
    fails = false
    const run = await fork(bus, runId, '.a1-1', { text: 'other' })
    expect(await ended(run)).toMatchObject({ data: { text: 'other in 1' } })
  })
})

describe('fan-outs', () => {
  const spread = (join: Join) => {
    const performed: string[] = []
    const handlers: Record<string, Handle> = {
      one(message, ctx) {
        const branches = ['a', 'b'].map((name) => ({
          to: 'worker',
          type: Told,
          data: { text: `${text(message)} ${name}` },
        }))
        ctx.fanOut(branches, { to: 'end', type: join })
      },
      async worker(message, ctx) {
        performed.push(text(message))
        ctx.handoff('end', Told, { text: text(message).toUpperCase() })
      },
      end({ data }, ctx) {
        ctx.handoff('coordinator', Told, { text: JSON.stringify(data) })
      },
    }
    return { handlers, performed }
  }

  test('run one branch again, and join it with what the others came to', async () => {
    const { handlers, performed } = spread(All)
    const { journal, bus, runId } = await recorded(handlers)
    performed.length = 0
    const run = await fork(bus, runId, '.b2', { text: 'other' })
    const { status, data } = await ended(run)
    expect(status).toBe('completed')
    expect(text({ data })).toContain('GO A')
    expect(text({ data })).toContain('OTHER')
    expect(performed).toEqual(['other'])
    expect(await differing(journal, runId, run.id)).toEqual([
      '~.b2 changed',
      '~.b2.h changed',
      '~.j changed',
      '~.j.h changed',
    ])
  })

  test('join what a branch handed to the join itself', async () => {
    const { handlers, performed } = spread(All)
    const { bus, runId } = await recorded(handlers)
    performed.length = 0
    const run = await fork(bus, runId, '.b1.h', { text: 'mine' })
    expect(text(await ended(run))).toContain('mine')
    expect(performed).toEqual([])
  })

  test('inside others come to something else where one of their branches does', async () => {
    const spreadTo = (ctx: DeliveryContext, roles: readonly string[], to: string, type: Join) =>
      ctx.fanOut(
        roles.map((role) => ({ to: role, type: Told, data: { text: role } })),
        { to, type },
      )
    const handlers: Record<string, Handle> = {
      one: (_message, ctx) => void spreadTo(ctx, ['race', 'calm'], 'end', Settled),
      race: (message, ctx) =>
        void (message.type === First.name
          ? ctx.handoff('end', Told, { text: JSON.stringify(message.data) })
          : spreadTo(ctx, ['runner', 'runner'], 'race', First)),
      runner(message, ctx) {
        if (text(message) !== 'fast') throw new Error('too slow')
        ctx.handoff('race', Told, { text: 'winner' })
      },
      calm: (_message, ctx) => void ctx.handoff('end', Told, { text: 'calm' }),
      end: ({ data }, ctx) => void ctx.handoff('coordinator', Told, { text: JSON.stringify(data) }),
    }
    const { journal, bus, runId } = await recorded(handlers)
    const records = await collect(journal.read({ runId }))
    const join = records.find((one) => one.kind === 'message' && one.joined !== undefined)
    expect(join).toMatchObject({ joined: [`${runId}.b1.b2`, `${runId}.b2.h`] })
    const run = await fork(bus, runId, '.b1.b1', { text: 'fast' })
    expect(text(await ended(run))).toContain('winner')
  })

  test('obey a race that the message did not win', async () => {
    const { handlers, performed } = spread(First)
    const { journal, bus, runId } = await recorded(handlers)
    performed.length = 0
    const run = await fork(bus, runId, '.b2', { text: 'other' })
    expect((await ended(run)).status).toBe('completed')
    expect(performed).toEqual([])
    expect(await differing(journal, runId, run.id)).toEqual(['~.b2 changed'])
    const same = await fork(bus, runId, '.b2')
    expect(await differing(journal, runId, same.id)).toBe('same')
  })
})

test('a fork remembers for itself, and knows what the thread knew', async () => {
  const seen: unknown[] = []
  const handlers: Record<string, Handle> = {
    async one(_message, ctx) {
      seen.push(await ctx.memory.get('count'), (await ctx.memory.search('count')).length)
      const count = Number((await ctx.memory.get('count')) ?? 0) + 1
      ctx.memory.set('count', count)
      ctx.handoff('coordinator', Told, { text: `${count}` })
    },
  }
  const journal = createMemoryJournal()
  const bus = createBus({ journal })
  bus.subscribe('one', { accepts: ACCEPTED, handle: handlers.one ?? (() => {}) })
  let time = 0
  const tick = () => new Promise((resolve) => setTimeout(resolve, ++time))
  const ids: string[] = []
  for (const _ of [1, 2, 3]) {
    const run = bus.publish('one', Told, { text: 'go' }, { terminal: Told, thread: 'talk' })
    expect((await run.result).status).toBe('completed')
    ids.push(run.id)
    await tick()
  }
  seen.length = 0
  const fork = await bus.fork(ids[1] ?? '', { at: ids[1] ?? '', data: { text: 'again' } })
  expect((await fork.result).message?.data).toEqual({ text: '2' })
  expect(seen).toEqual([1, 1])
  const latest = await collect(journal.memory.list({ thread: 'talk' }))
  expect(latest.map(({ value }) => value)).toEqual([3])
  const again = await bus.fork(fork.id, { at: fork.id })
  expect((await again.result).message?.data).toEqual({ text: '2' })
})

test('a fork has the limits of its run, but for those that it is given', async () => {
  const journal = createMemoryJournal()
  const bus = createBus({ journal })
  bus.subscribe('one', {
    accepts: ACCEPTED,
    handle: (_message, ctx) => void ctx.handoff('coordinator', Told, { text: 'done' }),
  })
  const limits = { maxHops: 5, timeoutMs: 60_000, maxTokens: 1_000 }
  const parent = bus.publish('one', Told, { text: 'go' }, { terminal: Told, ...limits })
  await parent.result
  const limitsOf = async (options: Partial<typeof limits>) => {
    const run = await bus.fork(parent.id, { at: parent.id, ...options })
    await run.result
    const [opened] = await collect(journal.read({ runId: run.id }))
    return opened?.kind === 'run.opened' ? opened.limits : undefined
  }
  expect(await limitsOf({})).toEqual(limits)
  expect(await limitsOf({ maxHops: 7 })).toEqual({ ...limits, maxHops: 7 })
})

describe('refuses', () => {
  const handlers: Record<string, Handle> = {
    one: (_message, ctx) => void ctx.handoff('coordinator', Told, { text: 'done' }),
  }
  const allRecords = async (journal: Journal): Promise<readonly JournalRecord[]> =>
    collect(journal.read())

  test.each<[string, Parameters<Bus['fork']>, new (...given: never) => Error, RegExp]>([
    [
      'an unknown run',
      ['nobody-s-run', { at: 'nobody-s-run' }],
      NotForkableError,
      /run nobody-s-run cannot be forked: the journal does not know it/,
    ],
    [
      'an unknown message',
      ['the-parent-run-of-all', { at: 'the-parent-run-of-all.h.h' }],
      NotForkableError,
      /it has no message the-parent-run-of-all\.h\.h/,
    ],
    [
      'data that its type does not fit',
      ['the-parent-run-of-all', { at: 'the-parent-run-of-all', data: { text: 5 } }],
      InvalidMessageError,
      /text/,
    ],
    [
      'data of a type that nobody knows',
      ['the-parent-run-of-all', { at: 'the-parent-run-of-all.h', data: { text: 'x' } }],
      NotForkableError,
      /nobody here knows the type of the-parent-run-of-all\.h, which is told/,
    ],
  ])('%s, and stores nothing', async (_what, [runId, options], kind, expected) => {
    const { journal, bus } = await recorded(handlers)
    const before = await allRecords(journal)
    const refused = bus.fork(runId, options)
    await expect(refused).rejects.toThrow(kind)
    await expect(refused).rejects.toThrow(expected)
    expect(await allRecords(journal)).toEqual(before)
  })
})

describe('a run that went too far is forked at what nobody handles:', () => {
  const HANDLERS: Readonly<Record<string, Handle>> = {
    async one(_message, ctx) {
      const { text } = await ctx.ask('helper', Wanted, { text: 'why' })
      const data = { text }
      const branches = [
        { to: 'left', type: Told, data },
        { to: 'right', type: Told, data },
      ]
      ctx.fanOut(branches, { to: 'end', type: First })
    },
    helper: (_message, ctx) => void ctx.reply(Hinted, { text: 'so' }),
    left: (message, ctx) => void ctx.handoff('end', Told, { text: text(message) }),
    right: (message, ctx) => void ctx.handoff('more', Told, { text: text(message) }),
    more: (message, ctx) => void ctx.handoff('end', Told, { text: text(message) }),
    end: (_message, ctx) => void ctx.handoff('coordinator', Told, { text: 'end' }),
  }

  test.each([
    ['a reply', '.a1-1.r', 1],
    ['the last message of a branch', '.b1.h', 1],
  ])('%s, and ends alike', async (_what, path, maxHops) => {
    const handlers = path === '.b1.h' ? { ...HANDLERS, one: fansOut } : HANDLERS
    const { journal, bus, runId } = await recorded(handlers, undefined, { maxHops })
    const { summary } = await readRun(journal, runId)
    const run = await fork(bus, runId, path)
    const { status, reason } = await run.result
    expect(status).toBe('budget_exhausted')
    expect(reason?.replaceAll(run.id, runId)).toBe(summary.reason)
    expect(await differing(journal, runId, run.id)).toBe('same')
  })

  function fansOut(message: { readonly data: unknown }, ctx: DeliveryContext): void {
    const data = { text: text(message) }
    const branches = [
      { to: 'left', type: Told, data },
      { to: 'right', type: Told, data },
    ]
    ctx.fanOut(branches, { to: 'end', type: First })
  }
})

test('who has read what the message has led others to remember reads it anew', async () => {
  const performed: string[] = []
  const step = (ctx: DeliveryContext, name: string) =>
    ctx.step({ name, request: 1, perform: () => `${performed.push(name)}` })
  const handlers: Record<string, Handle> = {
    one(_message, ctx) {
      const branch = (text: string) => ({ to: 'worker', type: Told, data: { text } })
      ctx.fanOut([branch('writes'), branch('reads')], { to: 'end', type: All })
    },
    async worker(message, ctx) {
      if (text(message) !== 'reads') {
        ctx.memory.set('found', text(message))
        ctx.handoff('end', Told, { text: 'written' })
        return
      }
      await step(ctx, 'before')
      if (ctx.attempt === 1) throw new Error('nothing is written yet')
      await step(ctx, 'again')
      const found = await ctx.memory.get('found')
      await step(ctx, 'after')
      ctx.handoff('end', Told, { text: String(found) })
    },
    end: (message, ctx) => void ctx.handoff('coordinator', Told, { text: joinedText(message) }),
  }
  const { journal, bus, runId } = await recorded(handlers)
  expect(performed).toEqual(['before', 'before', 'again', 'after'])
  performed.length = 0
  const run = await fork(bus, runId, '.b1', { text: 'other' })
  expect(await ended(run)).toMatchObject({ data: { text: 'written other' } })
  expect(performed).toEqual(['after'])
  const records = await collect(journal.read({ runId: run.id }))
  const roles = new Map(
    Object.entries(handlers).map(([role, handle]) => [role, { accepts: ACCEPTED, handle }]),
  )
  const replayed = await collect(replayDeliveries({ records, roles }))
  expect(new Set(replayed.map(({ status }) => status))).toEqual(new Set(['identical']))
})

/** What the branches came to, in their order. */
function joinedText({ data }: { readonly data: unknown }): string {
  const { branches } = z.object({ branches: z.array(z.object({ data: z.unknown() })) }).parse(data)
  return branches.map(text).join(' ')
}
