import { describe, expect, test } from 'vitest'
import type { DeliveryContext } from '../../delivery-context.ts'
import { TerminalError } from '../../errors.ts'
import { playEnds } from './play-ends.ts'
import { recordingLogger } from './recording-logger.ts'
import { ofKind } from './rules.ts'
import {
  All,
  answer,
  branches,
  Drafted,
  First,
  fansOut,
  forever,
  HintWanted,
  KeyMade,
  Part,
  part,
  play,
  type Result,
  resultsOf,
  Settled,
} from './types.ts'
import { ask, type OpenWorld, pause } from './world.ts'

/** What happens inside a branch stays inside it, whatever it is. */
export function insideBranches(open: OpenWorld): void {
  describe('inside a branch', () => {
    test('a role that leaves with several of its messages waiting fails their join once', async () => {
      await using world = await open()
      const bus = world.bus()
      const joined = playEnds(bus, Settled, 'nest')
      play(bus, 'nest', fansOut(['leaving', 'leaving', 'leaving'], 'inner', All))
      play(bus, 'inner', forever)
      const leaving = play(bus, 'leaving', forever)
      const run = ask(bus)
      await world.advance()
      leaving[Symbol.dispose]()
      await world.end(run)
      expect(joined[0]?.data.branches).toMatchObject([
        { error: expect.stringContaining("('leaving') failed: no agent plays 'leaving'") },
      ])
      const settled = ofKind(await world.records(run.id), 'settle')
      expect(
        settled
          .filter(({ role }) => role === 'leaving')
          .map(({ messageId, outcome }) => `${messageId.slice(-2)} ${outcome}`),
      ).toEqual(['b2 dead', 'b1 cancelled', 'b3 cancelled'])
    })

    test('what a loser has led to is cancelled, however far it got', async () => {
      await using world = await open()
      const bus = world.bus()
      const joined = playEnds(bus, First, 'chain', 'nest', 'asker', 'failing', 'a', 'b')
      play(bus, 'chain', (_message, ctx) => void ctx.handoff('hung', Drafted, { text: 'x' }))
      play(bus, 'nest', fansOut(['hung', 'hung'], 'inner', All))
      play(bus, 'inner', forever)
      play(bus, 'asker', async (_message, ctx) => {
        await ctx.ask('middle', HintWanted, { text: '?' })
      })
      play(bus, 'middle', async (_message, ctx) => {
        await ctx.ask('hung', HintWanted, { text: '?' })
      })
      play(bus, 'failing', () => Promise.reject(new Error('once more')), { backoffMs: 10_000 })
      const aborted: string[] = []
      play(bus, 'hung', async ({ id, runId }, ctx) => {
        ctx.signal.addEventListener('abort', () => aborted.push(id.slice(runId.length)))
        await forever()
      })
      for (const role of ['a', 'b']) {
        play(bus, role, async (_message, ctx) => {
          await pause(world, 10)
          part(ctx, role)
        })
      }
      const run = ask(bus)
      expect((await world.end(run)).status).toBe('completed')
      expect(joined[0]?.data.branches.map(({ status }) => status)).toEqual([
        ...Array(4).fill('cancelled'),
        'done',
        'done',
      ])
      const settled = ofKind(await world.records(run.id), 'settle')
      const cancelled = settled.filter(({ outcome }) => outcome === 'cancelled')
      expect(cancelled.map(({ messageId }) => messageId.slice(run.id.length)).sort()).toEqual([
        '.b1.h',
        '.b2.b1',
        '.b2.b2',
        '.b3',
        '.b3.a1-1',
        '.b3.a1-1.a1-1',
        '.b4',
      ])
      // The second one of the inner fan-out waited for its turn.
      expect(aborted.sort()).toEqual(['.b1.h', '.b3.a1-1.a1-1'])
      await world.advance(60_000)
      expect((await world.records(run.id)).at(-1)?.kind).toBe('run.ended')
    })

    test('a loser that goes on regardless changes nothing', async () => {
      await using world = await open()
      const { logger, lines } = recordingLogger()
      const bus = world.bus({ logger })
      play(bus, 'worker', fansOut(['late', 'a', 'b'], 'joiner', First))
      for (const role of ['a', 'b']) play(bus, role, (_message, ctx) => void part(ctx, role))
      play(bus, 'late', async (_message, ctx) => {
        part(ctx, 'late')
        await pause(world, 10)
      })
      play(bus, 'joiner', async (_message, ctx) => {
        await pause(world, 100)
        answer(ctx)
      })
      const run = ask(bus)
      const end = await world.end(run)
      const ids = end.messages.map(({ id }) => id.slice(run.id.length))
      expect(ids.sort()).toEqual(['', '.b1', '.b2', '.b2.h', '.b3', '.b3.h', '.j', '.j.h'])
      expect(lines.map(({ text }) => text)).toContainEqual(
        expect.stringMatching(/^refused: attempt 1 ended after it was over/),
      )
    })

    test('the join knows all that led to it: what its branches said, in their order', async () => {
      await using world = await open()
      const bus = world.bus()
      play(bus, 'worker', fansOut(['slow', 'bad', 'quick'], 'joiner', Settled))
      play(bus, 'bad', () => {})
      play(bus, 'quick', (_message, ctx) => void part(ctx, 'quick'))
      play(bus, 'slow', async (_message, ctx) => {
        await pause(world, 10)
        const known = ctx.past().map(({ id, runId }) => id.slice(runId.length))
        part(ctx, known.join(' '))
      })
      const pasts: string[][] = []
      play(bus, 'joiner', (message, ctx) => {
        const { runId } = message
        pasts.push(ctx.past().map(({ id }) => id.slice(runId.length)))
        expect(ctx.latest(Part)?.data.text).toBe('quick')
        answer(ctx)
      })
      const end = await world.end(ask(bus))
      expect(end.status).toBe('completed')
      expect(pasts).toEqual([['', '.b1', '.b1.h', '.b2', '.b3', '.b3.h', '.j']])
      expect(end.messages.find(({ id }) => id.endsWith('.b1.h'))?.data).toEqual({ text: ' .b1' })
    })

    test('the join’s role gets what it gets in the order of the journal, one at a time', async () => {
      await using world = await open()
      const bus = world.bus()
      play(bus, 'worker', fansOut(['slow', 'quick'], 'joiner', Settled))
      for (const role of ['quick', 'slow']) {
        play(bus, role, fansOut(['leaf'], 'joiner', All))
      }
      play(
        bus,
        'leaf',
        async (message, ctx) => {
          await pause(world, message.id.includes('.b1.') ? 20 : 5)
          part(ctx, 'leaf')
        },
        { perRunConcurrency: 2 },
      )
      const order: string[] = []
      let now = 0
      play(bus, 'joiner', async (message, ctx) => {
        expect(++now).toBe(1)
        order.push(message.id.slice(message.runId.length))
        await pause(world, 50)
        now--
        if (message.type === All.name) part(ctx, 'inner')
        else answer(ctx)
      })
      expect((await world.end(ask(bus))).status).toBe('completed')
      expect(order).toEqual(['.b2.j', '.b1.j', '.j'])
    })

    test('the join’s role may send it back: the next fan-out has branches and a join of its own', async () => {
      await using world = await open()
      const bus = world.bus()
      const fans = (ctx: DeliveryContext) =>
        ctx.fanOut(branches('a', 'b'), { to: 'joiner', type: All })
      play(bus, 'worker', (_message, ctx) => void fans(ctx))
      for (const role of ['a', 'b']) {
        play(bus, role, ({ id }, ctx) => void part(ctx, `${role} ${id.split('.').length}`))
      }
      const seen: (readonly Result[])[] = []
      play(bus, 'joiner', (message, ctx) => {
        seen.push(resultsOf(message))
        if (seen.length < 3) ctx.handoff('worker', Drafted, { text: 'again' })
        else answer(ctx)
      })
      const run = ask(bus)
      expect((await world.end(run)).message?.id).toBe(`${run.id}.j.h.j.h.j.h`)
      expect(seen).toMatchObject([
        [{ data: { text: 'a 2' } }, { data: { text: 'b 2' } }],
        [{ data: { text: 'a 4' } }, { data: { text: 'b 4' } }],
        [{ data: { text: 'a 6' } }, { data: { text: 'b 6' } }],
      ])
    })

    test('all settled: with nothing but failures the join holds them', async () => {
      await using world = await open()
      const bus = world.bus()
      const joined = playEnds(bus, Settled, 'nobody', 'bad', 'deaf', 'nobody')
      bus.subscribe('deaf', { accepts: [Part], handle() {} })
      play(bus, 'bad', () => {
        throw new TerminalError('never')
      })
      expect((await world.end(ask(bus))).status).toBe('completed')
      expect(joined[0]?.data.branches).toMatchObject([
        { to: 'nobody', status: 'failed', reason: 'unaddressed' },
        { to: 'bad', status: 'failed', reason: 'terminal' },
        { to: 'deaf', status: 'failed', reason: 'unaddressed' },
        { to: 'nobody', status: 'failed', reason: 'unaddressed' },
      ])
    })

    test('a failure among the results says no secret', async () => {
      await using world = await open()
      const bus = world.bus()
      play(
        bus,
        'worker',
        (_message, ctx) =>
          void ctx.fanOut([{ to: 'bad', type: KeyMade, data: { owner: 'me', key: 'hidden' } }], {
            to: 'joiner',
            type: Settled,
          }),
      )
      play(bus, 'bad', (message) => {
        if (message.type === KeyMade.name)
          throw new TerminalError(`no ${message.data.key.reveal()}`)
      })
      const results: Result[] = []
      play(bus, 'joiner', (message, ctx) => {
        results.push(...resultsOf(message))
        answer(ctx)
      })
      const run = ask(bus)
      await world.end(run)
      expect(results).toMatchObject([
        { error: `'bad' failed at key.made: no secret:${run.id}.b1#1` },
      ])
    })

    test('a budget that is used up in a branch ends the run', async () => {
      await using world = await open()
      const bus = world.bus()
      playEnds(bus, Settled, 'hung', 'spender')
      play(bus, 'hung', forever)
      play(bus, 'spender', async (_message, ctx) => {
        await ctx.step({
          kind: 'model',
          name: 'm',
          request: 1,
          perform: () => 'x',
          usage: () => ({ inputTokens: 60, outputTokens: 60 }),
        })
        part(ctx, 'done')
      })
      expect(await world.end(ask(bus, { maxTokens: 100 }))).toMatchObject({
        status: 'budget_exhausted',
        reason: expect.stringContaining('the run used 120 tokens'),
      })
    })

    test('a branch may begin with the join’s role', async () => {
      await using world = await open()
      const bus = world.bus()
      play(bus, 'worker', fansOut(['joiner'], 'joiner', All))
      play(bus, 'joiner', (message, ctx) => {
        if (message.type === All.name) answer(ctx, JSON.stringify(resultsOf(message)))
        else part(ctx, 'by myself')
      })
      expect((await world.end(ask(bus))).message?.data).toEqual({
        text: JSON.stringify([
          { to: 'joiner', status: 'done', type: 'part.made', data: { text: 'by myself' } },
        ]),
      })
    })
  })
}
