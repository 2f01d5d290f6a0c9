import { describe, expect, test } from 'vitest'
import { AlreadyHandedOffError, NoWayError } from '../../errors.ts'
import { Secret } from '../../secret.ts'
import { joinAt, playEnds } from './play-ends.ts'
import { ofKind } from './rules.ts'
import {
  All,
  Answered,
  answer,
  branches,
  Drafted,
  fansOut,
  forever,
  KeyPart,
  Part,
  part,
  play,
  Settled,
} from './types.ts'
import { ask, type OpenWorld } from './world.ts'

/** Fan-outs publish branches, joins their results; only the join's role decides what follows. */
export function fanOuts(open: OpenWorld): void {
  describe('fan-outs and joins', () => {
    test('the join holds the results in the order of the branches, however they end', async () => {
      await using world = await open()
      const bus = world.bus()
      const joined = playEnds(bus, All, 'a', 'b', 'c')
      const order: string[] = []
      for (const [role, wait] of Object.entries({ a: 30, b: 10, c: 20 })) {
        play(bus, role, async (_message, ctx) => {
          await new Promise<void>((resolve) => world.runtime.setTimer(wait, resolve))
          order.push(role)
          part(ctx, role)
        })
      }
      const run = ask(bus)
      const end = await world.end(run)
      expect(end.status).toBe('completed')
      expect(order).toEqual(['b', 'c', 'a'])
      expect(
        joined.map(({ id, from, to, causationId }) => ({ id, from, to, causationId })),
      ).toEqual([{ id: `${run.id}.j`, from: 'worker', to: 'joiner', causationId: run.id }])
      expect(joined[0]?.data.branches).toEqual(
        ['a', 'b', 'c'].map((text) => ({
          to: text,
          status: 'done',
          type: 'part.made',
          data: { text },
        })),
      )
      const records = await world.records(run.id)
      const [record] = ofKind(records, 'message').filter(({ joined: inputs }) => inputs)
      expect(record?.joined).toEqual([1, 2, 3].map((n) => `${run.id}.b${n}.h`))
      expect(Object.isFrozen(joined[0]?.data.branches[0])).toBe(true)
    })

    test('a settlement, its branches and the join that one of them completes are one append each', async () => {
      await using world = await open()
      const { bus, batches } = world.process()
      playEnds(bus, All, 'a', 'b')
      for (const role of ['a', 'b']) play(bus, role, (_message, ctx) => void part(ctx, role))
      await world.end(ask(bus))
      expect(batches.map((batch) => batch.map(({ kind }) => kind))).toEqual([
        ['run.opened', 'message'],
        ['settle', 'message', 'message'],
        ['settle', 'message'],
        ['settle', 'message', 'message'],
        ['settle', 'message', 'run.ended'],
      ])
    })

    test('a branch may be a chain, retry, loop, and fan out itself', async () => {
      await using world = await open()
      const bus = world.bus()
      const joined = playEnds(bus, All, 'chain', 'nest')
      play(bus, 'chain', (message, ctx) => {
        const rounds = message.id.split('.').length
        if (rounds < 5) ctx.handoff('chain', Drafted, { text: 'again' })
        else if (ctx.attempt === 1) throw new Error('once more')
        else part(ctx, `after ${rounds}`)
      })
      play(bus, 'nest', fansOut(['leaf', 'leaf'], 'inner', All))
      play(
        bus,
        'leaf',
        (message, ctx) => void ctx.handoff('inner', Part, { text: message.id.slice(-2) }),
      )
      play(bus, 'inner', (message, ctx) => {
        if (message.type !== All.name) return
        part(
          ctx,
          message.data.branches
            .map((branch) => 'text' in branch.data && branch.data.text)
            .join('+'),
        )
      })
      const run = ask(bus)
      expect((await world.end(run)).status).toBe('completed')
      expect(joined[0]?.data.branches).toMatchObject([
        { to: 'chain', data: { text: 'after 5' } },
        { to: 'nest', data: { text: 'b1+b2' } },
      ])
      const ids = ofKind(await world.records(run.id), 'message').map(({ message }) => message.id)
      expect(ids).toEqual(
        expect.arrayContaining(
          ['b2.b1', 'b2.b1.h', 'b2.j', 'b2.j.h', 'j', 'j.h'].map((path) => `${run.id}.${path}`),
        ),
      )
    })

    test('a hundred branches of one type are worked on by a role that takes several at once', async () => {
      await using world = await open()
      const bus = world.bus()
      const joined = playEnds(bus, All, ...Array.from({ length: 100 }, () => 'many'))
      let now = 0
      let most = 0
      play(
        bus,
        'many',
        async (message, ctx) => {
          most = Math.max(most, ++now)
          await new Promise<void>((resolve) => world.runtime.setTimer(5, resolve))
          now--
          if (message.type === Drafted.name) part(ctx, message.data.text)
        },
        { perRunConcurrency: 10 },
      )
      const end = await world.end(ask(bus))
      expect(end.status).toBe('completed')
      expect(most).toBe(10)
      expect(joined[0]?.data.branches.map((branch) => 'data' in branch && branch.data)).toEqual(
        Array.from({ length: 100 }, (_none, index) => ({ text: String(index + 1) })),
      )
    })

    test('a fan-out of no branches is joined at once', async () => {
      await using world = await open()
      const bus = world.bus()
      const joined = playEnds(bus, Settled)
      expect((await world.end(ask(bus))).status).toBe('completed')
      expect(joined.map(({ data }) => data)).toEqual([{ branches: [] }])
    })

    test('is one way forward: a handler that has fanned out cannot hand off, nor the other way round', async () => {
      await using world = await open()
      const bus = world.bus()
      const errors: unknown[] = []
      const attempt = (act: () => unknown) => {
        try {
          act()
        } catch (error) {
          errors.push(error)
        }
      }
      play(bus, 'worker', (_message, ctx) => {
        ctx.fanOut(branches('a'), joinAt(All))
        attempt(() => answer(ctx))
        attempt(() => ctx.fanOut(branches('a'), joinAt(All)))
        attempt(() => ctx.reply(Part, { text: 'x' }))
      })
      play(bus, 'a', (_message, ctx) => void part(ctx, 'a'))
      play(bus, 'joiner', (_message, ctx) => void answer(ctx))
      expect((await world.end(ask(bus))).status).toBe('completed')
      expect(errors).toEqual([
        expect.any(AlreadyHandedOffError),
        expect.any(AlreadyHandedOffError),
        expect.any(NoWayError),
      ])
    })

    test('secrets stay what they are, by the name of their origin', async () => {
      await using world = await open()
      const bus = world.bus()
      const joined = playEnds(bus, All, 'a')
      play(
        bus,
        'a',
        (_message, ctx) => void ctx.handoff('joiner', KeyPart, { key: 'hidden-value' }),
      )
      const run = ask(bus)
      await world.end(run)
      const [branch] = joined[0]?.data.branches ?? []
      const key =
        branch !== undefined && 'data' in branch && 'key' in branch.data && branch.data.key
      expect(key).toBeInstanceOf(Secret)
      expect(String(key)).toBe(`secret:${run.id}.b1.h#1`)
      expect(JSON.stringify(await world.records())).not.toContain('hidden-value')
    })

    test('hops, deadline and cancel end the run from inside a branch', async () => {
      await using world = await open()
      const bus = world.bus()
      playEnds(bus, Settled, 'loop', 'never')
      play(bus, 'loop', (_message, ctx) => void ctx.handoff('loop', Drafted, { text: 'on' }))
      play(bus, 'never', forever)
      expect(await world.end(ask(bus, { maxHops: 6 }))).toMatchObject({
        status: 'budget_exhausted',
      })
      const slow = play(
        bus,
        'slow',
        (_message, ctx) => void ctx.fanOut(branches('never', 'never'), joinAt(All)),
      )
      const timed = await world.end(ask(bus, { to: 'slow', timeoutMs: 50 }))
      expect(timed).toMatchObject({
        status: 'timed_out',
        reason: expect.stringContaining("'never' with text.drafted, 'never' with text.drafted"),
      })
      const run = ask(bus, { to: 'slow' })
      await world.advance()
      run.cancel('enough')
      expect(await world.end(run)).toMatchObject({ status: 'cancelled', reason: 'enough' })
      slow[Symbol.dispose]()
    })

    test('a message from outside goes its own way beside a fan-out', async () => {
      await using world = await open()
      const bus = world.bus()
      playEnds(bus, All, 'never')
      play(bus, 'never', forever)
      play(bus, 'aside', (_message, ctx) => void answer(ctx, 'from outside'))
      const run = ask(bus)
      await world.until(run.publish('aside', Drafted, { text: 'x' }))
      expect(await world.end(run)).toMatchObject({
        status: 'completed',
        message: { type: Answered.name, data: { text: 'from outside' } },
      })
    })
  })
}
