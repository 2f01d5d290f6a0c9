import type { RequestListener } from 'node:http'
import { createServer as createSocketServer } from 'node:net'
import { createServer as createTlsServer } from 'node:tls'
import { inspect } from 'node:util'
import { describe, expect, it } from 'vitest'
import { listening, serve } from '../../test/loopback-endpoint.ts'
import { ModelError } from '../model-error.ts'
import { createOpenAIModel, type OpenAIModelOptions } from './index.ts'

const apiKey = 'sk-secret"key\\0123456789'

const request = {
  agent: 'planner',
  instructions: 'You plan.',
  messages: [{ role: 'user' as const, content: 'make a plan' }],
  tools: [],
}

const completion = JSON.stringify({
  model: 'gpt-test',
  choices: [{ message: { content: 'ok' }, finish_reason: 'stop' }],
})

const json = { 'content-type': 'application/json' }

const answering =
  (status: number, body: string, headers: Record<string, string> = json): RequestListener =>
  (_, response) => {
    response.writeHead(status, headers).end(body)
  }

type Options = Partial<OpenAIModelOptions> & { readonly baseUrl: string }

function generate(options: Options, signal = new AbortController().signal) {
  const model = createOpenAIModel({ model: 'gpt-test', apiKey, maxRetries: 0, ...options })
  return model.generate(request, { signal })
}

/** The error of a request, once it is seen to be fit for a person: one line, names, no secret. */
async function faultOf(options: Options): Promise<ModelError> {
  const error: unknown = await generate(options).catch((reason: unknown) => reason)
  if (!(error instanceof ModelError)) throw new Error('not a ModelError', { cause: error })
  const endpoint = options.baseUrl.split('?')[0]
  expect(error).toMatchObject({ endpoint, model: 'gpt-test' })
  expect(error.message).toMatch(/^[^\n\r\p{Cc}]+$/u)
  expect(error.message).not.toMatch(/\bat \S+:\d+:\d+/)
  expect(error.message).toContain(`model 'gpt-test' at ${endpoint} `)
  const everything = inspect(error, { depth: Infinity, showHidden: true })
  for (const secret of [apiKey, JSON.stringify(apiKey).slice(1, -1), 'secret', '0123456789']) {
    expect(everything).not.toContain(secret)
  }
  return error
}

describe('a status of failure', () => {
  it.for([
    { status: 400, code: 'model_bad_request', says: 'refused the request (400): change what' },
    { status: 401, code: 'model_unauthorized', says: 'refused the API key (401): check the key' },
    { status: 403, code: 'model_unauthorized', says: 'is not open to this API key (403): check' },
    { status: 404, code: 'model_not_found', says: "was not found (404): check the model's name" },
    { status: 408, code: 'model_timeout', says: 'timed out (408): try again' },
    { status: 409, code: 'model_unavailable', says: 'is not available (409): try again later' },
    { status: 413, code: 'model_bad_request', says: 'refused the request (413): change what' },
    { status: 429, code: 'model_rate_limited', says: 'limits the rate (429): send fewer' },
    { status: 500, code: 'model_unavailable', says: 'is not available (500): try again later' },
    { status: 503, code: 'model_unavailable', says: 'is not available (503): try again later' },
  ])('of $status is $code, says what to do and hides an echoed key', async (expected) => {
    const { status, code, says } = expected
    const body = JSON.stringify({ error: { message: `bad\n  key ${apiKey}\u001b[31m`, apiKey } })
    await using endpoint = await serve(answering(status, body))

    const error = await faultOf({ baseUrl: endpoint.baseUrl })

    expect(error).toMatchObject({ code, status })
    expect(error.message).toContain(says)
    expect(error.message).toContain('it said: bad key [API key]')
    expect(error.cause).toBeUndefined()
  })

  it('of 3xx without a target is a bad response', async () => {
    await using endpoint = await serve(answering(304, ''))

    await expect(faultOf({ baseUrl: endpoint.baseUrl })).resolves.toMatchObject({
      code: 'model_bad_response',
      status: 304,
    })
  })

  it.for([301, 302, 303, 307, 308])(
    'of %d names where it leads, and is not followed',
    async (status) => {
      const location = `https://elsewhere.example/v1/chat/completions?key=${encodeURIComponent(apiKey)}`
      await using endpoint = await serve(answering(status, 'moved', { location }))

      const error = await faultOf({ baseUrl: endpoint.baseUrl, maxRetries: 2 })

      expect(error).toMatchObject({ code: 'model_bad_response', status })
      expect(error.message).toContain(`redirects the request (${status}): let the base URL begin`)
      expect(error.message).toContain(
        'it said: https://elsewhere.example/v1/chat/completions?key=[API',
      )
      expect(endpoint.requests()).toBe(1)
    },
  )

  it.for([
    { name: 'detail', body: '{"detail":"no such field"}', said: 'it said: no such field' },
    { name: 'message', body: '{"object":"error","message":"too long"}', said: 'said: too long' },
    { name: 'plain error', body: '{"error":"model is loading"}', said: 'said: model is loading' },
    { name: 'unknown JSON', body: '{"detail":[{"loc":"top_p"}]}', said: '[{"loc":"top_p"}]' },
    { name: 'plain text', body: 'upstream\r\ngone', said: 'it said: upstream gone' },
    { name: 'web page', body: '<html><title>Bad Gateway</title><p>x', said: 'said: Bad Gateway' },
    { name: 'untitled page', body: '<p>Bad</p> <b>luck</b>', said: 'it said: Bad luck' },
  ])('is told in the words of its $name body', async ({ body, said }) => {
    await using endpoint = await serve(answering(400, body))

    expect((await faultOf({ baseUrl: endpoint.baseUrl })).message).toContain(said)
  })

  it('is told without a quotation where its body is empty', async () => {
    await using endpoint = await serve(answering(500, ''))

    expect((await faultOf({ baseUrl: endpoint.baseUrl })).message).not.toContain('it said')
  })

  it('is cut to 200 characters, and never within the key', async () => {
    const body = `${'x'.repeat(195)}${apiKey}${'y'.repeat(1_000)}`
    await using endpoint = await serve(answering(500, body, { 'content-type': 'text/plain' }))

    const error = await faultOf({ baseUrl: endpoint.baseUrl })

    expect(error.message).toMatch(/it said: x{195}\[API …$/)
  })

  it('whose body never ends is told once the time is up', async () => {
    await using endpoint = await serve((_, response) => {
      response.writeHead(400, json).write('{"error":')
    })

    const error = await faultOf({ baseUrl: endpoint.baseUrl, timeoutMs: 50 })

    expect(error).toMatchObject({ code: 'model_bad_request', status: 400 })
  })
})

it('names no query, and no key in a path', async () => {
  await using endpoint = await serve(answering(401, ''))
  const baseUrl = `http://127.0.0.1:${endpoint.port}/${encodeURIComponent(apiKey)}/v1?token=hush`
  const model = createOpenAIModel({ model: 'gpt-test', apiKey, baseUrl })
  const { signal } = new AbortController()

  await expect(model.generate(request, { signal })).rejects.toMatchObject({
    endpoint: `http://127.0.0.1:${endpoint.port}/[API key]/v1`,
    message: expect.not.stringMatching(/hush|secret/),
  })
})

describe('an endpoint that cannot be reached', () => {
  it('is told when nothing listens there', async () => {
    const endpoint = await serve(answering(200, completion))
    await endpoint[Symbol.asyncDispose]()

    const error = await faultOf({ baseUrl: endpoint.baseUrl })

    expect(error).toMatchObject({ code: 'model_unreachable' })
    expect(error.message).toContain(
      'nothing listens there (ECONNREFUSED): check that the endpoint runs',
    )
    expect(error.cause).toMatchObject({
      message: expect.stringContaining(`connect ECONNREFUSED 127.0.0.1:${endpoint.port}`),
    })
  })

  it('is told when its host name has no address', async () => {
    // A label over 63 letters is no host name, which the resolver knows without asking anyone.
    const error = await faultOf({ baseUrl: `http://${'a'.repeat(64)}.test/v1` })

    expect(error).toMatchObject({ code: 'model_unreachable' })
    expect(error.message).toContain('has no address (ENOTFOUND): check the host in the base URL')
  })

  it('points at TLS where it gets no answer, which is what a request without TLS gets', async () => {
    const server = createTlsServer()
    const port = await listening(server)

    const error = await faultOf({ baseUrl: `http://127.0.0.1:${port}/v1` })

    expect(error.message).toMatch(/broke the connection off.*check 'http' against 'https'/)
    await new Promise((resolve) => server.close(resolve))
  })

  it('is told when TLS fails', async () => {
    await using endpoint = await serve(answering(200, completion))

    const error = await faultOf({ baseUrl: endpoint.baseUrl.replace('http', 'https') })

    expect(error).toMatchObject({ code: 'model_unreachable' })
    expect(error.message).toMatch(/TLS failed \(ERR_SSL_\w+\): check 'https' against 'http'/)
  })

  it('is told when fetch refuses the port', async () => {
    const error = await faultOf({ baseUrl: 'http://127.0.0.1:1/v1' })

    expect(error).toMatchObject({ code: 'model_unreachable' })
    expect(error.message).toContain('fetch refuses its port (bad port): let the endpoint')
  })
})

describe('an answer that stops', () => {
  it('before it starts is a timeout', async () => {
    await using endpoint = await serve(() => {})

    const error = await faultOf({ baseUrl: endpoint.baseUrl, timeoutMs: 50 })

    expect(error).toMatchObject({ code: 'model_timeout' })
    expect(error.message).toContain('sent nothing for 50 ms: try again, or allow it more time')
    expect(endpoint.requests()).toBe(1)
  })

  it('midway is a timeout too', async () => {
    await using endpoint = await serve((_, response) => {
      response.writeHead(200, json).write(completion.slice(0, 20))
    })

    const asked = faultOf({ baseUrl: endpoint.baseUrl, timeoutMs: 50 })

    await expect(asked).resolves.toMatchObject({ code: 'model_timeout' })
    expect(endpoint.requests()).toBe(1)
  })

  it('because the connection breaks is told as that', async () => {
    await using endpoint = await serve((_, response) => {
      response.writeHead(200, { ...json, 'content-length': '1000' })
      response.write(completion.slice(0, 20), () => response.destroy())
    })

    const error = await faultOf({ baseUrl: endpoint.baseUrl })

    expect(error).toMatchObject({ code: 'model_unreachable' })
    expect(error.message).toContain('broke the connection off before its answer was whole')
    expect(inspect(error.cause)).toContain('terminated')
  })

  it('because the connection breaks is asked for again', async () => {
    await using endpoint = await serve((_, response) => {
      if (endpoint.requests() > 1) return answering(200, completion)(_, response)
      response.writeHead(200, { ...json, 'content-length': '1000' })
      response.write(completion.slice(0, 20), () => response.destroy())
    })

    const asked = generate({ baseUrl: endpoint.baseUrl, maxRetries: 1 })

    await expect(asked).resolves.toMatchObject({ content: 'ok' })
    expect(endpoint.requests()).toBe(2)
  })

  it('before anything like HTTP is told as that', async () => {
    const server = createSocketServer((socket) => socket.destroy())
    const port = await listening(server)

    const error = await faultOf({ baseUrl: `http://127.0.0.1:${port}/v1` })
    server.close()

    expect(error).toMatchObject({ code: 'model_unreachable' })
    expect(error.message).toMatch(/broke the connection off .*\((ECONNRESET|UND_ERR_SOCKET)\)/)
  })
})

describe('an answer with status 200', () => {
  const page = '<!doctype html><title>Sign in</title>'

  it.for([
    { name: 'malformed JSON', body: `{"key":"${apiKey}`, says: 'answered with malformed JSON' },
    { name: 'torn JSON', body: '{"key":', type: 'text/plain', says: 'with malformed JSON' },
    { name: 'an empty body', body: '', says: 'ended its answer before it was whole' },
    { name: 'null', body: 'null', says: 'something that is no chat completion' },
    { name: 'no choices', body: '{"choices":[]}', says: 'it said: {"choices":[]}' },
    { name: 'a choice of nothing', body: '{"choices":[{}]}', says: 'no chat completion' },
    { name: 'an error', body: '{"error":{"message":"no credit"}}', says: 'it said: no credit' },
    { name: 'a web page', body: page, type: 'text/html', says: 'a web page, which is no chat' },
    { name: 'a web page as JSON', body: page, says: 'a web page, which is no chat' },
    { name: 'a page as events', body: page, type: 'text/event-stream', says: 'web page, which' },
    { name: 'plain text', body: `hi ${apiKey}`, type: 'text/plain', says: 'it said: hi [API key]' },
  ])('and $name is a bad response', async ({ body, says, type = 'application/json' }) => {
    await using endpoint = await serve(answering(200, body, { 'content-type': type }))

    const error = await faultOf({ baseUrl: endpoint.baseUrl })

    expect(error).toMatchObject({ code: 'model_bad_response' })
    expect(error.message).toContain(says)
    expect(endpoint.requests()).toBe(1)
  })

  it.for([
    {
      name: 'a refusal',
      choice: { message: { content: null, refusal: 'I will not.' }, finish_reason: 'stop' },
      says: 'refused to answer: reword the request, or use another model; it said: I will not.',
    },
    {
      name: 'a stop by the content filter',
      choice: { message: { content: '' }, finish_reason: 'content_filter' },
      says: 'refused to answer',
    },
  ])('and $name is told as that', async ({ choice, says }) => {
    await using endpoint = await serve(answering(200, JSON.stringify({ choices: [choice] })))

    const error = await faultOf({ baseUrl: endpoint.baseUrl })

    expect(error).toMatchObject({ code: 'model_refused' })
    expect(error.message).toContain(says)
  })
})

describe('a retry', () => {
  it.for([
    { name: 'Retry-After in seconds', headers: { 'retry-after': '31' } },
    { name: 'Retry-After as a date', headers: { 'retry-after': 'Fri, 01 Jan 2100 00:00:00 GMT' } },
    { name: 'retry-after-ms', headers: { 'retry-after-ms': '30001', 'retry-after': '1' } },
  ])('is left out when $name asks for more than 30 s', async ({ headers }) => {
    await using endpoint = await serve(answering(503, 'busy', headers))

    const error = await faultOf({ baseUrl: endpoint.baseUrl, maxRetries: 2 })

    expect(error).toMatchObject({ code: 'model_unavailable' })
    expect(error.message).toMatch(/it asks to wait \d+ s, over the 30 s allowed/)
    expect(endpoint.requests()).toBe(1)
  })

  it('is left out when the endpoint forbids it', async () => {
    await using endpoint = await serve(answering(500, '', { 'x-should-retry': 'false' }))

    await faultOf({ baseUrl: endpoint.baseUrl, maxRetries: 2 })

    expect(endpoint.requests()).toBe(1)
  })

  it.for([429, 500, 503])('after %i happens maxRetries times, not more', async (status) => {
    await using endpoint = await serve(answering(status, '', { 'retry-after-ms': '1' }))

    await faultOf({ baseUrl: endpoint.baseUrl, maxRetries: 3 })

    expect(endpoint.requests()).toBe(4)
  })

  it('happens where the endpoint asks for it, whatever the status', async () => {
    const headers = { 'x-should-retry': 'true', 'retry-after-ms': '1' }
    await using endpoint = await serve(answering(400, '', headers))

    await faultOf({ baseUrl: endpoint.baseUrl, maxRetries: 1 })

    expect(endpoint.requests()).toBe(2)
  })

  it('happens after malformed JSON, and not after a web page', async () => {
    await using torn = await serve(answering(200, '{"choices":['))
    await using page = await serve(answering(200, '<!doctype html>'))

    await faultOf({ baseUrl: torn.baseUrl, maxRetries: 1 })
    await faultOf({ baseUrl: page.baseUrl, maxRetries: 1 })

    expect([torn.requests(), page.requests()]).toEqual([2, 1])
  })

  it('does not happen where TLS fails, or a port is refused', async () => {
    await using endpoint = await serve(answering(200, completion))
    const { baseUrl } = endpoint
    const from = performance.now()

    await faultOf({ baseUrl: baseUrl.replace('http', 'https'), maxRetries: 8 })
    await faultOf({ baseUrl: 'http://127.0.0.1:1/v1', maxRetries: 8 })

    // Eight waits would take half a minute.
    expect(performance.now() - from).toBeLessThan(5_000)
  })

  it.for([400, 401, 403, 404, 422])('does not happen after %i', async (status) => {
    await using endpoint = await serve(answering(status, '', { 'retry-after-ms': '1' }))

    await faultOf({ baseUrl: endpoint.baseUrl, maxRetries: 3 })

    expect(endpoint.requests()).toBe(1)
  })
})

describe('an abort', () => {
  it('before the request sends nothing and rejects with its reason', async () => {
    await using endpoint = await serve(answering(200, completion))
    const reason = new Error('the user left')

    const asked = generate({ baseUrl: endpoint.baseUrl }, AbortSignal.abort(reason))

    await expect(asked).rejects.toBe(reason)
    expect(endpoint.requests()).toBe(0)
  })

  it.for([
    { name: 'before the answer', start: () => {} },
    { name: 'amid the answer', start: answering(200, '', { ...json, 'content-length': '9' }) },
    { name: 'amid an error', start: answering(503, '', { ...json, 'content-length': '9' }) },
    { name: 'between two tries', start: answering(429, '', { 'retry-after': '29' }) },
  ])('$name rejects with its reason', async ({ start }) => {
    const stop = new AbortController()
    const reason = new Error('the user left')
    await using endpoint = await serve((incoming, response) => {
      start(incoming, response)
      // Late enough for the client to be where the name says; were it not, the test would still pass.
      setTimeout(() => stop.abort(reason), 20)
    })

    const asked = generate({ baseUrl: endpoint.baseUrl, maxRetries: 2 }, stop.signal)

    await expect(asked).rejects.toBe(reason)
    expect(endpoint.requests()).toBe(1)
  })
})
