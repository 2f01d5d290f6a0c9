import { describe, expect, test } from 'vitest'
import { RunEndedError } from '../../errors.ts'
import { recordingLogger } from './recording-logger.ts'
import { ofKind, storyOf } from './rules.ts'
import { Asked, answer, Drafted, forever, play } from './types.ts'
import { ask, type OpenWorld } from './world.ts'

/** 10. A run ends by a record, with a reason, and never by waiting; journal order decides races. */
export function nothingIsSilent(open: OpenWorld): void {
  describe('10. nothing is silent', () => {
    test('the terminal type ends the run, with the message in its result', async () => {
      await using world = await open()
      const bus = world.bus()
      play(bus, 'worker', (_message, ctx) => void answer(ctx, '42'))
      const run = ask(bus)
      const end = await world.end(run)
      expect(end).toMatchObject({
        runId: run.id,
        status: 'completed',
        message: { id: `${run.id}.h`, from: 'worker', to: 'coordinator', data: { text: '42' } },
      })
      expect(end.reason).toBeUndefined()
      expect(await world.openRuns()).toEqual([])
    })

    test('a settlement that goes nowhere ends the run as stalled, in the same append', async () => {
      await using world = await open()
      const { bus, batches } = world.process()
      play(bus, 'worker', () => {})
      const run = ask(bus)
      await world.rest()
      const end = await run.result
      expect(end.status).toBe('stalled')
      expect(end.reason).toMatch(/'worker' handled question\.asked and handed nothing off/)
      expect(batches.at(-1)?.map(({ kind }) => kind)).toEqual(['settle', 'run.ended'])
    })

    test('the last of several settlements that go nowhere is the one that stalls the run', async () => {
      await using world = await open()
      const bus = world.bus()
      const gate = Promise.withResolvers<void>()
      play(bus, 'worker', () => gate.promise)
      play(bus, 'side', () => {})
      const run = ask(bus)
      await world.until(run.publish('side', Asked, { text: 'x' }))
      await world.advance(1000)
      expect(await world.openRuns()).toEqual([run.id])
      gate.resolve()
      expect((await world.end(run)).status).toBe('stalled')
    })

    test('a loop ends when it has taken more hops than the run may take', async () => {
      await using world = await open()
      const bus = world.bus()
      let handled = 0
      const loop = (to: string) =>
        play(bus, to === 'a' ? 'b' : 'a', (_message, ctx) => {
          handled++
          ctx.handoff(to, Drafted, { text: 'x' })
        })
      loop('a')
      loop('b')
      const run = ask(bus, { to: 'a', maxHops: 5 })
      const end = await world.end(run)
      expect(end.status).toBe('budget_exhausted')
      expect(end.reason).toMatch(/more than 5 hops.*'b' to 'a'|more than 5 hops.*'a' to 'b'/)
      expect(handled).toBe(6)
    })

    test('the terminal message counts as a hop', async () => {
      await using world = await open()
      const bus = world.bus()
      play(bus, 'worker', (_message, ctx) => void ctx.handoff('next', Drafted, { text: 'x' }))
      play(bus, 'next', (_message, ctx) => void answer(ctx))
      const enough = await world.end(ask(bus, { maxHops: 2 }))
      expect(enough.status).toBe('completed')
      const tooFew = await world.end(ask(bus, { maxHops: 1 }))
      expect(tooFew).toMatchObject({
        status: 'budget_exhausted',
        reason: expect.stringMatching(/more than 1 hop, at question\.answered from 'next'/),
      })
      expect(tooFew.message).toBeUndefined()
    })

    test('what comes after the end is refused and logged', async () => {
      await using world = await open()
      const { logger, lines } = recordingLogger()
      const bus = world.bus({ logger })
      const late = Promise.withResolvers<void>()
      play(bus, 'worker', async (_message, ctx) => {
        const step = ctx.step({ name: 'slow', request: 1, once: true, perform: () => late.promise })
        await step.catch(() => {})
      })
      const run = ask(bus)
      await world.advance()
      run.cancel('enough')
      await world.end(run)
      const before = await world.records(run.id)
      await expect(run.publish('worker', Asked, { text: 'x' })).rejects.toThrow(RunEndedError)
      late.resolve()
      await world.advance()
      expect(await world.records(run.id)).toEqual(before)
      expect(lines.filter(({ text }) => text.startsWith('refused: '))).not.toEqual([])
    })

    test('cancelling a run that has ended changes nothing', async () => {
      await using world = await open()
      const bus = world.bus()
      play(bus, 'worker', (_message, ctx) => void answer(ctx))
      const run = ask(bus)
      await world.end(run)
      run.cancel('too late')
      await world.advance()
      expect((await run.result).status).toBe('completed')
      expect(storyOf(await world.records(run.id))).toEqual([
        'run.opened',
        'question.asked',
        'worker done',
        'question.answered',
        'run.ended',
      ])
    })

    test('of two ends the first in the journal counts', async () => {
      await using world = await open()
      const bus = world.bus()
      play(bus, 'worker', (_message, ctx) => {
        answer(ctx)
        run.cancel('while the handler runs')
      })
      const run = ask(bus)
      const end = await world.end(run)
      expect(end.status).toBe('cancelled')
      expect(end.message).toBeUndefined()
      expect(storyOf(await world.records(run.id))).toEqual([
        'run.opened',
        'question.asked',
        'run.ended',
      ])
    })

    test('every end but completed has a reason', async () => {
      await using world = await open()
      const bus = world.bus()
      play(bus, 'worker', forever)
      play(bus, 'staller', () => {})
      play(bus, 'spender', async (_message, ctx) => {
        await ctx.step({
          name: 'm',
          request: 1,
          perform: () => 1,
          usage: () => ({ inputTokens: 6, outputTokens: 5 }),
        })
      })
      const runs = [
        ask(bus, { timeoutMs: 10 }),
        ask(bus, { to: 'staller' }),
        ask(bus, { to: 'nobody' }),
        ask(bus, { to: 'spender', maxTokens: 10 }),
        ask(bus, { signal: AbortSignal.abort(new Error('by the user')) }),
      ]
      const ends = []
      for (const run of runs) ends.push(await world.end(run))
      expect(ends.map(({ status }) => status)).toEqual([
        'timed_out',
        'stalled',
        'failed',
        'budget_exhausted',
        'cancelled',
      ])
      for (const { reason } of ends) expect(reason).toMatch(/\w+ \w+/)
      const stored = ofKind(await world.records(), 'run.ended')
      for (const { runId, status, reason } of ends) {
        expect(stored).toContainEqual(expect.objectContaining({ runId, status, reason }))
      }
    })
  })
}
