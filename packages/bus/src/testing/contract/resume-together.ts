import { describe, expect, test } from 'vitest'
import type { Bus } from '../../bus.ts'
import { ofKind } from './rules.ts'
import {
  All,
  answer,
  branches,
  First,
  forever,
  Hinted,
  HintWanted,
  hear,
  Part,
  part,
  play,
  Settled,
} from './types.ts'
import { ask, type OpenWorld } from './world.ts'

/** Asks, asks inside asks, fan-outs inside fan-outs, retries, a failing branch, a listener. */
function playAll(bus: Bus, performed: string[]): void {
  const perform = (what: string) => ({
    name: 'work',
    request: what,
    perform: () => {
      performed.push(what)
      return what
    },
  })
  play(
    bus,
    'worker',
    async (_message, ctx) => {
      const [one, two] = await Promise.all([
        ctx.ask('oracle', HintWanted, { text: 'one' }),
        ctx.ask('sage', HintWanted, { text: 'two' }),
      ])
      const work = await ctx.step(perform(`worker ${ctx.attempt} ${one.text} ${two.text}`))
      if (ctx.attempt === 1) throw new Error('once more')
      ctx.log(work)
      ctx.fanOut(branches('leaf', 'nest', 'bad'), { to: 'joiner', type: Settled })
    },
    { backoffMs: 0 },
  )
  play(bus, 'oracle', (message, ctx) => {
    if (message.type === HintWanted.name) ctx.reply(Hinted, { text: `oracle ${message.data.text}` })
  })
  play(bus, 'sage', async (_message, ctx) => {
    const { text } = await ctx.ask('oracle', HintWanted, { text: 'deep' })
    ctx.reply(Hinted, { text: `sage ${text}` })
  })
  play(
    bus,
    'leaf',
    async (_message, ctx) => {
      const text = await ctx.step(perform(`leaf ${ctx.attempt}`))
      if (ctx.attempt === 1) throw new Error('once more')
      part(ctx, text)
    },
    { backoffMs: 0 },
  )
  play(
    bus,
    'nest',
    (_message, ctx) => void ctx.fanOut(branches('twig', 'twig'), { to: 'inner', type: All }),
  )
  play(bus, 'twig', async (message, ctx) => {
    const { text } = await ctx.ask('oracle', HintWanted, { text: message.id.slice(-2) })
    ctx.handoff('inner', Part, { text })
  })
  play(bus, 'inner', (message, ctx) => {
    if (message.type !== All.name) return
    part(ctx, message.data.branches.map(({ data }) => ('text' in data ? data.text : '')).join('+'))
  })
  play(bus, 'bad', () => {})
  play(bus, 'joiner', (message, ctx) => {
    if (message.type === Settled.name) answer(ctx, JSON.stringify(message.data.branches))
  })
  hear(bus, 'ear', async (_message, ctx) => {
    await ctx.step({ name: 'note', request: 1, perform: () => 'noted' })
  })
}

/** Runs of agents together go on in another process as if nothing had happened. */
export function resumeTogether(open: OpenWorld): void {
  describe('resume of agents together', () => {
    test('wherever its process is killed, a run ends as it would have', async () => {
      const expected = await undisturbed(open)
      expect(expected.appends).toBeGreaterThan(30)
      for (let killAfter = 1; killAfter < expected.appends; killAfter++) {
        await using world = await open()
        const first = world.process()
        const performed: string[] = []
        playAll(first.bus, performed)
        const run = ask(first.bus, { runId: 'the-run' })
        const killing = new Promise<void>((resolve, reject) => {
          const watching = first.bus.observe((record) => {
            if (record.kind !== 'run.ended' && first.batches.length < killAfter) return
            watching[Symbol.dispose]()
            first.kill().then(resolve, reject)
          })
        })
        await world.until(killing)
        await world.rest()
        if ((await world.records(run.id)).at(-1)?.kind === 'run.ended') continue
        const second = world.bus()
        playAll(second, performed)
        const end = await world.end(await world.until(second.resume(run.id)))
        const where = `killed after append ${killAfter}`
        expect(end.message?.data, where).toEqual(expected.data)
        const records = await world.records(run.id)
        const ids = ofKind(records, 'message').map(({ message }) => message.id)
        expect(ids.sort(), where).toEqual(expected.ids)
      }
    })

    test('a reply that was recorded is served; an ask that is open is not asked again', async () => {
      await using world = await open()
      const first = world.process()
      const asked: string[] = []
      const playOracle = (bus: Bus, name: string, isStuck: boolean) =>
        play(bus, name, async (message, ctx) => {
          asked.push(`${name} ${message.id.slice(-4)}`)
          if (isStuck) await forever()
          ctx.reply(Hinted, { text: name })
        })
      const playWorker = (bus: Bus) =>
        play(bus, 'worker', async (_message, ctx) => {
          const [one, two] = await ctx.ask(['quick', 'stuck'], HintWanted, { text: '?' })
          answer(ctx, `${one?.text} ${two?.text}`)
        })
      playOracle(first.bus, 'quick', false)
      playOracle(first.bus, 'stuck', true)
      playWorker(first.bus)
      const run = ask(first.bus)
      await world.advance()
      await first.kill()
      const second = world.bus()
      playOracle(second, 'quick', false)
      playOracle(second, 'stuck', false)
      playWorker(second)
      const end = await world.end(await world.until(second.resume(run.id)))
      expect(end.message?.data).toEqual({ text: 'quick stuck' })
      expect(asked.sort()).toEqual(['quick a1-1', 'stuck a1-2', 'stuck a1-2'])
    })

    test.each(['answered', 'open'])(
      'another ask than the one that is %s is non-determinism',
      async (state) => {
        await using world = await open()
        const first = world.process()
        const playing = (bus: Bus, text: string, isFirst: boolean) => {
          play(bus, 'oracle', async (_message, ctx) => {
            if (isFirst && state === 'open') await forever()
            ctx.reply(Hinted, { text: 'so' })
          })
          play(bus, 'worker', async (_message, ctx) => {
            await ctx.ask('oracle', HintWanted, { text })
            if (isFirst) await forever()
            answer(ctx)
          })
        }
        playing(first.bus, 'this', true)
        const run = ask(first.bus)
        await world.advance()
        await first.kill()
        const second = world.bus()
        playing(second, 'that', false)
        const end = await world.end(await world.until(second.resume(run.id)))
        expect(end).toMatchObject({
          status: 'failed',
          reason: expect.stringContaining('asks for something else than what was recorded'),
        })
      },
    )

    test('a join that closed with the first two has the same two after a crash', async () => {
      await using world = await open()
      const first = world.process()
      const playing = (bus: Bus, order: readonly string[], isFirst: boolean) => {
        play(
          bus,
          'worker',
          (_message, ctx) =>
            void ctx.fanOut(branches('a', 'b', 'c'), { to: 'joiner', type: First }),
        )
        for (const role of ['a', 'b', 'c']) {
          play(bus, role, async (_message, ctx) => {
            await new Promise<void>((resolve) =>
              world.runtime.setTimer(10 * order.indexOf(role), resolve),
            )
            part(ctx, role)
          })
        }
        play(bus, 'joiner', async (message, ctx) => {
          if (isFirst || message.type !== First.name) return forever()
          answer(ctx, message.data.branches.map(({ status }) => status).join(' '))
        })
      }
      playing(first.bus, ['c', 'b', 'a'], true)
      const run = ask(first.bus)
      await world.advance(1_000)
      await first.kill()
      const second = world.bus()
      playing(second, ['a', 'b', 'c'], false)
      const end = await world.end(await world.until(second.resume(run.id)))
      expect(end.message?.data).toEqual({ text: 'cancelled done done' })
    })

    test('a listener goes on with the copies that it has not settled', async () => {
      await using world = await open()
      const first = world.process()
      const heard: string[] = []
      const playing = (bus: Bus, isFirst: boolean) => {
        play(bus, 'worker', async (_message, ctx) => {
          if (isFirst) await forever()
          answer(ctx)
        })
        hear(bus, 'ear', async (message, ctx) => {
          await ctx.step({ name: 'note', request: 1, perform: () => heard.push(message.id) })
          if (isFirst) await forever()
        })
      }
      playing(first.bus, true)
      const run = ask(first.bus)
      await world.advance()
      await first.kill()
      const second = world.bus()
      playing(second, false)
      await world.end(await world.until(second.resume(run.id)))
      await world.until(second.drain())
      expect(heard).toEqual([run.id, `${run.id}.h`])
    })
  })
}

async function undisturbed(open: OpenWorld) {
  await using world = await open()
  const { bus, batches } = world.process()
  playAll(bus, [])
  const run = ask(bus, { runId: 'the-run' })
  const end = await world.end(run)
  expect(end.reason).toBeUndefined()
  const records = await world.records(run.id)
  return {
    appends: batches.length,
    data: end.message?.data,
    ids: ofKind(records, 'message')
      .map(({ message }) => message.id)
      .sort(),
  }
}
