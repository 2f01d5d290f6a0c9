import { describe, expect, it } from 'vitest'
import { type AnsweringOptions, answeringEndpoint } from '../../test/answering-endpoint.ts'
import { serve } from '../../test/loopback-endpoint.ts'
import { type CheckEndpointOptions, checkEndpoint, type EndpointCheck } from './check-endpoint.ts'

const KEY = 'sk-only-for-this-test-4711'

/** The checks of an endpoint, with what it was sent. No result holds the key. */
async function check(answers: AnsweringOptions = {}, options: Partial<CheckEndpointOptions> = {}) {
  await using endpoint = await answeringEndpoint(answers)
  const checks: EndpointCheck[] = []
  for await (const result of checkEndpoint({
    ...{ model: 'gpt-test', apiKey: KEY, baseUrl: endpoint.baseUrl },
    ...options,
  })) {
    checks.push(result)
  }
  expect(JSON.stringify(checks)).not.toContain(KEY)
  return {
    checks,
    statuses: checks.map(({ status }) => status).join(' '),
    requests: endpoint.requests,
    baseUrl: endpoint.baseUrl,
  }
}

/** An endpoint that is no longer there. */
async function closedEndpoint() {
  await using endpoint = await answeringEndpoint()
  return endpoint
}

const refusal = (status: number, message: string) => ({
  status,
  body: JSON.stringify({ error: { message } }),
})

describe('an endpoint that can do everything', () => {
  it('is ok after four small requests, none of which is made again', async () => {
    const { checks, requests, baseUrl } = await check()

    expect(checks).toMatchObject([
      {
        ...{ name: 'endpoint', status: 'ok' },
        detail: `${baseUrl} offers 2 models, 'gpt-test' among them`,
      },
      {
        ...{ name: 'model', status: 'ok' },
        detail: expect.stringMatching(/^the model answers.*, 12 tokens in and 3 out$/),
      },
      { name: 'tool_calling', status: 'ok', detail: 'the model calls tools' },
      { name: 'structured_output', status: 'ok', detail: 'the answer fits the JSON schema' },
    ])
    expect(requests.map(({ route }) => route)).toEqual([
      ...['GET /v1/models', 'POST /v1/chat/completions', 'POST /v1/chat/completions'],
      'POST /v1/chat/completions',
    ])
    expect(new Set(requests.map(({ key }) => key))).toEqual(new Set([`Bearer ${KEY}`]))
    for (const { body } of requests) expect(body.length).toBeLessThan(1_000)
  })

  it('gives each result as it comes', async () => {
    await using endpoint = await answeringEndpoint()
    const { baseUrl } = endpoint
    const counts: number[] = []

    for await (const _ of checkEndpoint({ model: 'gpt-test', apiKey: KEY, baseUrl })) {
      counts.push(endpoint.requests.length)
    }

    expect(counts).toEqual([1, 2, 3, 4])
  })

  it('keeps the query of its base URL', async () => {
    await using endpoint = await answeringEndpoint()
    const baseUrl = `${endpoint.baseUrl}/?api-version=2`

    for await (const result of checkEndpoint({ model: 'gpt-test', apiKey: KEY, baseUrl })) {
      expect(result.status).toBe('ok')
    }

    expect(endpoint.requests[0]?.route).toBe('GET /v1/models?api-version=2')
  })
})

describe('an endpoint that cannot be used', () => {
  it('is asked once where it refuses the key', async () => {
    const { checks, statuses, requests } = await check({
      models: refusal(401, `Incorrect API key provided: ${KEY}`),
    })

    expect(statuses).toBe('failed skipped skipped skipped')
    expect(requests).toHaveLength(1)
    expect(checks[0]?.detail).toMatch(/refused the API key \(401\); it said: Incorrect API key/)
    expect(checks[1]?.detail).toBe('not asked, since endpoint failed')
  })

  it('is not asked on where nothing listens', async () => {
    const { baseUrl } = await closedEndpoint()
    const { checks, statuses } = await check({}, { baseUrl })

    expect(statuses).toBe('failed skipped skipped skipped')
    expect(checks[0]?.detail).toBe(
      `${baseUrl} cannot be reached: nothing listens there (ECONNREFUSED)`,
    )
    expect(checks[0]?.nextStep).toMatch(/^check that the endpoint runs/)
  })

  it('is asked twice where it does not know the model, and does not list it', async () => {
    const { checks, statuses, requests } = await check(
      { chat: () => refusal(404, 'The model does not exist') },
      { model: 'gpt-tset' },
    )

    expect(statuses).toBe('limited failed skipped skipped')
    expect(requests).toHaveLength(2)
    expect(checks[0]?.detail).toMatch(/offers 2 models, and 'gpt-tset' is not among them$/)
    expect(checks[0]?.nextStep).toBe("check the model's name; there is 'gpt-test', 'other'")
    expect(checks[1]?.detail).toMatch(/^model 'gpt-tset' at http\S+ was not found \(404\): check/)
  })

  it('is asked twice, and not again, where it is not available', async () => {
    const busy = refusal(503, 'overloaded')
    const { checks, statuses, requests } = await check({ models: busy, chat: () => busy })

    expect(statuses).toBe('limited failed skipped skipped')
    expect(requests).toHaveLength(2)
    expect(checks[1]?.detail).toMatch(/is not available \(503\)/)
  })

  it('is refused at once where the base URL is none', () => {
    const wrong = () => checkEndpoint({ model: 'm', apiKey: KEY, baseUrl: 'localhost:1' })

    expect(wrong).toThrow(/cannot be set up: baseUrl is no http or https URL/)
    expect(wrong).not.toThrow(KEY)
  })

  it('ends with the reason of its signal', async () => {
    const { signal } = { signal: AbortSignal.abort(new Error('stop')) }

    await expect(check({}, { signal })).rejects.toThrow('stop')
  })
})

describe('the list of models', () => {
  it.for([404, 405, 501])('may be missing (%i)', async (status) => {
    const { checks, statuses } = await check({ models: { status, body: '' } })

    expect(statuses).toBe('ok ok ok ok')
    expect(checks[0]?.detail).toMatch(`can be reached; it lists no models (${status})`)
  })

  it.for([
    { status: 403, message: 'not allowed' },
    { status: 401, message: 'You have insufficient permissions. Missing scopes: api.model.read' },
  ])('may be closed to the key ($status)', async ({ status, message }) => {
    const { checks, statuses } = await check({ models: refusal(status, message) })

    expect(statuses).toBe('limited ok ok ok')
    expect(checks[0]?.detail).toMatch(/does not let this API key list models/)
  })

  it('may be something else', async () => {
    const { checks, statuses } = await check({
      models: { status: 200, body: '<html><title>Welcome to nginx!</title></html>' },
    })

    expect(statuses).toBe('limited ok ok ok')
    expect(checks[0]?.detail).toMatch(/but not with a list of models: Welcome to nginx!$/)
    expect(checks[0]?.nextStep).toMatch(/check that the base URL ends where the API begins/)
  })

  it.for([
    { body: { data: [{ id: 'gpt-test:latest' }] }, how: 'as Ollama' },
    { body: { data: [{ id: 'models/gpt-test' }] }, how: 'as Gemini' },
    { body: [{ id: 'gpt-test' }], how: 'as Together' },
  ])('may name the model $how does', async ({ body }) => {
    const { checks } = await check({ models: { status: 200, body: JSON.stringify(body) } })

    expect(checks[0]).toMatchObject({
      ...{ status: 'ok', detail: expect.stringMatching(/offers 1 model, 'gpt-test' among them$/) },
    })
  })
})

describe('a model with limits', () => {
  it('may come without usage', async () => {
    const { checks, statuses } = await check({
      chat: ({ tools, response_format }) =>
        tools === undefined && response_format === undefined
          ? { content: 'ready', usage: null }
          : undefined,
    })

    expect(statuses).toBe('ok limited ok ok')
    expect(checks[1]?.detail).toMatch(/does not say how many tokens it used$/)
  })

  it('may have nothing to say', async () => {
    const { checks } = await check({
      chat: ({ tools, response_format }) =>
        tools === undefined && response_format === undefined ? { content: '' } : undefined,
    })

    expect(checks[1]).toMatchObject({ status: 'limited' })
    expect(checks[1]?.detail).toMatch(/^the model answered without a word/)
  })

  it('may think for longer than a check lets it', async () => {
    const { statuses } = await check({
      chat: ({ tools, response_format }) =>
        tools === undefined && response_format === undefined
          ? { content: '', finish: 'length' }
          : undefined,
    })

    expect(statuses).toBe('ok limited ok ok')
  })

  it('may refuse tools, and still be asked for structured output', async () => {
    const { checks, statuses, requests } = await check({
      chat: ({ tools }) =>
        tools === undefined ? undefined : refusal(400, 'gpt-test does not support tools'),
    })

    expect(statuses).toBe('ok ok failed ok')
    expect(requests).toHaveLength(4)
    expect(checks[2]?.detail).toMatch(/refused the request[^\n]+it said: gpt-test does not support/)
  })

  it('may ignore tools', async () => {
    const { checks, statuses } = await check({ chat: ({ tools }) => tools && { content: '5' } })

    expect(statuses).toBe('ok ok failed ok')
    expect(checks[2]?.detail).toBe('the model was told to call a tool, and did not')
  })

  it('may call a tool with arguments that do not fit', async () => {
    const { checks, statuses } = await check({
      chat: ({ tools }) => tools && { call: 'add', arguments: '{"a":"two"' },
    })

    expect(statuses).toBe('ok ok limited ok')
    expect(checks[2]?.detail).toMatch(/the arguments of its call do not fit: it is not JSON$/)
  })

  it('may answer by no schema', async () => {
    const { checks, statuses } = await check({
      chat: ({ response_format }) => response_format && { content: '{"ready":"yes"}' },
    })

    expect(statuses).toBe('ok ok ok failed')
    expect(checks[3]?.detail).toMatch(
      /^the answer does not fit the JSON schema: ready: .*; sum: .*; it was: /,
    )
  })

  it('may put its answer into a code fence', async () => {
    const content = '```json\n{"ready":true,"sum":5}\n```'
    const { statuses } = await check({
      chat: ({ response_format }) => response_format && { content },
    })

    expect(statuses).toBe('ok ok ok ok')
  })

  it('works behind an endpoint that takes no JSON schema', async () => {
    const { checks, requests } = await check({
      chat: ({ response_format }) =>
        response_format?.type === 'json_schema'
          ? refusal(400, "response_format 'json_schema' is not supported")
          : undefined,
    })

    expect(checks[3]?.status).toBe('limited')
    expect(requests).toHaveLength(5)
  })
})

it('does not follow a redirection, which would be further requests', async () => {
  await using endpoint = await serve((_, response) => {
    response.writeHead(301, { location: 'https://elsewhere.example/v1' }).end()
  })
  const details: string[] = []

  const { baseUrl } = endpoint
  for await (const { detail } of checkEndpoint({ model: 'gpt-test', apiKey: KEY, baseUrl })) {
    details.push(detail)
  }

  expect(details.slice(0, 2)).toEqual([
    expect.stringMatching(
      /did not list its models \(301\); it said: https:\/\/elsewhere\.example\/v1$/,
    ),
    expect.stringMatching(/redirects the request \(301\).*https:\/\/elsewhere\.example\/v1$/),
  ])
  expect(endpoint.requests()).toBe(2)
})
