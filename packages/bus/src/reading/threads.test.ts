import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { createBus } from '../bus.ts'
import type { DeliveryContext } from '../delivery-context.ts'
import type { Journal } from '../journal.ts'
import { createMemoryJournal } from '../journals/memory.ts'
import { defineMessage } from '../message-type.ts'
import { Secret } from '../secret.ts'
import { createVirtualRuntime } from '../testing/virtual-runtime.ts'
import { listMemories, runsQuoting } from './memories.ts'
import { listThreads, threadRuns } from './threads.ts'

const Asked = defineMessage('question.asked', z.object({ text: z.string() }))
const Answered = defineMessage('question.answered', z.object({ text: z.string() }))

/** Runs at a second's distance, on one journal. */
function recording() {
  const runtime = createVirtualRuntime({ startAt: 1_000 })
  const journal = createMemoryJournal({ runtime })
  const run = async (
    text: string,
    options: { thread?: string; team?: string; work?: (ctx: DeliveryContext) => unknown } = {},
  ) => {
    const { thread, team = 'talk', work } = options
    await using bus = createBus({ journal, runtime })
    bus.subscribe('worker', {
      accepts: [Asked],
      attempts: 1,
      async handle({ data }, ctx) {
        await work?.(ctx)
        ctx.handoff('coordinator', Answered, { text: `${data.text}!` })
      },
    })
    const about = { team }
    const data = { text }
    const where = thread === undefined ? {} : { thread }
    const end = await bus.publish('worker', Asked, data, { terminal: Answered, about, ...where })
      .result
    await runtime.advance(1_000)
    return end.runId
  }
  return { journal, run }
}

async function allOf<T>(items: AsyncIterable<T>): Promise<T[]> {
  return Array.fromAsync(items)
}

describe('threadRuns', () => {
  test('gives what the completed runs of a thread were asked and answered, newest first', async () => {
    const { journal, run } = recording()
    const first = await run('one', { thread: 'home' })
    await run('elsewhere', { thread: 'work' })
    await run('alone')
    await run('failing', {
      thread: 'home',
      work: () => {
        throw new Error('no')
      },
    })
    const other = await run('two', { thread: 'home', team: 'other' })

    const runs = await allOf(threadRuns(journal, 'home'))
    expect(
      runs.map(({ runId, request, answer }) => [runId, request.data, answer.data, answer.to]),
    ).toEqual([
      [other, { text: 'two' }, { text: 'two!' }, 'coordinator'],
      [first, { text: 'one' }, { text: 'one!' }, 'coordinator'],
    ])
    const ofTalk = await allOf(threadRuns(journal, 'home', { team: 'talk' }))
    expect(ofTalk.map(({ runId }) => runId)).toEqual([first])
    expect(await allOf(threadRuns(journal, 'nowhere'))).toEqual([])
  })

  test('reads no further than it is asked to', async () => {
    const { journal, run } = recording()
    for (const text of ['one', 'two', 'three']) await run(text, { thread: 'home' })
    let reads = 0
    const counting: Pick<Journal, 'read' | 'runs'> = {
      read(query) {
        reads++
        return journal.read(query)
      },
      runs: (query) => journal.runs(query),
    }
    for await (const { request } of threadRuns(counting, 'home')) {
      expect(request.data).toEqual({ text: 'three' })
      break
    }
    expect(reads).toBe(2)
  })
})

test('listThreads counts runs and memories of each, the last used first', async () => {
  const { journal, run } = recording()
  await run('one', { thread: 'home', work: (ctx) => ctx.memory.set('a', 1) })
  await run('two', { thread: 'work' })
  await run('three', {
    thread: 'home',
    work(ctx) {
      ctx.memory.set('a', 2)
      ctx.memory.set('b', 3)
    },
  })
  await run('alone', { work: (ctx) => ctx.memory.set('c', 4) })

  expect(await listThreads(journal)).toEqual([
    { thread: 'home', runs: 2, memories: 2, firstAt: 1_000, lastAt: 3_000 },
    { thread: 'work', runs: 1, memories: 0, firstAt: 2_000, lastAt: 2_000 },
  ])
})

describe('memories', () => {
  const model = (ctx: DeliveryContext, said: unknown) =>
    ctx.step({ kind: 'model', name: 'm', request: { messages: [said] }, perform: () => 'ok' })

  test('are listed by thread, role, key and words', async () => {
    const { journal, run } = recording()
    await run('one', {
      thread: 'home',
      work(ctx) {
        ctx.memory.set('bank', { wish: 'always 24 characters' })
        ctx.memory.set('router', 'never symbols')
      },
    })
    await run('two', { thread: 'work', work: (ctx) => ctx.memory.set('bank', 'Zürich') })
    const keys = async (query?: Parameters<typeof listMemories>[1]) =>
      (await allOf(listMemories(journal, query))).map(({ thread, key }) => `${thread} ${key}`)

    expect(await keys()).toEqual(['home bank', 'home router', 'work bank'])
    expect(await keys({ thread: 'home' })).toEqual(['home bank', 'home router'])
    expect(await keys({ key: 'bank', role: 'worker' })).toEqual(['home bank', 'work bank'])
    expect(await keys({ text: 'zurich' })).toEqual(['work bank'])
    expect(await keys({ text: 'ALW char' })).toEqual(['home bank'])
    expect(await keys({ text: '' })).toEqual([])
  })

  test('are found in the model requests of the runs of their thread', async () => {
    const { journal, run } = recording()
    const text = 'always 24 characters "for the bank"'
    await run('write', {
      thread: 'home',
      work: (ctx) => ctx.memory.set('bank', { purpose: 'bank', text, key: new Secret('a b c') }),
    })
    const plain = await run('plain', { thread: 'home', work: (ctx) => model(ctx, `So: ${text}`) })
    const asJson = await run('json', {
      thread: 'home',
      async work(ctx) {
        await model(ctx, JSON.stringify({ text }))
        await model(ctx, text)
        await model(ctx, 'bank a b c')
      },
    })
    await run('word', { thread: 'home', work: (ctx) => model(ctx, 'a password for the bank') })
    await run('other', { thread: 'work', work: (ctx) => model(ctx, text) })

    await using bus = createBus({ journal })
    const { id: fork } = await bus.fork(plain, { at: '.h' })
    const { id: forkOfFork } = await bus.fork(fork, { at: '.h' })

    const forgotten = await journal.memory.forget({ thread: 'home' })
    expect(await runsQuoting(journal, forgotten)).toEqual([
      { runId: asJson, requests: 2 },
      { runId: plain, requests: 1 },
      { runId: fork, requests: 1 },
      { runId: forkOfFork, requests: 1 },
    ])
    expect(await runsQuoting(journal, [])).toEqual([])
  })

  test('of single words are found by these, unless they are very short', async () => {
    const { journal, run } = recording()
    await run('write', { thread: 'home', work: (ctx) => ctx.memory.set('colour', ['blue', 'of']) })
    const quoting = await run('read', { thread: 'home', work: (ctx) => model(ctx, 'dark blue') })
    await run('not', { thread: 'home', work: (ctx) => model(ctx, 'of red') })

    const forgotten = await journal.memory.forget({ key: 'colour' })
    expect(await runsQuoting(journal, forgotten)).toEqual([{ runId: quoting, requests: 1 }])
  })
})
