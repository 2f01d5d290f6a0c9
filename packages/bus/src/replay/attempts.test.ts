import { describe, expect, it } from 'vitest'
import {
  type Handle,
  type Handlers,
  never,
  outcomes,
  record,
  recordsOf,
  replay,
  Told,
  TYPES,
  tell,
} from '../../test/replays.ts'
import { createBus } from '../bus.ts'
import { RecordedError, TerminalError } from '../errors.ts'
import { createMemoryJournal } from '../journals/memory.ts'

/** A handler whose first attempt fails after a step. */
const failing =
  (fail: () => unknown, request: unknown = 'first'): Handle =>
  async (_message, ctx) => {
    const isFirst = ctx.attempt === 1
    await ctx.step({ name: 'try', request: isFirst ? request : 'other', perform: () => 1 })
    if (isFirst) throw fail()
    tell(ctx)
  }

const noInk = () => new Error('no ink')

/** Records what one worker does, and replays all attempts on another one; gives each in words. */
async function attempts(before: Handle, after: Handle): Promise<readonly string[]> {
  const recorded = await record({ worker: before })
  const all = await replay(recorded, { worker: after }, {}, 'all')
  return all.map((one) => `${one.attempt} ${outcomes([one])['~']}`)
}

describe('an attempt that failed', () => {
  it('is made again on request, and must fail alike', async () => {
    expect(await attempts(failing(noInk), failing(noInk))).toEqual(['1 identical', '2 identical'])
  })

  it('stands at the record with which it ended', async () => {
    const handlers: Handlers = { worker: failing(noInk) }
    const recorded = await record(handlers)
    const ends = recorded.records.filter(({ kind }) => kind === 'settle').map(({ seq }) => seq)

    expect((await replay(recorded, handlers, {}, 'all')).map(({ seq }) => seq)).toEqual(ends)
    expect((await replay(recorded, handlers)).map(({ seq }) => seq)).toEqual(ends.slice(1))
  })

  it('has diverged where it succeeds, fails otherwise or for good, or asks for something else', async () => {
    const before = failing(noInk)
    const succeeds: Handle = async (_message, ctx) => {
      const request = ctx.attempt === 1 ? 'first' : 'other'
      await ctx.step({ name: 'try', request, perform: () => 1 })
      tell(ctx)
    }

    expect(await attempts(before, succeeds)).toEqual([
      '1 it ends differently: expected fails with error: no ink, got succeeds',
      '2 identical',
    ])
    expect(
      await attempts(
        before,
        failing(() => new Error('no pen')),
      ),
    ).toEqual([
      '1 it ends differently: expected fails with error: no ink, got fails with error: no pen',
      '2 identical',
    ])
    expect(
      await attempts(
        before,
        failing(() => new TerminalError('no ink')),
      ),
    ).toEqual([
      '1 it ends differently: expected fails with error: no ink, got fails with terminal: no ink',
      '2 identical',
    ])
    expect(await attempts(before, failing(noInk, 'another'))).toEqual([
      expect.stringContaining('1 step 1 asks for something else: expected effect'),
      '2 identical',
    ])
  })

  it('is told by the code of its error where that has one of its own', async () => {
    const coded = (text: string) => failing(() => new RecordedError('InkError', text, 'out_of_ink'))

    expect(await attempts(coded('at 12:03'), coded('at 12:04'))).toEqual([
      '1 identical',
      '2 identical',
    ])
    expect(await attempts(coded('at 12:03'), failing(noInk))).toEqual([
      expect.stringContaining('got fails with error: no ink'),
      '2 identical',
    ])
  })

  it('is left out where it ran out of time', async () => {
    const journal = createMemoryJournal()
    await using bus = createBus({ journal })
    const worker: Handle = (_message, ctx) => (ctx.attempt === 1 ? never() : tell(ctx))
    const options = { accepts: TYPES, deliveryTimeoutMs: 5, attempts: 2, backoffMs: 0 }
    bus.subscribe('worker', { ...options, handle: worker })
    const run = bus.publish('worker', Told, { text: 'go' }, { terminal: Told })
    await run.result
    const records = await recordsOf(journal, run.id)

    expect(await replay({ records, journal }, { worker }, {}, 'all')).toMatchObject([
      { attempt: 1, status: 'skipped', reason: 'its handler ran out of time' },
      { attempt: 2, status: 'identical' },
    ])
  })

  it('does not have the result that a step of it had later', async () => {
    const late = Promise.withResolvers<string>()
    const worker: Handle = async (_message, ctx) => {
      const paid = ctx.step({
        name: 'pay',
        request: 5,
        once: true,
        perform: () => late.promise,
      })
      if (ctx.attempt === 1) {
        await Promise.race([
          paid,
          ctx.step({ name: 'break', request: 1, perform: () => Promise.reject(noInk()) }),
        ])
      }
      late.resolve('paid')
      tell(ctx, await paid.catch(() => 'unknown'))
    }
    const journal = createMemoryJournal()
    await using bus = createBus({ journal })
    bus.subscribe('worker', { accepts: TYPES, attempts: 2, backoffMs: 0, handle: worker })
    const run = bus.publish('worker', Told, { text: 'go' }, { terminal: Told })
    setTimeout(() => late.resolve('paid'), 5)
    await run.result
    const records = await recordsOf(journal, run.id)

    const [first] = await replay({ records, journal }, { worker }, {}, 'all')
    expect(first).toMatchObject({ attempt: 1, status: 'identical' })
  })

  it('that ended a run which was opened again was one, too', async () => {
    const journal = createMemoryJournal()
    let ink = false
    const worker: Handle = (_message, ctx) => {
      if (!ink) throw new TerminalError('no ink')
      tell(ctx)
    }
    await using bus = createBus({ journal })
    bus.subscribe('worker', { accepts: TYPES, handle: worker })
    const run = bus.publish('worker', Told, { text: 'go' }, { terminal: Told })
    await run.result
    ink = true
    await (await bus.resume(run.id, { reopen: true })).result
    const records = await recordsOf(journal, run.id)

    const all = await replay({ records, journal }, { worker }, {}, 'all')
    expect(all).toMatchObject([
      { attempt: 1, status: 'diverged', divergence: { what: 'end' } },
      { attempt: 2, status: 'identical' },
    ])
  })
})
