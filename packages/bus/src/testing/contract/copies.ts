import { describe, expect, test } from 'vitest'
import { TerminalError } from '../../errors.ts'
import { Secret } from '../../secret.ts'
import { ofKind } from './rules.ts'
import { answer, Drafted, First, fansOut, forever, hear, KeyMade, part, play } from './types.ts'
import { ask, type OpenWorld, pause, resumed } from './world.ts'

/** Copies are deliveries: recorded, ordered, tried again, and nobody else's business. */
export function copies(open: OpenWorld): void {
  describe('copies', () => {
    test('are in the record of their message, one for each listener', async () => {
      await using world = await open()
      const bus = world.bus()
      const heard: string[] = []
      hear(bus, 'one', ({ type }) => heard.push(`one ${type}`))
      hear(bus, 'two', ({ type }) => heard.push(`two ${type}`))
      play(bus, 'worker', (_message, ctx) => void ctx.handoff('next', Drafted, { text: 'x' }))
      play(bus, 'next', async (_message, ctx) => {
        await pause(world, 10)
        answer(ctx)
      })
      const run = ask(bus)
      await world.end(run)
      await world.until(bus.drain())
      const records = await world.records(run.id)
      expect(ofKind(records, 'message').map((record) => record.copies)).toEqual([
        ['one', 'two'],
        ['one', 'two'],
        ['one', 'two'],
      ])
      const settled = ofKind(records, 'settle').map(({ messageId }) => messageId)
      expect(settled).toEqual(expect.arrayContaining([`${run.id}@one`, `${run.id}.h@two`]))
      expect(heard).toHaveLength(6)
    })

    test('are handled in the order of the journal, one at a time, each at its own pace', async () => {
      await using world = await open()
      const bus = world.bus()
      const heard: string[] = []
      let now = 0
      hear(bus, 'slow', async ({ type }) => {
        expect(++now).toBe(1)
        await pause(world, 100)
        now--
        heard.push(`slow ${type}`)
      })
      hear(bus, 'quick', ({ type }) => heard.push(`quick ${type}`))
      play(bus, 'worker', (_message, ctx) => void ctx.handoff('next', Drafted, { text: 'x' }))
      play(bus, 'next', (_message, ctx) => void answer(ctx))
      await world.end(ask(bus))
      await world.until(bus.drain())
      const order = ['question.asked', 'text.drafted', 'question.answered']
      expect(heard).toEqual([
        ...order.map((type) => `quick ${type}`),
        ...order.map((type) => `slow ${type}`),
      ])
    })

    test('are tried again as often as their listener says', async () => {
      await using world = await open()
      const bus = world.bus()
      const attempts: string[] = []
      const fails = (name: string, error: Error) =>
        bus.listen(name, {
          accepts: [Drafted],
          attempts: 3,
          backoffMs: 0,
          handle(_message, ctx) {
            attempts.push(`${name} ${ctx.attempt}`)
            if (ctx.attempt < 3) throw error
          },
        })
      fails('stubborn', new Error('once more'))
      fails('done', new TerminalError('no more'))
      play(bus, 'worker', (_message, ctx) => void ctx.handoff('next', Drafted, { text: 'x' }))
      play(bus, 'next', async (_message, ctx) => {
        await pause(world, 1_000)
        answer(ctx)
      })
      const run = ask(bus)
      expect((await world.end(run)).status).toBe('completed')
      expect(attempts.sort()).toEqual(['done 1', 'stubborn 1', 'stubborn 2', 'stubborn 3'])
      const settled = ofKind(await world.records(run.id), 'settle')
      expect(
        settled
          .filter(({ role }) => role === 'done' || role === 'stubborn')
          .map(({ role, outcome }) => `${role} ${outcome}`)
          .sort(),
      ).toEqual(['done dead', 'stubborn done', 'stubborn failed', 'stubborn failed'])
    })

    test('have secrets in them, and their past', async () => {
      await using world = await open()
      const bus = world.bus()
      const heard: unknown[] = []
      bus.listen('ear', {
        accepts: [KeyMade],
        handle({ data }, ctx) {
          heard.push(
            data.key,
            ctx.past().map(({ id }) => id),
          )
          ctx.log('heard of {key}', { key: data.key })
          heard.push(ctx.redact('it is hidden-value'))
        },
      })
      play(
        bus,
        'worker',
        (_message, ctx) => void ctx.handoff('next', KeyMade, { owner: 'me', key: 'hidden-value' }),
      )
      play(bus, 'next', async (_message, ctx) => {
        await pause(world, 10)
        answer(ctx)
      })
      const run = ask(bus)
      await world.end(run)
      const handle = `secret:${run.id}.h#1`
      expect(heard).toEqual([expect.any(Secret), [run.id, `${run.id}.h`], `it is ${handle}`])
      const records = await world.records(run.id)
      expect(ofKind(records, 'log')).toMatchObject([
        { messageId: `${run.id}.h@ear`, role: 'ear', text: 'heard of {key}' },
      ])
      expect(JSON.stringify(records)).not.toContain('hidden-value')
    })

    test('of what a loser got stay: only those who work for the run are cancelled', async () => {
      await using world = await open()
      const bus = world.bus()
      const heard: string[] = []
      bus.listen('ear', {
        accepts: [Drafted],
        perRunConcurrency: 3,
        async handle({ to }) {
          await pause(world, 50)
          heard.push(to)
        },
      })
      play(bus, 'worker', fansOut(['never', 'a', 'b'], 'joiner', First))
      play(bus, 'never', forever)
      for (const role of ['a', 'b']) play(bus, role, (_message, ctx) => void part(ctx, role))
      play(bus, 'joiner', async (_message, ctx) => {
        await pause(world, 100)
        answer(ctx)
      })
      expect((await world.end(ask(bus))).status).toBe('completed')
      expect(heard.sort()).toEqual(['a', 'b', 'never'])
    })

    test('whoever listens no more in the process that goes on disturbs nobody there', async () => {
      await using world = await open()
      const end = await resumed(world, (bus, { isFirst }) => {
        if (isFirst) hear(bus, 'ear', forever)
        play(bus, 'worker', async (_message, ctx) => {
          if (isFirst) await forever()
          answer(ctx)
        })
      })
      expect(end.status).toBe('completed')
      const settled = ofKind(await world.records(), 'settle')
      expect(settled.map(({ role, outcome }) => `${role} ${outcome}`)).toEqual([
        'ear dead',
        'worker done',
      ])
    })

    test('the steps of a listener are served when it starts again', async () => {
      await using world = await open()
      const performed: string[] = []
      const end = await resumed(world, (bus, { isFirst }) => {
        hear(bus, 'ear', async (_message, ctx) => {
          await ctx.step({ name: 'note', request: 1, perform: () => performed.push('note') })
          if (isFirst) await forever()
          await ctx.step({ name: 'more', request: 1, perform: () => performed.push('more') })
        })
        play(bus, 'worker', async (_message, ctx) => {
          await pause(world, isFirst ? 1_000_000 : 10)
          answer(ctx)
        })
      })
      expect(end.status).toBe('completed')
      await world.advance(1_000)
      // Those of the answer come after the end of the run: performed, and recorded nowhere.
      expect(performed).toEqual(['note', 'more', 'note', 'more'])
      expect(ofKind(await world.records(), 'step').map(({ name }) => name)).toEqual([
        'note',
        'more',
      ])
    })

    test('what is left of a run is told with the copies, and a deadline names no listener', async () => {
      await using world = await open()
      const bus = world.bus()
      hear(bus, 'ear', forever)
      play(bus, 'worker', forever)
      const run = ask(bus, { timeoutMs: 50 })
      const report = await world.until(bus.drain({ timeoutMs: 10 }))
      expect(report.left).toEqual([{ runId: run.id, messages: [`${run.id}@ear`, run.id] }])
      expect(await world.end(run)).toMatchObject({
        status: 'timed_out',
        reason: expect.stringContaining("50 ms, at 'worker' with question.asked: raise"),
      })
    })

    test('that a listener has not settled are gone on with', async () => {
      await using world = await open()
      const heard: string[] = []
      await resumed(world, (bus, { isFirst }) => {
        play(bus, 'worker', async (_message, ctx) => {
          if (isFirst) await forever()
          answer(ctx)
        })
        hear(bus, 'ear', async ({ type }, ctx) => {
          await ctx.step({ name: 'note', request: 1, perform: () => heard.push(type) })
          if (isFirst) await forever()
        })
      })
      await world.advance(1_000)
      expect(heard).toEqual(['question.asked', 'question.answered'])
    })
  })
}
