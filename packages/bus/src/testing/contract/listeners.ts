import { describe, expect, test } from 'vitest'
import type { Bus } from '../../bus.ts'
import { NoWayError, RoleTakenError } from '../../errors.ts'
import { ofKind, storyOf } from './rules.ts'
import {
  All,
  answer,
  branches,
  Drafted,
  forever,
  Hinted,
  HintWanted,
  hear,
  part,
  play,
} from './types.ts'
import { ask, type OpenWorld } from './world.ts'

/** A run with every kind of message. */
function playAll(bus: Bus): void {
  play(bus, 'worker', async (_message, ctx) => {
    await ctx.ask('oracle', HintWanted, { text: 'how?' })
    ctx.fanOut(branches('a'), { to: 'joiner', type: All })
  })
  play(bus, 'oracle', (_message, ctx) => void ctx.reply(Hinted, { text: 'so' }))
  play(bus, 'a', (_message, ctx) => void part(ctx, 'a'))
  play(bus, 'joiner', (_message, ctx) => void answer(ctx))
}

/** Listeners get copies, publish nothing, and change no run. */
export function listeners(open: OpenWorld): void {
  describe('listeners', () => {
    test('get a copy of each message of their types, whomever it is for', async () => {
      await using world = await open()
      const bus = world.bus()
      playAll(bus)
      const heard: string[] = []
      hear(bus, 'ear', (message) => heard.push(`${message.from} → ${message.to}: ${message.type}`))
      bus.listen('narrow', { accepts: [Hinted], handle: ({ data }) => heard.push(data.text) })
      expect((await world.end(ask(bus))).status).toBe('completed')
      await world.until(bus.drain())
      expect(heard.sort()).toEqual([
        'a → joiner: part.made',
        'coordinator → worker: question.asked',
        'joiner → coordinator: question.answered',
        'oracle → worker: hint.given',
        'so',
        'worker → a: text.drafted',
        'worker → joiner: all.joined',
        'worker → oracle: hint.wanted',
      ])
    })

    test('have attempts, steps and dead letters of their own, which disturb nobody', async () => {
      await using world = await open()
      const bus = world.bus()
      play(bus, 'worker', async (_message, ctx) => {
        await new Promise<void>((resolve) => world.runtime.setTimer(60_000, resolve))
        answer(ctx)
      })
      hear(
        bus,
        'ear',
        async (_message, ctx) => {
          await ctx.step({ name: 'note', request: ctx.attempt, perform: () => 'noted' })
          throw new Error('deaf')
        },
        { attempts: 2 },
      )
      hear(bus, 'hung', forever, { attempts: 1, deliveryTimeoutMs: 10 })
      const run = ask(bus)
      expect((await world.end(run)).status).toBe('completed')
      const records = await world.records(run.id)
      const settled = ofKind(records, 'settle').map(
        ({ messageId, role, outcome }) => `${messageId.slice(run.id.length)} ${role} ${outcome}`,
      )
      expect(settled.sort()).toEqual([
        ' worker done',
        '@ear ear dead',
        '@ear ear failed',
        '@hung hung dead',
      ])
      const [step] = ofKind(records, 'step')
      expect(step).toMatchObject({ messageId: `${run.id}@ear`, name: 'note' })
    })

    test('publish and ask nothing', async () => {
      await using world = await open()
      const bus = world.bus()
      playAll(bus)
      const errors: unknown[] = []
      bus.listen('ear', {
        accepts: [HintWanted],
        attempts: 1,
        async handle(_message, ctx) {
          for (const act of [
            () => answer(ctx),
            () => ctx.fanOut(branches('a'), { to: 'joiner', type: All }),
            () => ctx.reply(Hinted, { text: 'x' }),
            () => ctx.ask('oracle', HintWanted, { text: 'x' }),
          ]) {
            try {
              await act()
            } catch (error) {
              errors.push(error)
            }
          }
        },
      })
      const run = ask(bus)
      expect((await world.end(run)).status).toBe('completed')
      await world.until(bus.drain())
      expect(errors).toEqual(Array.from({ length: 4 }, () => expect.any(NoWayError)))
    })

    test('keep no run from stalling, and none from ending', async () => {
      await using world = await open()
      const bus = world.bus()
      play(bus, 'worker', () => {})
      hear(bus, 'ear', forever)
      expect((await world.end(ask(bus))).status).toBe('stalled')
    })

    test('have a short grace when their run ends, and then are aborted', async () => {
      await using world = await open()
      const bus = world.bus({ listenerGraceMs: 500 })
      play(bus, 'worker', (_message, ctx) => void answer(ctx))
      const heard: string[] = []
      const aborted: string[] = []
      hear(
        bus,
        'ear',
        async (message, ctx) => {
          ctx.signal.addEventListener('abort', () => aborted.push(message.type))
          const waitMs = message.type === 'question.answered' ? 400 : 600
          await new Promise<void>((resolve) => world.runtime.setTimer(waitMs, resolve))
          await ctx.step({ name: 'note', request: 1, perform: () => heard.push(message.type) })
        },
        { perRunConcurrency: 2 },
      )
      const run = ask(bus)
      const end = await world.end(run)
      expect(end.status).toBe('completed')
      expect(heard).toEqual([])
      await world.advance(450)
      expect(heard).toEqual(['question.answered'])
      await world.advance(450)
      expect(heard).toEqual(['question.answered'])
      expect(aborted).toContain('question.asked')
      expect(storyOf(await world.records(run.id)).at(-1)).toBe('run.ended')
    })

    test('are waited for by drain and by close, as long as their grace lasts', async () => {
      for (const stop of ['drain', 'close'] as const) {
        await using world = await open()
        const bus = world.bus()
        play(bus, 'worker', (_message, ctx) => void answer(ctx))
        const heard: string[] = []
        hear(
          bus,
          'slow',
          async (message) => {
            await new Promise<void>((resolve) => world.runtime.setTimer(100, resolve))
            heard.push(message.type)
          },
          { perRunConcurrency: 2 },
        )
        hear(bus, 'hung', forever)
        await world.end(ask(bus))
        const from = world.runtime.elapsed()
        await world.until<unknown>(bus[stop]())
        expect(heard.sort(), stop).toEqual(['question.answered', 'question.asked'])
        expect(world.runtime.elapsed() - from, stop).toBe(1_000)
      }
    })

    test('a name is taken once, by an agent or by a listener', async () => {
      await using world = await open()
      const bus = world.bus()
      play(bus, 'worker', () => {})
      using _ear = hear(bus, 'ear', () => {})
      expect(() => hear(bus, 'worker', () => {})).toThrow(RoleTakenError)
      expect(() => play(bus, 'ear', () => {})).toThrow(RoleTakenError)
      expect(() => hear(bus, 'ear', () => {})).toThrow(RoleTakenError)
    })

    test('a message that names a listener is for nobody', async () => {
      await using world = await open()
      const bus = world.bus()
      hear(bus, 'ear', () => {})
      play(bus, 'worker', (_message, ctx) => void ctx.handoff('ear', Drafted, { text: 'x' }))
      expect(await world.end(ask(bus))).toMatchObject({
        status: 'failed',
        reason: expect.stringContaining("no agent plays 'ear'"),
      })
    })

    test('one that leaves lets what has begun end, and gets no more', async () => {
      await using world = await open()
      const bus = world.bus()
      const { promise, resolve } = Promise.withResolvers<void>()
      play(bus, 'worker', async (_message, ctx) => {
        await promise
        answer(ctx)
      })
      const heard: string[] = []
      const listening = hear(bus, 'ear', async (message) => {
        await promise
        heard.push(message.type)
      })
      const run = ask(bus)
      await world.advance()
      listening[Symbol.dispose]()
      resolve()
      expect((await world.end(run)).status).toBe('completed')
      await world.advance()
      expect(heard).toEqual(['question.asked'])
    })
  })
}
