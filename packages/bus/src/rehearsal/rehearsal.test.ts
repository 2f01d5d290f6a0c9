import { describe, expect, it } from 'vitest'
import { HONEST } from '../../test/honest-handlers.ts'
import {
  type Handlers,
  players,
  type Recorded,
  record,
  recordsOf,
  Told,
  tell,
  Wanted,
} from '../../test/replays.ts'
import { createMemoryJournal } from '../journals/memory.ts'
import { Secret } from '../secret.ts'
import { recordedInbox } from './inbox.ts'
import { overheardMessages } from './overheard.ts'

/** Lets each role handle again what it has handled, and gives what came of it by delivery. */
async function rehearseAll(
  { records, journal }: Recorded,
  handlers: Handlers,
  {
    live = false,
    roles = Object.keys(handlers),
  }: { live?: boolean; roles?: readonly string[] } = {},
): Promise<Readonly<Record<string, string>>> {
  const outcomes: Record<string, string> = {}
  for (const [role, player] of players(handlers)) {
    if (!roles.includes(role)) continue
    const { memory } = journal
    for (const delivery of await recordedInbox({ records, role, player, memory, live })) {
      const { status, reason, changes } = await delivery.rehearse()
      const said = changes.map(({ path, before, after }) => `${path} ${before} → ${after}`)
      outcomes[delivery.deliveryId.replace(/^[\w-]+/, '~')] = reason ?? (said.join(', ') || status)
    }
  }
  return outcomes
}

describe.each([{ live: false }, { live: true }])('with live: $live', (mode) => {
  it.each(Object.entries(HONEST))(
    'a run with %s is handled alike, and nothing is stored',
    async (_name, handlers) => {
      const journal = createMemoryJournal()
      const recorded = await record(handlers, { journal, thread: 'talk' })
      const before = await journal.lastSeq()

      const outcomes = Object.values(await rehearseAll(recorded, handlers, mode))

      const skipped = ['it was cancelled', 'no handler has settled it']
      expect(new Set(outcomes.filter((one) => !skipped.includes(one)))).toEqual(new Set(['same']))
      expect(await journal.lastSeq()).toBe(before)
      expect(await recordsOf(journal, recorded.runId)).toEqual(recorded.records)
    },
  )
})

/** A worker that pays for what it is told, and tells how that went. */
function paying(pay: () => string, amount = 5, times = 1): Handlers {
  return {
    async worker(_message, ctx) {
      const paid: string[] = []
      for (let time = 0; time < times; time++) {
        paid.push(await ctx.step({ kind: 'tool', name: 'pay', request: { amount }, perform: pay }))
      }
      tell(ctx, paid.join())
    },
  }
}

const unperformed = () => {
  throw new Error('it is performed again')
}

describe('a step', () => {
  it('that is recorded is served, whatever was asked for before it', async () => {
    const recorded = await record(paying(() => 'paid'))
    const handlers: Handlers = {
      async worker(message, ctx) {
        await ctx.step({ name: 'look', request: 1, perform: () => 1 })
        await paying(unperformed).worker?.(message, ctx)
      },
    }

    expect(await rehearseAll(recorded, handlers, { live: true })).toEqual({ '~': 'same' })
  })

  it('is told from an equal one by its occurrence', async () => {
    let count = 0
    const recorded = await record(paying(() => `paid ${++count}`, 5, 2))

    expect(
      await rehearseAll(
        recorded,
        paying(() => 'paid 3', 5, 3),
        { live: true },
      ),
    ).toEqual({
      '~': 'message.data.text paid 1,paid 2 → paid 1,paid 2,paid 3',
    })
  })

  it('that only a failed attempt had made is served too', async () => {
    const recorded = await record({
      async worker(message, ctx) {
        if (ctx.attempt === 1) await paying(() => 'paid').worker?.(message, ctx)
        if (ctx.attempt === 1) throw new Error('not yet')
        tell(ctx, 'for nothing')
      },
    })

    expect(await rehearseAll(recorded, paying(unperformed), { live: true })).toEqual({
      '~': 'message.data.text for nothing → paid',
    })
  })

  it('that is not recorded is performed live, and fails the delivery where nothing is', async () => {
    const recorded = await record(paying(() => 'paid'))
    const cheaper = paying(() => 'paid less', 4)

    expect(await rehearseAll(recorded, cheaper, { live: true })).toEqual({
      '~': 'message.data.text paid → paid less',
    })
    expect(await rehearseAll(recorded, cheaper)).toEqual({
      '~': "step 1, a call of 'pay' (amount differs), is not in the record: replay it live to have it made",
    })
  })

  it('of a model is made anew live, with its inner steps, and has the recorded time', async () => {
    let answer = 'yes'
    const handlers: Handlers = {
      async worker(_message, ctx) {
        const said = await ctx.step({
          kind: 'model',
          name: 'oracle',
          request: 'well?',
          perform: (scope) => scope.step({ name: 'inner', request: 1, perform: () => answer }),
          waits: true,
          usage: () => ({ inputTokens: 3, outputTokens: 2 }),
        })
        tell(ctx, `${said} at ${ctx.now()}`)
      },
    }
    const { records, journal } = await record(handlers)
    const [[role, player] = []] = players(handlers)
    if (role === undefined || player === undefined) throw new Error('nobody plays')
    const [delivery] = await recordedInbox({
      records,
      role,
      player,
      memory: journal.memory,
      live: true,
    })
    const usage = { inputTokens: 3, outputTokens: 2, modelCalls: 1, toolCalls: 0 }

    expect(delivery?.usage).toEqual(usage)
    expect(await delivery?.rehearse()).toMatchObject({ status: 'same', rehearsal: { usage } })
    answer = 'no'
    expect((await delivery?.rehearse())?.changes).toMatchObject([{ path: 'message.data.text' }])
  })

  it('that was begun once and whose outcome nobody knows is never performed', async () => {
    const handlers = (perform: () => unknown): Handlers => ({
      async worker(_message, ctx) {
        await ctx.step({ name: 'pay', request: 5, once: true, perform })
        tell(ctx)
      },
    })
    const recorded = await record(handlers(() => 'paid'))
    const intents = recorded.records.filter(
      (record) => record.kind !== 'step' || record.outcome.type === 'intent',
    )

    expect(
      await rehearseAll({ ...recorded, records: intents }, handlers(unperformed), { live: true }),
    ).toEqual({
      '~': expect.stringContaining('was begun and its outcome is unknown'),
    })
  })
})

describe('a delivery fails', () => {
  const reads = (key: string): Handlers => ({
    async worker(_message, ctx) {
      await ctx.memory.get(key)
      tell(ctx)
    },
  })
  const asks = (text: string): Handlers => ({
    async worker(_message, ctx) {
      const reply = await ctx.ask('clerk', Wanted, { text }).catch(() => ({ text: 'nothing' }))
      tell(ctx, reply.text)
    },
    clerk: (_message, ctx) => ctx.reply(Told, { text: 'so' }),
  })

  it.each([{ live: false }, { live: true }])(
    'that reads memory otherwise, or asks otherwise, whatever its handler makes of that (live: $live)',
    async (mode) => {
      const read = await record(reads('one'))
      const asked = await record(asks('one'))

      expect((await rehearseAll(read, reads('two'), mode))['~']).toMatch(
        /^step 1, the memory read 'get' \(key differs\), is not in the record: /,
      )
      expect(await rehearseAll(asked, asks('two'), { ...mode, roles: ['worker'] })).toEqual({
        '~': "step 1, an ask for 'wanted' (data.text differs), is not in the record: nobody answers in a run that is past",
      })
    },
  )

  it('that fails now, and is changed where it succeeds now, and the same where it fails alike', async () => {
    const honest: Handlers = { worker: (_message, ctx) => tell(ctx) }
    const broken: Handlers = {
      worker: () => {
        throw new Error('no luck')
      },
    }

    expect(await rehearseAll(await record(honest), broken)).toEqual({ '~': 'no luck' })
    const failed = await record(broken)
    expect(await rehearseAll(failed, broken)).toEqual({ '~': 'same' })
    expect((await rehearseAll(failed, honest))['~']).toMatch(/^end dead → done, message /)
  })

  it('that takes too long, without the time that it waits for a model', async () => {
    const recorded = await record({ worker: (_message, ctx) => tell(ctx) })
    const { records, journal } = recorded
    const slow: Handlers = {
      async worker(_message, ctx) {
        const wait = () => new Promise<string>((resolve) => setTimeout(resolve, 30, 'yes'))
        await ctx.step({ kind: 'model', name: 'slow', request: 1, perform: wait, waits: true })
        if (ctx.message.data !== undefined) await new Promise(() => {})
      },
    }
    const player = players(slow).get('worker')
    if (player === undefined) throw new Error('nobody plays')
    const [delivery] = await recordedInbox({
      ...{ records, role: 'worker', memory: journal.memory, live: true },
      player: { ...player, deliveryTimeoutMs: 10 },
    })

    expect(await delivery?.rehearse()).toMatchObject({
      status: 'failed',
      reason: expect.stringContaining("'worker' did not finish within 10 ms"),
      rehearsal: { usage: { modelCalls: 1 } },
    })
  })

  it('that is aborted rejects with the reason', async () => {
    const { records, journal } = await record({ worker: (_message, ctx) => tell(ctx) })
    const player = players({ worker: () => new Promise(() => {}) }).get('worker')
    if (player === undefined) throw new Error('nobody plays')
    const options = { records, role: 'worker', player, memory: journal.memory, live: true }
    const [delivery] = await recordedInbox(options)
    const aborter = new AbortController()

    const outcome = delivery?.rehearse(aborter.signal)
    aborter.abort(new Error('enough'))

    await expect(outcome).rejects.toThrow('enough')
  })
})

it('what is remembered counts, and stays as it was in the journal', async () => {
  const remembering = (value: number): Handlers => ({
    worker(_message, ctx) {
      ctx.memory.set('count', value)
      tell(ctx)
    },
  })
  const recorded = await record(remembering(1), { thread: 'talk' })

  expect(await rehearseAll(recorded, remembering(2), { live: true })).toEqual({
    '~': 'memory.count 1 → 2',
  })
  const { memory } = recorded.journal
  const scope = { role: 'worker', runId: recorded.runId, thread: 'talk' }
  expect(await memory.get(scope, 'count')).toMatchObject({ value: 1 })
})

it('what changes tells no value of a secret, known or new', async () => {
  const telling = (text: string): Handlers => ({
    worker(_message, ctx) {
      ctx.handoff('coordinator', Told, { text, key: new Secret('brand-new-value') })
    },
  })
  const { records, journal } = await record(telling('nothing'))
  const player = players(telling('it is brand-new-value')).get('worker')
  if (player === undefined) throw new Error('nobody plays')
  const options = { records, role: 'worker', player, memory: journal.memory, live: true }
  const [delivery] = await recordedInbox(options)

  const { changes, rehearsal } = (await delivery?.rehearse()) ?? {}

  expect(changes?.map(({ path }) => path)).toContain('message.data.text')
  expect(rehearsal?.messages).toHaveLength(1)
  expect(JSON.stringify([changes, rehearsal])).not.toContain('brand-new-value')
})

describe('one who was not there', () => {
  const journal = createMemoryJournal()
  const handlers: Handlers = {
    async worker(_message, ctx) {
      const reply = await ctx.ask('clerk', Wanted, { text: 'what' })
      ctx.handoff('second', Told, { text: reply.text, key: new Secret('the-key') })
    },
    clerk: (_message, ctx) => ctx.reply(Told, { text: 'that' }),
    second: (_message, ctx) => tell(ctx, 'done'),
  }
  const recording = record(handlers, { journal, thread: 'talk' })

  async function attach(handle: NonNullable<Handlers[string]>, isListener = false) {
    const { records } = await recording
    const player = players({ late: handle }).get('late')
    if (player === undefined) throw new Error('nobody plays')
    const { memory } = journal
    const overheard = await overheardMessages({ records, role: 'late', player, memory, isListener })
    return Promise.all(
      overheard.map(async ({ deliveryId, rehearse }) => ({
        id: deliveryId.replace(/^[\w-]+/, '~'),
        ...(await rehearse()),
      })),
    )
  }

  it('gets every message that it accepts in journal order, knows its secrets, and may go on from it', async () => {
    const before = await (await recording).journal.lastSeq()
    const deliveries = await attach(async (message, ctx) => {
      ctx.log('heard {length}', { length: ctx.past().length })
      if (message.type === 'wanted') ctx.reply(Told, { text: `to ${message.from}` })
      else tell(ctx, 'key' in message.data ? ctx.redact('the-key') : message.to)
    })

    expect(
      deliveries.map(({ id, end, lines }) => [id, end.outcome, lines[0]?.data.length]),
    ).toEqual([
      ['~@late', 'done', 1],
      ['~.a1-1@late', 'done', 2],
      ['~.a1-1.r@late', 'done', 3],
      ['~.h@late', 'done', 4],
      ['~.h.h@late', 'done', 5],
    ])
    const said = deliveries.flatMap(({ messages }) => messages.map(({ data }) => data))
    expect(said).toMatchObject([
      { text: 'late' },
      { text: 'to worker' },
      { text: 'late' },
      { text: expect.stringMatching(/^secret:/) },
      { text: 'late' },
    ])
    expect(await journal.lastSeq()).toBe(before)
  })

  it('tells no value of a secret, wherever it stands in what is told', async () => {
    const telling: NonNullable<Handlers[string]> = (message, ctx) => {
      const key = 'key' in message.data ? message.data.key : undefined
      const text = `it is ${key?.reveal() ?? 'nothing'}`
      ctx.log('said {text}', { text })
      ctx.memory.set('last', { text })
      tell(ctx, text)
    }
    const deliveries = await attach(telling)
    const failing = await attach((message, ctx) => {
      telling(message, ctx)
      throw new Error('the-key does not fit')
    })

    expect(JSON.stringify([deliveries, failing])).not.toContain('the-key')
    const { messages, memories, lines } = deliveries.find(({ id }) => id === '~.h@late') ?? {}
    const text = expect.stringMatching(/^it is secret:/)
    expect([messages, memories, lines]).toMatchObject([
      [{ data: { text } }],
      [{ value: { text } }],
      [{ data: { text } }],
    ])
  })

  it('remembers nothing, asks nobody, and publishes nothing where it listens', async () => {
    const remembering = await attach(async (_message, ctx) => {
      const found = [await ctx.memory.get('count'), ...(await ctx.memory.search('count'))]
      tell(ctx, `${found.filter((one) => one !== undefined).length}`)
    })
    const asking = await attach(async (_message, ctx) => {
      await ctx.ask('clerk', Wanted, { text: 'what' })
    })
    const listening = await attach((_message, ctx) => tell(ctx), true)

    expect(remembering[0]?.messages).toMatchObject([{ data: { text: '0' } }])
    expect(asking[0]?.end).toMatchObject({ outcome: 'dead', error: { code: 'not_recorded' } })
    expect(listening[0]?.end).toMatchObject({ outcome: 'dead', error: { code: 'no_way' } })
  })
})
