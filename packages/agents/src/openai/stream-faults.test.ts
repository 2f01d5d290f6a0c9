import type { RequestListener } from 'node:http'
import { inspect } from 'node:util'
import { describe, expect, it } from 'vitest'
import { chunk, eventStream, events, saying, serve } from '../../test/loopback-endpoint.ts'
import type { ModelDelta, ModelRequest } from '../model.ts'
import { ModelError } from '../model-error.ts'
import { createOpenAIModel, type OpenAIModelOptions } from './index.ts'

const apiKey = 'sk-secret"key\\0123456789'

const request: ModelRequest = {
  agent: 'a',
  instructions: '',
  messages: [{ role: 'user', content: 'hi' }],
  tools: [],
}

/** Asks an endpoint; what came of it, and all that was told on the way. */
async function ask(
  handlers: RequestListener | readonly RequestListener[],
  options: Partial<OpenAIModelOptions> = {},
  parts: Partial<ModelRequest> = {},
) {
  const all = [handlers].flat()
  await using endpoint = await serve((incoming, response) => {
    ;(all[endpoint.requests() - 1] ?? all.at(-1))?.(incoming, response)
  })
  const { baseUrl } = endpoint
  const model = createOpenAIModel({ model: 'm', apiKey, baseUrl, maxRetries: 1, ...options })
  const deltas: ModelDelta[] = []
  const result = await model
    .generate(
      { ...request, ...parts },
      { signal: new AbortController().signal, onDelta: (delta) => deltas.push(delta) },
    )
    .catch((error: unknown) => error)
  expect(inspect(deltas)).not.toContain('0123456789')
  return { result, deltas, requests: endpoint.requests(), baseUrl }
}

/** The same where it must fail with an error that is fit for a person: one line, names, no secret. */
async function fail(...given: Parameters<typeof ask>) {
  const { result: error, ...rest } = await ask(...given)
  if (!(error instanceof ModelError)) throw new Error('not a ModelError', { cause: error })
  expect(error.message).toMatch(/^[^\n\r\p{Cc}]+$/u)
  expect(error.message).toContain(`model 'm' at ${rest.baseUrl} `)
  expect(inspect(error, { depth: Infinity, showHidden: true })).not.toMatch(/secret|0123456789/)
  return { error, ...rest }
}

const sending =
  (text: string): RequestListener =>
  (_, response) => {
    response.writeHead(200, eventStream).end(text)
  }

/** Sends some text, and breaks the connection off once it is on its way. */
const tearing =
  (text: string): RequestListener =>
  (_, response) => {
    response.writeHead(200, eventStream)
    response.write(text, () => setImmediate(() => response.destroy()))
  }

const beginning = events(chunk({ content: 'Hel' }))

describe.concurrent('a stream that breaks', () => {
  it.for([
    { name: 'whose connection dies before a byte', broken: tearing(': ping\n\n') },
    { name: 'whose connection dies midway', broken: tearing(beginning) },
    { name: 'that ends without its end marker', broken: sending(beginning) },
    { name: 'that holds nothing', broken: sending('') },
    { name: 'with a malformed event', broken: sending('data: {"choices":[\n\ndata: [DONE]\n\n') },
    { name: 'that ends within an event', broken: sending(`${beginning}data: {"choi`) },
    { name: 'that tells of an error', broken: sending(events({ error: { message: 'busy' } })) },
    { name: 'that finishes with an error', broken: sending(events(chunk({}, 'error'))) },
    { name: 'that tells of a 503', broken: sending(events({ error: { code: 503 } }, '[DONE]')) },
  ])('$name is asked for again', async ({ broken }) => {
    const { result, deltas, requests } = await ask([broken, sending(saying('Hello'))])

    expect(result).toMatchObject({ content: 'Hello' })
    expect(requests).toBe(2)
    expect(deltas.slice(-2)).toEqual([
      { kind: 'retry', reason: expect.stringMatching(/^[a-z][^\n]+$/) },
      { kind: 'text', text: 'Hello' },
    ])
  })

  it.for([
    {
      name: 'the connection',
      broken: tearing(beginning),
      code: 'model_unreachable',
      says: /broke the connection off before its answer was whole \(UND_ERR_SOCKET\): try again/,
    },
    {
      name: 'no end marker',
      broken: sending(beginning),
      code: 'model_bad_response',
      says: /ended its answer before it was whole: try again/,
    },
    {
      name: 'a malformed event',
      broken: sending(`data: {"${apiKey}\n\n`),
      code: 'model_bad_response',
      says: /answered with malformed JSON: try again/,
    },
    {
      name: 'an error',
      broken: sending(events({ error: { message: `no ${apiKey} here` } })),
      code: 'model_unavailable',
      says: /broke its answer off with an error: .*it said: no \[API key\] here$/,
    },
    {
      name: 'an event of type error',
      broken: sending('event: error\ndata: {"message":"overloaded"}\n\n'),
      code: 'model_unavailable',
      says: /broke its answer off with an error: .*it said: overloaded$/,
    },
    {
      name: 'a 429 in words',
      broken: sending(events({ error: { type: 'rate_limit_error', message: 'slow down' } })),
      code: 'model_rate_limited',
      says: /limits the rate \(429\): .*it said: slow down$/,
    },
  ])('says so after its retries where it is $name', async ({ broken, code, says }) => {
    const { error, requests } = await fail(broken)

    expect(error).toMatchObject({ code })
    expect(error.message).toMatch(says)
    expect(requests).toBe(2)
  })

  it.for([
    { name: 'a number', said: { error: { code: 400, message: 'too long' } } },
    { name: 'text', said: { error: { code: '400', message: 'too long' } } },
    { name: 'a type', said: { error: { type: 'invalid_request_error', message: 'too long' } } },
    {
      name: 'both',
      said: { error: { type: 'invalid_request_error', code: 'x', message: 'too long' } },
    },
    { name: 'the event itself', said: { object: 'error', code: 400, message: 'too long' } },
  ])('is not asked for again after an error of the request, told by $name', async ({ said }) => {
    const { error, requests } = await fail(sending(events(said, '[DONE]')))

    expect(error.message).toMatch(/refused the request \(400\): .*it said: too long$/)
    expect(requests).toBe(1)
  })

  it('is whole where it breaks after its reason to finish', async () => {
    const { result, requests } = await ask(tearing(events(chunk({ content: 'Hello' }, 'stop'))))

    expect(result).toMatchObject({ content: 'Hello' })
    expect(requests).toBe(1)
  })

  it('holds no key, though the endpoint tears it over two pieces of a connection', async () => {
    const body = events({ error: { message: `key ${apiKey}` } })
    const at = body.indexOf('secret') + 3
    const { error } = await fail(
      (_, response) => {
        response.writeHead(200, eventStream).write(body.slice(0, at))
        setImmediate(() => response.end(body.slice(at)))
      },
      { maxRetries: 0 },
    )

    expect(error.message).toMatch(/it said: key \[API key\]$/)
  })
})

describe('an error that comes with status 200', () => {
  const whole =
    (said: object): RequestListener =>
    (_, response) => {
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(said))
    }

  it('and a status of its own is taken for that', async () => {
    const { error, requests } = await fail(whole({ error: { code: 401, message: 'who?' } }))

    expect(error).toMatchObject({ code: 'model_unauthorized', status: 401 })
    expect(requests).toBe(1)
  })

  it('and one that may pass is tried again', async () => {
    const answer = { choices: [{ message: { content: 'ok' } }] }
    const { result, requests } = await ask([whole({ error: { code: 502 } }), whole(answer)])

    expect(result).toMatchObject({ content: 'ok' })
    expect(requests).toBe(2)
  })
})

describe('an answer that is refused or cut off', () => {
  it('is told in the words of a streamed refusal', async () => {
    const refusing = ['I will', ' not.'].map((refusal) => chunk({ refusal }))
    const { error, requests } = await fail(sending(events(...refusing, chunk({}, 'stop'))))

    expect(error).toMatchObject({ code: 'model_refused' })
    expect(error.message).toMatch(/refused to answer: reword .*; it said: I will not\.$/)
    expect(requests).toBe(1)
  })

  it('is told where the content filter stops it midway', async () => {
    const { error } = await fail(sending(events(chunk({ content: 'x' }, 'content_filter'))))

    expect(error).toMatchObject({ code: 'model_refused' })
  })

  it.for([
    {
      maxTokens: 20,
      says: /reached the limit on its tokens \(maxTokens 20\): raise maxTokens, or ask for less$/,
    },
    { maxTokens: undefined, says: /reached the limit on its tokens: set maxTokens higher/ },
  ])('says so where it has $maxTokens tokens at most', async ({ maxTokens, says }) => {
    const { error, requests } = await fail(
      sending(events(chunk({ content: 'half' }, 'length'), '[DONE]')),
      {},
      maxTokens === undefined ? {} : { maxTokens },
    )

    expect(error).toMatchObject({ code: 'model_cut_off' })
    expect(error.message).toMatch(says)
    expect(requests).toBe(1)
  })
})

describe('a key that an endpoint echoes in an answer', () => {
  it('is neither told nor given, though it is torn over two pieces', async () => {
    const text = `your key is ${apiKey}, is it not`
    const pieces = [...text].map((content) => chunk({ content }))
    const { result, deltas } = await ask(sending(events(...pieces, '[DONE]')))

    const clean = 'your key is [API key], is it not'
    expect(result).toMatchObject({ content: clean })
    expect(deltas.map((delta) => ('text' in delta ? delta.text : '')).join('')).toBe(clean)
  })

  it('is held back only until it cannot be one', async () => {
    const pieces = ['a sk-', 'se', 'nt b', ' sk-s'].map((content) => chunk({ content }))
    const { deltas } = await ask(sending(events(...pieces, '[DONE]')))

    expect(deltas.map((delta) => ('text' in delta ? delta.text : ''))).toEqual([
      'a ',
      'sk-sent b',
      ' ',
      'sk-s',
    ])
  })

  it('is not told with the next try where its beginning was held back', async () => {
    const broken = sending(events(chunk({ content: 'a sk-' })))
    const { deltas } = await ask([broken, sending(saying('b'))])

    expect(deltas.map((delta) => ('text' in delta ? delta.text : delta.kind))).toEqual([
      'a ',
      'retry',
      'b',
    ])
  })

  it('stays where it is a word that people write for none', async () => {
    const { result } = await ask(sending(saying('I run on ollama')), { apiKey: 'ollama' })

    expect(result).toMatchObject({ content: 'I run on ollama' })
  })
})
