import type { RequestListener, ServerResponse } from 'node:http'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { chunk, eventStream, events, saying, serve } from '../../test/loopback-endpoint.ts'
import type { ModelDelta, ModelRequest } from '../model.ts'
import { createOpenAIModel } from './index.ts'

// The clock is the test's; the connections are real.
beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] })
})
afterEach(() => {
  vi.useRealTimers()
})

const request: ModelRequest = {
  agent: 'a',
  instructions: '',
  messages: [{ role: 'user', content: 'hi' }],
  tools: [],
}

const second = 1_000
const piece = events(chunk({ content: 'x' }))

/** Resolves once all that is on its way has come: the loop turned often enough for a loopback. */
async function settled(): Promise<void> {
  for (let turn = 0; turn < 50; turn++) await new Promise((resolve) => setImmediate(resolve))
}

/** An endpoint whose answers the test writes by hand. */
async function serveByHand() {
  const answers: ServerResponse[] = []
  let arrived = Promise.withResolvers<void>()
  const take: RequestListener = (_, response) => {
    answers.push(response)
    arrived.resolve()
    arrived = Promise.withResolvers()
  }
  const endpoint = await serve(take)
  const stop = new AbortController()
  const model = createOpenAIModel({ model: 'm', apiKey: 'k', baseUrl: endpoint.baseUrl })
  const heard = vi.fn<(delta: ModelDelta) => void>()
  const begin = async () => {
    const next = arrived.promise
    const result = model
      .generate(request, { signal: stop.signal, onDelta: heard })
      .catch((error: unknown) => error)
    await next
    return { result }
  }
  return {
    begin,
    stop,
    deltas: () => heard.mock.calls.map(([delta]) => delta),
    requests: endpoint.requests,
    /** Writes to the latest answer, and waits until it was heard. */
    async write(text: string) {
      const answer = answers.at(-1)
      if (answer?.headersSent === false) answer.writeHead(200, eventStream)
      const told = heard.mock.calls.length
      answer?.write(text)
      if (text === piece) await vi.waitFor(() => expect(heard).toHaveBeenCalledTimes(told + 1))
      else await settled()
    },
    latest: () => answers.at(-1),
    /** Lets the client's wait between two tries go by. */
    async nextTry() {
      const next = arrived.promise
      await settled()
      await vi.advanceTimersByTimeAsync(second)
      await next
    },
    [Symbol.asyncDispose]: endpoint[Symbol.asyncDispose],
  }
}

const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms)

describe('the time of an answer', () => {
  it('may be longer than the longest silence, while pieces keep coming', async () => {
    await using endpoint = await serveByHand()
    const { result } = await endpoint.begin()

    for (const _ of [1, 2, 3]) {
      await pass(50 * second)
      await endpoint.write(piece)
    }
    endpoint.latest()?.end(saying('y'))

    await expect(result).resolves.toMatchObject({ content: 'xxxy' })
    expect(endpoint.requests()).toBe(1)
  })

  it.for([
    { name: 'tokens', drop: piece },
    { name: 'keep-alive comments', drop: ': ping\n\n' },
  ])('ends an endless drip of $name, which is not asked for again', async ({ drop }) => {
    await using endpoint = await serveByHand()
    const { result } = await endpoint.begin()

    for (const _ of [1, 2, 3]) {
      await pass(50 * second)
      await endpoint.write(drop)
    }
    await pass(30 * second)

    await expect(result).resolves.toMatchObject({
      code: 'model_timeout',
      message: expect.stringMatching(
        /^model 'm' at \S+ gave no whole answer within 180 s: ask for/,
      ),
    })
    expect(endpoint.requests()).toBe(1)
  })

  it('is that of all tries together', async () => {
    await using endpoint = await serveByHand()
    const { result } = await endpoint.begin()
    for (const _ of [1, 2, 3]) {
      await pass(50 * second)
      await endpoint.write(piece)
    }
    endpoint.latest()?.destroy()
    await endpoint.nextTry()

    await endpoint.write(piece)
    await pass(30 * second)

    await expect(result).resolves.toMatchObject({
      message: expect.stringContaining('gave no whole answer within 180 s'),
    })
    expect(endpoint.requests()).toBe(2)
  })

  it.for([
    { name: 'before the first byte', begun: '' },
    { name: 'amid a stream', begun: piece },
  ])('ends with a silence $name, which is asked for again', async ({ begun }) => {
    await using endpoint = await serveByHand()
    const { result } = await endpoint.begin()

    if (begun !== '') await endpoint.write(begun)
    await pass(60 * second)
    await endpoint.nextTry()
    await pass(60 * second)
    await endpoint.nextTry()
    await pass(60 * second)

    await expect(result).resolves.toMatchObject({
      code: 'model_timeout',
      message: expect.stringMatching(/sent nothing for 60 s: try again, or allow it more time$/),
    })
    expect(endpoint.requests()).toBe(3)
  })

  it('ends with a silence, where each try falls silent after a late beginning', async () => {
    await using endpoint = await serveByHand()
    const { result } = await endpoint.begin()

    for (const _ of [1, 2]) {
      await pass(second)
      await endpoint.write(piece)
      await pass(60 * second)
      await endpoint.nextTry()
    }
    await pass(second)
    await endpoint.write(piece)
    await pass(57 * second)

    await expect(result).resolves.toMatchObject({
      message: expect.stringMatching(/sent nothing for 60 s: try again, or allow it more time$/),
    })
    expect(endpoint.requests()).toBe(3)
  })

  it('is over with its reason to finish, where the endpoint falls silent then', async () => {
    await using endpoint = await serveByHand()
    const { result } = await endpoint.begin()

    await endpoint.write(events(chunk({ content: 'ok' }, 'stop')))
    await pass(60 * second)

    await expect(result).resolves.toMatchObject({ content: 'ok' })
    expect(endpoint.requests()).toBe(1)
  })
})

describe('an abort', () => {
  it.for([
    { name: 'before the first byte', begun: '' },
    { name: 'amid a stream', begun: piece },
  ])('$name closes the connection at once and is not asked for again', async ({ begun }) => {
    await using endpoint = await serveByHand()
    const { result } = await endpoint.begin()
    if (begun !== '') await endpoint.write(begun)
    const closed = new Promise((resolve) => endpoint.latest()?.on('close', resolve))

    const reason = new Error('the user left')
    endpoint.stop.abort(reason)

    await expect(result).resolves.toBe(reason)
    await closed
    expect(endpoint.requests()).toBe(1)
    expect(endpoint.deltas().filter(({ kind }) => kind === 'retry')).toEqual([])
  })
})
