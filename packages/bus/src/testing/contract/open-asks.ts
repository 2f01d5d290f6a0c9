import { describe, expect, test } from 'vitest'
import type { Bus, PublishOptions } from '../../bus.ts'
import type { RunStatus } from '../../records.ts'
import type { Runtime } from '../../runtime.ts'
import { recordingLogger } from './recording-logger.ts'
import { ofKind, storyOf } from './rules.ts'
import { answer, Drafted, forever, type Handle, Hinted, HintWanted, play } from './types.ts'
import { ask, type OpenWorld, pause } from './world.ts'

const wanted = { text: 'how?' }

/** A runtime that tells whether one of its timers keeps the process alive. */
function watched(runtime: Runtime): Runtime & { isBusy(): boolean } {
  const busy = new Set<object>()
  return {
    now: () => runtime.now(),
    elapsed: () => runtime.elapsed(),
    random: () => runtime.random(),
    newId: () => runtime.newId(),
    setTimer(delayMs, run) {
      const timer = runtime.setTimer(delayMs, () => {
        busy.delete(timer)
        run()
      })
      busy.add(timer)
      return {
        cancel() {
          busy.delete(timer)
          timer.cancel()
        },
        ref: () => void busy.add(timer),
        unref: () => void busy.delete(timer),
      }
    },
    isBusy: () => busy.size > 0,
  }
}

/** Plays `worker`, who answers with the hint of `oracle` or with why there is none. */
function playWorker(bus: Bus): void {
  play(bus, 'worker', async (_message, ctx) => {
    const asking = ctx.ask('oracle', HintWanted, wanted, { timeoutMs: 100 })
    answer(ctx, await asking.then(({ text }) => text, String))
  })
}

const reply: Handle = (_message, ctx) => void ctx.reply(Hinted, { text: 'so' })

const ends: readonly {
  readonly after: string
  readonly status: RunStatus
  readonly oracle: Handle
  readonly options?: Partial<PublishOptions>
}[] = [
  { after: 'its reply', status: 'completed', oracle: reply },
  { after: 'its time', status: 'completed', oracle: forever },
  {
    after: 'the end of its run',
    status: 'timed_out',
    oracle: forever,
    options: { timeoutMs: 50 },
  },
  {
    after: 'a run that has gone too far with it',
    status: 'budget_exhausted',
    oracle: reply,
    options: { maxHops: 1 },
  },
]

/** What ends an ask, and what comes after its end. */
export function openAsks(open: OpenWorld): void {
  describe('open asks', () => {
    test.each(ends)('leave no timer behind after $after', async ({ status, oracle, options }) => {
      await using world = await open()
      const runtime = watched(world.runtime)
      const bus = world.bus({ runtime })
      play(bus, 'first', (_message, ctx) => void ctx.handoff('worker', Drafted, { text: 'x' }))
      playWorker(bus)
      play(bus, 'oracle', oracle)
      const run = ask(bus, { to: 'first', ...options })
      expect((await world.end(run)).status).toBe(status)
      expect(runtime.isBusy()).toBe(false)
    })

    test('that nobody awaits reject nothing in the process, whatever is wrong with them', async () => {
      await using world = await open()
      const bus = world.bus()
      play(bus, 'oracle', forever)
      play(bus, 'worker', async (_message, ctx) => {
        void ctx.ask('nobody', HintWanted, wanted)
        void ctx.ask('worker', HintWanted, wanted)
        void ctx.ask(['nobody', 'oracle'], HintWanted, wanted)
        // @ts-expect-error the text is missing
        void ctx.ask('oracle', HintWanted, {})
        void ctx.ask('oracle', HintWanted, wanted, { timeoutMs: 5 })
        await pause(world, 10)
        answer(ctx)
        setImmediate(() => void ctx.ask('oracle', HintWanted, wanted))
      })
      expect((await world.end(ask(bus))).status).toBe('completed')
      await world.advance(1_000)
    })

    test('of several that are asked, one failure rejects at once; the others end with the handler', async () => {
      await using world = await open()
      const bus = world.bus()
      play(bus, 'slow', async (_message, ctx) => {
        await pause(world, 50)
        ctx.reply(Hinted, { text: 'slow' })
      })
      play(bus, 'hung', forever)
      const caught: number[] = []
      play(bus, 'worker', async (_message, ctx) => {
        await ctx.ask(['slow', 'nobody', 'hung'], HintWanted, wanted).catch(() => {
          caught.push(world.runtime.elapsed())
        })
        await pause(world, 100)
        answer(ctx)
      })
      const run = ask(bus)
      const from = world.runtime.elapsed()
      expect((await world.end(run)).status).toBe('completed')
      expect(caught).toEqual([from])
      const settled = ofKind(await world.records(run.id), 'settle')
      expect(settled.map(({ role, outcome }) => `${role} ${outcome}`)).toEqual([
        'nobody dead',
        'slow done',
        'worker done',
        'hung cancelled',
      ])
    })

    test('that have timed out are cancelled: whoever was asked changes nothing any more', async () => {
      await using world = await open()
      const { logger, lines } = recordingLogger()
      const bus = world.bus({ logger })
      playWorker(bus)
      play(bus, 'oracle', async (_message, ctx) => {
        ctx.reply(Hinted, { text: 'late' })
        await pause(world, 150)
      })
      const run = ask(bus)
      expect((await world.end(run)).message?.data).toMatchObject({
        text: expect.stringContaining('gave no reply to hint.wanted within 100 ms'),
      })
      await world.advance(1_000)
      expect(storyOf(await world.records(run.id))).toEqual([
        'run.opened',
        'question.asked',
        'hint.wanted',
        'oracle cancelled',
        'worker done',
        'question.answered',
        'run.ended',
      ])
      expect(lines.map(({ text }) => text)).toContain('refused: attempt 1 ended after it was over')
    })

    test('are named where the time of their run is over', async () => {
      await using world = await open()
      const bus = world.bus()
      play(bus, 'oracle', forever)
      play(bus, 'worker', async (_message, ctx) => {
        await ctx.ask('oracle', HintWanted, wanted)
      })
      expect(await world.end(ask(bus, { timeoutMs: 50 }))).toMatchObject({
        status: 'timed_out',
        reason: expect.stringContaining(
          "at 'worker' with question.asked, waiting for 'oracle' to reply to hint.wanted, " +
            "'oracle' with hint.wanted",
        ),
      })
    })

    test('that an attempt left behind are not what its delivery waits for', async () => {
      await using world = await open()
      const bus = world.bus()
      play(bus, 'oracle', forever)
      play(
        bus,
        'worker',
        async (_message, ctx) => {
          void ctx.ask('oracle', HintWanted, wanted)
          await pause(world, 10)
          throw new Error('once more')
        },
        { backoffMs: 1_000_000, maxBackoffMs: 1_000_000 },
      )
      expect((await world.end(ask(bus, { timeoutMs: 50 }))).reason).toContain(
        "at 'worker' with question.asked: raise the timeout",
      )
    })

    test('are waited for by drain, and left open by close', async () => {
      await using world = await open()
      const draining = world.bus()
      play(draining, 'oracle', async (_message, ctx) => {
        await pause(world, 50)
        ctx.reply(Hinted, { text: 'so' })
      })
      playWorker(draining)
      const run = ask(draining)
      await world.advance()
      expect(await world.until(draining.drain())).toEqual({ isDrained: true, left: [] })
      expect((await world.end(run)).message?.data).toEqual({ text: 'so' })
      const closing = world.bus()
      play(closing, 'oracle', forever)
      playWorker(closing)
      const left = ask(closing)
      const rejected = left.result.catch(String)
      await world.advance()
      await world.until(closing.close())
      expect(await rejected).toContain('closed')
      const settled = ofKind(await world.records(left.id), 'settle')
      expect(settled).toEqual([])
    })
  })
}
