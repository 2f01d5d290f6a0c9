import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { HONEST } from '../../test/honest-handlers.ts'
import {
  type Handle,
  type Handlers,
  Joined,
  never,
  outcomes,
  record,
  recordsOf,
  replay,
  Settled,
  Told,
  TYPES,
  tell,
  Wanted,
} from '../../test/replays.ts'
import { createBus } from '../bus.ts'
import { NotReplayableError, TerminalError } from '../errors.ts'
import type { JoinType } from '../join-type.ts'
import { createMemoryJournal } from '../journals/memory.ts'
import { defineMessage } from '../message-type.ts'
import { Secret } from '../secret.ts'
import { openJournal } from '../sqlite/index.ts'
import { replayDeliveries } from './replay.ts'

let folder = ''
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'replay-'))
})
afterAll(() => rm(folder, { recursive: true }))

/** Records what one handler does, and replays it on another one; gives what is found, in words. */
async function change(before: Handle, after: Handle, more: Handlers = {}): Promise<string> {
  const recorded = await record({ worker: before, ...more })
  const found = outcomes(await replay(recorded, { worker: after, ...more }))
  expect(Object.keys(found).length).toBeGreaterThan(0)
  return found['~'] ?? ''
}

it('an attempt that was ended by a doubt is alike, though what came of it was told before its settlement', async () => {
  const worker: Handle = async (_message, ctx) => {
    const begun = Promise.withResolvers<void>()
    const perform = () => {
      begun.resolve()
      return never()
    }
    const paid = ctx.step({ name: 'pay', request: 5, once: true, perform })
    if (ctx.attempt > 1) await paid
    paid.catch(() => {})
    await begun.promise
    throw new Error('not yet')
  }
  const recorded = await record({ worker })
  const { records } = recorded
  const intent = records.find((one) => one.kind === 'step')
  const settled = records.findIndex((one) => one.kind === 'settle' && one.outcome === 'dead')
  expect(records[settled]).toMatchObject({ reason: 'outcome_unknown' })
  if (intent?.kind !== 'step') throw new Error('it has no step')
  const late = { ...intent, outcome: { type: 'response', response: 'paid' } } as const
  const told = { ...recorded, records: records.toSpliced(settled, 0, late) }

  expect(outcomes(await replay(recorded, { worker }))).toEqual({ '~': 'identical' })
  expect(outcomes(await replay(told, { worker }))).toEqual({ '~': 'identical' })
})

describe('what a handler does otherwise is found:', () => {
  const asks =
    (...names: readonly string[]): Handle =>
    async (_message, ctx) => {
      for (const name of names) await ctx.step({ name, request: { name }, perform: () => name })
      tell(ctx)
    }
  const logs =
    (...lines: readonly string[]): Handle =>
    (_message, ctx) => {
      for (const line of lines) ctx.log(line, { line })
      tell(ctx)
    }
  const remembers =
    (...entries: readonly [key: string, value: unknown][]): Handle =>
    (_message, ctx) => {
      for (const [key, value] of entries) ctx.memory.set(key, value)
      tell(ctx)
    }

  it('another step, one more, one less', async () => {
    const two = asks('one', 'two')

    expect(await change(two, asks('one', 'other'))).toBe(
      `step 2 asks for something else: expected effect 'two' {"name":"two"}, got effect 'other' {"name":"other"}`,
    )
    expect(await change(two, asks('one', 'two', 'three'))).toBe(
      `step 3 is not in the record: expected no step, got effect 'three' {"name":"three"}`,
    )
    expect(await change(two, asks('one'))).toBe(
      `step 2 is not asked for again: expected effect 'two' {"name":"two"}, got no step`,
    )
    expect(await change(two, logs())).toContain('step 1 is not asked for again')
  })

  it('a step that nobody waits for, and one more of those', async () => {
    const forget =
      (...names: readonly string[]): Handle =>
      (_message, ctx) => {
        for (const name of names) void ctx.step({ name, request: 1, perform: never })
        tell(ctx)
      }

    expect(await change(forget('one'), forget('other'))).toContain("got effect 'other'")
    expect(await change(forget('one'), forget('one', 'two'))).toContain(
      'step 2 is not in the record',
    )
  })

  it('another line, one more, one less', async () => {
    const two = logs('one', 'two')

    expect(await change(two, logs('one', '2'))).toBe(
      'line 2 of its log differs: expected {"data":{"line":"two"},"text":"two"}, got {"data":{"line":"2"},"text":"2"}',
    )
    expect(await change(two, logs('one', 'two', 'three'))).toContain(
      'line 3 of its log differs: expected no line',
    )
    expect(await change(two, logs('one'))).toContain('got no line')
  })

  it('another memory, one more, one less', async () => {
    const two = remembers(['a', 1], ['b', 2])

    expect(await change(two, remembers(['a', 1], ['b', 3]))).toBe(
      'what it remembers differs (2): expected {"key":"b","value":2}, got {"key":"b","value":3}',
    )
    expect(await change(two, remembers(['a', 1], ['b', 2], ['c', 3]))).toContain(
      'expected nothing, got {"key":"c"',
    )
    expect(await change(two, remembers(['b', 2]))).toContain(
      'expected {"key":"a","value":1}, got nothing',
    )
  })

  it('another end, another message, none, or another recipient', async () => {
    const done: Handle = (_message, ctx) => tell(ctx)
    const fails: Handle = () => {
      throw new TerminalError('no way')
    }

    expect(await change(done, fails)).toBe(
      'it ends differently: expected succeeds, got fails with terminal: no way',
    )
    expect(await change(fails, done)).toContain(
      'expected fails with terminal: no way, got succeeds',
    )
    expect(await change(done, (_message, ctx) => tell(ctx, 'other'))).toBe(
      'the data of told differs: expected {"text":"done"}, got {"text":"other"}',
    )
    expect(await change(done, () => {})).toContain('got hands nothing off')
    expect(await change(() => {}, done)).toContain(
      "expected hands nothing off, got hands told to 'coordinator'",
    )
    expect(
      await change(done, (_message, ctx) => ctx.handoff('second', Told, { text: 'done' })),
    ).toContain('got hands told to \'second\' as "~.h"')
    expect(
      await change(done, (_message, ctx) => {
        ctx.handoff(
          'coordinator',
          Told,
          { text: 'done' },
          { content: 'Said.', metadata: { a: 'b' } },
        )
      }),
    ).toContain('the metadata of told differs: expected {}, got {"a":"b"}')
  })

  it('another fan-out, with fewer branches or another join', async () => {
    const splits =
      (texts: readonly string[], join: JoinType = Joined): Handle =>
      (_message, ctx) => {
        const branches = texts.map((text) => ({ to: 'branch', type: Wanted, data: { text } }))
        ctx.fanOut(branches, { to: 'judge', type: join })
      }
    const others: Handlers = {
      branch: (_message, ctx) => ctx.handoff('judge', Told, { text: 'part' }),
      judge: (_message, ctx) => tell(ctx),
    }
    const three = splits(['a', 'b', 'c'])

    expect(await change(three, splits(['a', 'x', 'c']), others)).toBe(
      'the data of wanted to \'branch\' (branch 2) differs: expected {"text":"b"}, got {"text":"x"}',
    )
    expect(await change(three, splits(['a', 'b']), others)).toContain('got no branch')
    expect(await change(three, (_message, ctx) => tell(ctx), others)).toContain(
      'got does not fan out',
    )
    expect(await change(three, splits(['a', 'b', 'c'], Settled), others)).toBe(
      "it ends differently: expected fans out, joined as joined at 'judge' (first 2), got fans out, joined as settled at 'judge' (all settled)",
    )
    expect(await change(three, () => {}, others)).toContain('got no branch')
  })

  it('another ask, of somebody else, one more, one less', async () => {
    const wants =
      (...asked: readonly [role: string, text: string][]): Handle =>
      async (_message, ctx) => {
        for (const [role, text] of asked) await ctx.ask(role, Wanted, { text })
        tell(ctx)
      }
    const clerk: Handle = (_message, ctx) => ctx.reply(Told, { text: 'here' })
    const others = { clerk, other: clerk }

    expect(await change(wants(['clerk', 'a']), wants(['clerk', 'b']), others)).toBe(
      `step 1 asks for something else: expected ask 'wanted' {"data":{"text":"a"},"to":"clerk"}, got ask 'wanted' {"data":{"text":"b"},"to":"clerk"}`,
    )
    expect(await change(wants(['clerk', 'a']), wants(['other', 'a']), others)).toContain(
      '"to":"other"',
    )
    expect(
      await change(wants(['clerk', 'a']), wants(['clerk', 'a'], ['clerk', 'b']), others),
    ).toContain('step 2 is not in the record')
    expect(await change(wants(['clerk', 'a']), wants(), others)).toContain(
      'step 1 is not asked for again',
    )
  })

  it('the value of a secret, which is not told', async () => {
    const makes =
      (value: string): Handle =>
      (_message, ctx) =>
        ctx.handoff('coordinator', Told, { text: 'key', key: value })

    const found = await change(makes('first-value'), makes('other-value'))

    expect(found).toContain('the data of told differs in the value of a secret')
    expect(found).not.toMatch(/first|other/)
  })

  it('waiting for what is not in the record', async () => {
    expect(await change((_message, ctx) => tell(ctx), never)).toBe(
      'it ends differently: expected succeeds, got no end',
    )
  })

  it('in what a listener does', async () => {
    const worker: Handle = (_message, ctx) => tell(ctx)
    const ear =
      (text: string): Handle =>
      (_message, ctx) =>
        ctx.log(text)
    const recorded = await record({ worker }, { listeners: { ear: ear('heard') } })

    expect(outcomes(await replay(recorded, { worker }, { ear: ear('heard') }))).toEqual({
      '~': 'identical',
      '~@ear': 'identical',
    })
    expect(outcomes(await replay(recorded, { worker }, { ear: ear('nothing') }))).toMatchObject({
      '~@ear': expect.stringContaining('line 1 of its log differs'),
    })
    expect(outcomes(await replay(recorded, { worker }))).toMatchObject({
      '~@ear': 'nobody of this name listens now',
    })
  })
})

describe('a divergence', () => {
  it('is also that the value of a secret is told where its handle was', async () => {
    const key = new Secret('whole-value')
    const asksWith =
      (shown: () => string): Handle =>
      async (_message, ctx) => {
        await ctx.step({ name: 'keep', request: { key }, perform: () => 1 })
        await ctx.step({ name: 'tell', request: { text: shown() }, perform: () => 1 })
        tell(ctx)
      }

    const tells = asksWith(() => `it is ${key.reveal()}`)
    const recorded = await record({ worker: asksWith(() => `it is ${key.handle}`) })
    const [delivery] = await replay(recorded, { worker: tells })

    expect(Object.values(outcomes(delivery === undefined ? [] : [delivery]))).toEqual([
      expect.stringMatching(/^step 2 asks for something else: with the value of a secret: /),
    ])
    expect(delivery?.divergence?.differences).toMatchObject([
      { path: 'request.text', isSecretValue: true },
    ])
    expect(JSON.stringify(delivery)).not.toContain('whole-value')
  })

  it('tells no value of a secret that is new', async () => {
    const asks =
      (text: string): Handle =>
      async (_message, ctx) => {
        const key = new Secret('brand-new-value')
        await ctx.step({ name: 'keep', request: { key }, perform: () => 1 })
        await ctx.step({ name: 'tell', request: { text }, perform: () => 1 })
        tell(ctx)
      }
    const recorded = await record({ worker: asks('nothing') })
    const found = await replay(recorded, { worker: asks('it is brand-new-value') })

    expect(found).toMatchObject([{ status: 'diverged' }])
    expect(JSON.stringify(found)).not.toContain('brand-new-value')
  })

  it('is told field by field, with its place in the record', async () => {
    const asksFor =
      (text: string): Handle =>
      async (_message, ctx) => {
        await ctx.step({ name: 'same', request: 1, perform: () => 1 })
        await ctx.step({ name: 'find', request: { text, most: 3 }, perform: () => 1 })
        tell(ctx)
      }
    const recorded = await record({ worker: asksFor('tea') })

    const [delivery] = await replay(recorded, { worker: asksFor('milk') })

    const step = recorded.records.find((one) => one.kind === 'step' && one.name === 'find')
    expect(delivery).toEqual({
      deliveryId: recorded.runId,
      type: 'told',
      role: 'worker',
      attempt: 1,
      seq: recorded.records.findLast((one) => one.kind === 'settle' && one.role === 'worker')?.seq,
      status: 'diverged',
      divergence: {
        deliveryId: recorded.runId,
        type: 'told',
        role: 'worker',
        attempt: 1,
        what: 'step',
        how: 'changed',
        seq: step?.seq,
        number: 2,
        expected: { stepKind: 'effect', name: 'find', request: { text: 'tea', most: 3 } },
        actual: { stepKind: 'effect', name: 'find', request: { text: 'milk', most: 3 } },
        differences: [{ path: 'request.text', kind: 'changed', before: 'tea', after: 'milk' }],
      },
    })
  })

  it('comes after what has led to it', async () => {
    const asks =
      (...lines: readonly string[]): Handle =>
      async (_message, ctx) => {
        const hint = ctx.ask('oracle', Wanted, { text: 'which?' })
        await hint
        for (const line of lines) ctx.log(line)
        tell(ctx)
      }
    const answers =
      (...lines: readonly string[]): Handle =>
      (_message, ctx) => {
        for (const line of lines) ctx.log(line)
        ctx.reply(Told, { text: 'this' })
      }
    const recorded = await record({ worker: asks(), oracle: answers() })

    const found = await replay(recorded, { worker: asks('so'), oracle: answers('hm') })

    const [first] = found.flatMap(({ divergence = [] }) => divergence).sort((a, b) => a.seq - b.seq)
    expect(first).toMatchObject({ role: 'oracle', what: 'log' })
  })

  it('ends the attempt: what its handler does then comes to nothing', async () => {
    const errors: unknown[] = []
    const performed: string[] = []
    const found = await change(
      (_message, ctx) => tell(ctx),
      async (_message, ctx) => {
        const perform = () => performed.push('effect')
        await ctx.step({ name: 'new', request: 1, perform }).catch((error) => errors.push(error))
        tell(ctx)
      },
    )

    expect(found).toContain('step 1 is not in the record')
    expect(errors).toMatchObject([{ code: 'attempt_closed' }])
    expect(performed).toEqual([])
  })
})

describe('a delivery is not made again', () => {
  it('whose message nobody can handle any more, which is a divergence', async () => {
    const worker: Handle = (_message, ctx) => tell(ctx)
    const recorded = await record({ worker })
    const Stricter = defineMessage('told', z.object({ text: z.string().min(9) }))

    expect(outcomes(await replay(recorded, {}))['~']).toContain(
      'the message cannot be handled any more: expected {"data":{"text":"go"}}, got {"problem":"no agent plays \'worker\'',
    )
    const roles = new Map([['worker', { accepts: [Stricter], handle: worker }]])
    const [delivery] = await Array.fromAsync(replayDeliveries({ records: recorded.records, roles }))
    expect(delivery?.divergence).toMatchObject({
      what: 'inbox',
      actual: { problem: expect.stringContaining('text: Too small') },
    })
  })

  it('that ran out of time', async () => {
    const journal = createMemoryJournal()
    await using bus = createBus({ journal })
    bus.subscribe('worker', { accepts: TYPES, handle: never, deliveryTimeoutMs: 5, attempts: 1 })
    const run = bus.publish('worker', Told, { text: 'go' }, { terminal: Told })
    await run.result

    const records = await recordsOf(journal, run.id)
    expect(outcomes(await replay({ records, journal }, { worker: never }))).toEqual({
      '~': 'its handler ran out of time',
    })
  })

  it('that has read what is forgotten since', async () => {
    const journal = createMemoryJournal()
    const { memory: handlers = {} } = HONEST
    await record(handlers, { journal, thread: 'talk' })
    const recorded = await record(handlers, { journal, thread: 'talk' })
    await journal.memory.forget({ thread: 'talk', key: 'count' })
    const records = await recordsOf(journal, recorded.runId)

    const { worker } = handlers
    expect(outcomes(await replay({ journal, records }, handlers))).toEqual({
      '~': expect.stringMatching(/^'worker' has read the memory [\w-]+\/m1, which is forgotten/),
      '~.h': 'identical',
    })
    expect(worker).toBeDefined()
  })

  it('that wants the value of a secret which is sealed, without the key', async () => {
    const handlers: Handlers = {
      worker: (_message, ctx) => ctx.handoff('second', Told, { text: 'key', key: 'sealed-value' }),
      second: ({ data }, ctx) => tell(ctx, 'key' in data ? `${data.key?.reveal().length}` : ''),
    }
    const path = join(folder, 'sealed.db')
    const journal = await openJournal(path)
    const { runId } = await record(handlers, { journal })
    await journal.close()
    await rm(join(folder, 'sealed.key'))
    await using without = await openJournal(path, { mode: 'read' })
    const records = await recordsOf(without, runId)

    expect(outcomes(await replay({ journal: without, records }, handlers))).toEqual({
      '~': 'identical',
      '~.h': expect.stringContaining('has no value here: it was read without the key'),
    })
  })
})

describe('records are refused', () => {
  it('that do not begin with the opening of a run', async () => {
    const recorded = await record({ worker: (_message, ctx) => tell(ctx) })
    const records = recorded.records.slice(1)

    await expect(replay({ ...recorded, records: [] }, {})).rejects.toBeInstanceOf(
      NotReplayableError,
    )
    await expect(replay({ ...recorded, records }, {})).rejects.toThrow(
      `run ${recorded.runId} cannot be replayed: its records do not begin with run.opened`,
    )
  })

  it('of a newer version', async () => {
    const recorded = await record({ worker: (_message, ctx) => tell(ctx) })
    const records = recorded.records.map((one) =>
      one.kind === 'run.opened' ? { ...one, version: 99 } : one,
    )

    await expect(replay({ ...recorded, records }, {})).rejects.toThrow('format version 99')
  })
})
