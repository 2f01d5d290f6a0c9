import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import type { Bus } from '../../bus.ts'
import { TerminalError } from '../../errors.ts'
import { defineMessage } from '../../message-type.ts'
import { ofKind, storyOf } from './rules.ts'
import { Answered, Asked, answer, Drafted, forever, play } from './types.ts'
import { ask, type OpenWorld } from './world.ts'

/** 9. What nobody can handle is settled as dead, with its reason, and ends the run as failed. */
export function deadLetters(open: OpenWorld): void {
  describe('9. dead letters', () => {
    test('an exhausted delivery is dead with reason, attempts and its last error', async () => {
      await using world = await open()
      const bus = world.bus()
      play(bus, 'worker', (_message, ctx) => {
        throw new RangeError(`too far\n  in attempt ${ctx.attempt}`)
      })
      const run = ask(bus)
      const end = await world.end(run)
      const records = await world.records(run.id)
      expect(ofKind(records, 'settle').at(-1)).toMatchObject({
        messageId: run.id,
        role: 'worker',
        outcome: 'dead',
        reason: 'exhausted',
        attempt: 3,
        error: { name: 'RangeError', code: 'error', message: 'too far in attempt 3' },
        published: [],
      })
      expect(end).toMatchObject({ status: 'failed', reason: expect.stringContaining('too far') })
      expect(ofKind(records, 'message')).toHaveLength(1)
    })

    test('the dead letter and the end of its run are one append', async () => {
      await using world = await open()
      const { bus, batches } = world.process()
      play(bus, 'worker', () => {
        throw new TerminalError('no')
      })
      await world.end(ask(bus))
      expect(batches.at(-1)?.map(({ kind }) => kind)).toEqual(['settle', 'run.ended'])
    })

    const unaddressed: readonly (readonly [string, (bus: Bus) => void, RegExp])[] = [
      [
        'a role nobody plays',
        (bus) =>
          void play(bus, 'worker', (_m, ctx) => void ctx.handoff('nobody', Drafted, { text: 'x' })),
        /no agent plays 'nobody' \(roles: 'worker'\).*'worker'/,
      ],
      [
        'a role that does not accept the type',
        (bus) => {
          play(bus, 'worker', (_m, ctx) => void ctx.handoff('picky', Drafted, { text: 'x' }))
          bus.subscribe('picky', { accepts: [Asked], handle: forever })
        },
        /'picky' does not accept text\.drafted \(it accepts 'question\.asked'\).*'worker'/,
      ],
      [
        'the coordinator, with a type that is not terminal',
        (bus) =>
          void play(
            bus,
            'worker',
            (_m, ctx) => void ctx.handoff('coordinator', Drafted, { text: 'x' }),
          ),
        /no agent plays 'coordinator'/,
      ],
    ]
    test.each(unaddressed)('a message for %s is dead at once', async (_name, set, reason) => {
      await using world = await open()
      const { bus, batches } = world.process()
      set(bus)
      const run = ask(bus)
      await world.rest()
      const end = await run.result
      expect(end.status).toBe('failed')
      expect(end.reason).toMatch(reason)
      const records = await world.records(run.id)
      expect(ofKind(records, 'settle').at(-1)).toMatchObject({
        messageId: `${run.id}.h`,
        outcome: 'dead',
        reason: 'unaddressed',
      })
      expect(ofKind(records, 'message').map(({ message }) => message.id)).toContain(`${run.id}.h`)
      expect(batches.at(-1)?.map(({ kind }) => kind)).toEqual([
        'settle',
        'message',
        'settle',
        'run.ended',
      ])
    })

    test('a root message that nobody can handle is dead in the append that opens the run', async () => {
      await using world = await open()
      const { bus, batches } = world.process()
      const run = ask(bus, { to: 'nobody' })
      await world.rest()
      expect(await run.result).toMatchObject({ status: 'failed' })
      expect(batches.map((batch) => batch.map(({ kind }) => kind))).toEqual([
        ['run.opened', 'message', 'settle', 'run.ended'],
      ])
    })

    test('a message that its type no longer reads is dead when its run is resumed', async () => {
      await using world = await open()
      const first = world.process()
      play(first.bus, 'worker', forever)
      const run = ask(first.bus)
      await world.advance()
      await first.kill()
      const second = world.bus()
      const AskedToday = defineMessage(
        'question.asked',
        z.object({ text: z.string(), language: z.enum(['en', 'de']) }),
      )
      const handled: unknown[] = []
      second.subscribe('worker', {
        accepts: [AskedToday],
        handle: ({ data }) => void handled.push(data),
      })
      const end = await world.end(await world.until(second.resume(run.id)))
      expect(handled).toEqual([])
      expect(end.status).toBe('failed')
      expect(end.reason).toContain('language')
      expect(ofKind(await world.records(run.id), 'settle')).toMatchObject([
        { outcome: 'dead', reason: 'unreadable', error: { code: 'unreadable' } },
      ])
    })

    test('what a changed schema still reads is handled as it is read today', async () => {
      await using world = await open()
      const first = world.process()
      play(first.bus, 'worker', forever)
      const run = ask(first.bus)
      await world.advance()
      await first.kill()
      const second = world.bus()
      const AskedToday = defineMessage(
        'question.asked',
        z.object({ text: z.string(), language: z.string().default('en') }),
      )
      second.subscribe('worker', {
        accepts: [AskedToday],
        handle: ({ data }, ctx) => void answer(ctx, data.language),
      })
      const end = await world.end(await world.until(second.resume(run.id)))
      expect(end.message?.data).toEqual({ text: 'en' })
    })

    test('what a later reader can parse is dead all the same when its role is not played any more', async () => {
      await using world = await open()
      const first = world.process()
      play(first.bus, 'worker', forever)
      const run = ask(first.bus)
      await world.advance()
      await first.kill()
      const end = await world.end(await world.until(world.bus().resume(run.id)))
      expect(end).toMatchObject({
        status: 'failed',
        reason: expect.stringContaining("no agent plays 'worker' (roles: none)"),
      })
    })

    test('what waits for a role is dead when nobody plays it any more; what has begun may end', async () => {
      await using world = await open()
      const bus = world.bus()
      const gate = Promise.withResolvers<void>()
      const subscription = play(bus, 'worker', async (_message, ctx) => {
        await gate.promise
        answer(ctx)
      })
      play(bus, 'waiter', forever)
      const begun = ask(bus)
      const waits = ask(bus, { to: 'waiter' })
      await world.until(waits.publish('worker', Asked, { text: '1' }))
      await world.until(waits.publish('worker', Asked, { text: '2' }))
      await world.advance()
      subscription[Symbol.dispose]()
      await world.rest()
      expect(await waits.result).toMatchObject({
        status: 'failed',
        reason: expect.stringContaining("no agent plays 'worker'"),
      })
      gate.resolve()
      expect((await world.end(begun)).status).toBe('completed')
    })

    test('a message from outside for nobody ends the run too', async () => {
      await using world = await open()
      const bus = world.bus()
      play(bus, 'worker', forever)
      const run = ask(bus)
      await world.until(run.publish('nobody', Asked, { text: 'x' }))
      expect((await world.end(run)).status).toBe('failed')
      expect(storyOf(await world.records(run.id))).toEqual([
        'run.opened',
        'question.asked',
        'question.asked',
        'nobody dead',
        'run.ended',
      ])
    })

    test('a terminal message from outside completes the run', async () => {
      await using world = await open()
      const bus = world.bus()
      play(bus, 'worker', forever)
      const run = ask(bus)
      await world.until(run.publish('coordinator', Answered, { text: 'by hand' }))
      expect(await world.end(run)).toMatchObject({
        status: 'completed',
        message: { data: { text: 'by hand' } },
      })
    })
  })
}
