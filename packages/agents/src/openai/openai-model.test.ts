import { isChatCompletionBody, LLMock } from '@copilotkit/aimock'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { ModelRequest } from '../model.ts'
import { ModelError } from '../model-error.ts'
import { createOpenAIModel } from './index.ts'

const endpoint = new LLMock({ port: 0, strict: true, auth: { apiKeys: ['sk-good-key-1234'] } })

beforeAll(async () => {
  await endpoint.start()
})
afterAll(async () => {
  await endpoint.stop()
})
beforeEach(() => {
  endpoint.clearFixtures()
  endpoint.clearRequests()
})

function modelOf(options: { apiKey?: string; model?: string; maxRetries?: number } = {}) {
  return createOpenAIModel({
    model: 'gpt-test',
    apiKey: 'sk-good-key-1234',
    baseUrl: `${endpoint.url}/v1`,
    ...options,
  })
}

function requestOf(parts: Partial<ModelRequest> = {}): ModelRequest {
  return {
    agent: 'the-planner-role',
    instructions: 'You plan.',
    messages: [{ role: 'user', content: 'make a plan' }],
    tools: [],
    ...parts,
  }
}

const signal = new AbortController().signal

const sentBodies = () => endpoint.getRequests().map(({ body }) => body)

const tools = ['roll_dice', 'flip_coin'].map((name) => ({
  name,
  description: `does ${name}`,
  parameters: { type: 'object', properties: { sides: { type: 'integer' } } },
}))

const output = {
  name: 'plan.ready',
  schema: { type: 'object', properties: { steps: { type: 'array', items: { type: 'string' } } } },
}

describe('a text answer', () => {
  it('comes with its usage and the name of the model that answered', async () => {
    endpoint.onMessage('make a plan', {
      content: 'First, think.',
      model: 'gpt-test-2026-11',
      usage: { prompt_tokens: 21, completion_tokens: 4 },
    })

    await expect(modelOf().generate(requestOf(), { signal })).resolves.toEqual({
      content: 'First, think.',
      toolCalls: [],
      usage: { inputTokens: 21, outputTokens: 4 },
      model: 'gpt-test-2026-11',
    })
  })

  it('is asked for with the instructions as the system message and nothing unset', async () => {
    endpoint.onMessage('make a plan', { content: 'ok' })

    await modelOf().generate(requestOf(), { signal })

    const [body] = sentBodies()
    expect(body).toMatchObject({
      model: 'gpt-test',
      messages: [
        { role: 'system', content: 'You plan.' },
        { role: 'user', content: 'make a plan' },
      ],
    })
    for (const unset of ['temperature', 'max_tokens', 'tools', 'response_format']) {
      expect(body).not.toHaveProperty(unset)
    }
    expect(JSON.stringify(body)).not.toContain('the-planner-role')
  })

  it('is asked for with the temperature, the token limit and the model of the request', async () => {
    endpoint.onMessage('make a plan', { content: 'ok' })

    const request = requestOf({ model: 'gpt-other', temperature: 0, maxTokens: 50 })
    await modelOf().generate(request, { signal })

    expect(sentBodies()).toMatchObject([{ model: 'gpt-other', temperature: 0, max_tokens: 50 }])
  })

  it('is asked for without a system message where there are no instructions', async () => {
    endpoint.onMessage('make a plan', { content: 'ok' })

    await modelOf().generate(requestOf({ instructions: '' }), { signal })

    expect(sentBodies()).toMatchObject([{ messages: [{ role: 'user' }] }])
  })
})

describe('tool calls', () => {
  it('come two at once, and their results go back with them', async () => {
    const calls = [
      { id: 'call_a', name: 'roll_dice', arguments: '{"sides":6}' },
      { id: 'call_b', name: 'flip_coin', arguments: '{}' },
    ]
    endpoint.on({ userMessage: 'play', hasToolResult: false }, { toolCalls: calls })
    endpoint.on({ userMessage: 'play', hasToolResult: true }, { content: 'A four, and heads.' })
    const model = modelOf()
    const first = requestOf({ messages: [{ role: 'user', content: 'play' }], tools })

    const wish = await model.generate(first, { signal })
    expect(wish).toMatchObject({ content: '', toolCalls: calls })

    const second = requestOf({
      tools,
      messages: [
        ...first.messages,
        { role: 'assistant', content: wish.content, toolCalls: wish.toolCalls },
        { role: 'tool', toolCallId: 'call_a', content: '4' },
        { role: 'tool', toolCallId: 'call_b', content: '"heads"' },
      ],
    })
    const answer = await model.generate(second, { signal })
    expect(answer).toMatchObject({ content: 'A four, and heads.', toolCalls: [] })

    const [, body] = sentBodies()
    expect(body).not.toHaveProperty('parallel_tool_calls')
    expect(body).toMatchObject({
      tools: tools.map((tool) => ({ type: 'function', function: tool })),
      messages: [
        { role: 'system' },
        { role: 'user' },
        {
          role: 'assistant',
          content: null,
          tool_calls: calls.map(({ id, name, arguments: text }) => ({
            id,
            type: 'function',
            function: { name, arguments: text },
          })),
        },
        { role: 'tool', tool_call_id: 'call_a', content: '4' },
        { role: 'tool', tool_call_id: 'call_b', content: '"heads"' },
      ],
    })
  })
})

describe('structured output', () => {
  it('is asked for by strict JSON schema, beside tools too', async () => {
    endpoint.onMessage('make a plan', { content: { steps: ['think'] } })

    const answer = await modelOf().generate(requestOf({ output, tools }), { signal })

    expect(JSON.parse(answer.content)).toEqual({ steps: ['think'] })
    expect(sentBodies()).toMatchObject([
      {
        tools: [{}, {}],
        response_format: {
          type: 'json_schema',
          json_schema: { name: 'plan_ready', schema: output.schema, strict: true },
        },
      },
    ])
  })

  // Answers like an endpoint that knows only some response formats.
  function knowOnly(known: readonly string[], refusal: { status: number; message: string }) {
    endpoint.on({ endpoint: 'chat' }, ({ response_format }) =>
      known.includes(response_format?.type ?? 'none')
        ? { content: '{"steps":[]}' }
        : { status: refusal.status, error: { message: refusal.message } },
    )
  }

  const formatsSent = () =>
    sentBodies().map((body) =>
      isChatCompletionBody(body) ? (body.response_format?.type ?? 'none') : 'no chat',
    )

  it('falls back to a JSON object with the schema in words, and remembers that', async () => {
    knowOnly(['json_object'], { status: 400, message: 'json_schema is not supported' })
    const model = modelOf()

    await model.generate(requestOf({ output, tools }), { signal })
    await model.generate(requestOf({ output }), { signal })

    expect(formatsSent()).toEqual(['json_schema', 'json_object', 'json_object'])
    const [, body] = sentBodies()
    expect(body).toMatchObject({ tools: [{}, {}] })
    expect(JSON.stringify(body)).toContain(
      JSON.stringify(JSON.stringify(output.schema)).slice(1, -1),
    )
  })

  it('falls back to words alone where no response format is known', async () => {
    knowOnly(['none'], { status: 422, message: 'unknown field: response_format' })
    const model = modelOf()

    const answer = await model.generate(requestOf({ output }), { signal })
    await model.generate(requestOf({ output }), { signal })

    expect(answer.content).toBe('{"steps":[]}')
    expect(formatsSent()).toEqual(['json_schema', 'json_object', 'none', 'none'])
  })

  it('gives up where not even words help', async () => {
    knowOnly([], { status: 400, message: 'json_schema is not supported' })

    const asked = modelOf().generate(requestOf({ output }), { signal })

    await expect(asked).rejects.toMatchObject({ code: 'model_bad_request', status: 400 })
    expect(formatsSent()).toEqual(['json_schema', 'json_object', 'none'])
  })

  it('remembers what works for each model apart', async () => {
    knowOnly(['json_object'], { status: 400, message: 'json_schema is not supported' })
    const model = modelOf()

    await model.generate(requestOf({ output }), { signal })
    await model.generate(requestOf({ output, model: 'gpt-other' }), { signal })

    expect(formatsSent()).toEqual(['json_schema', 'json_object', 'json_schema', 'json_object'])
  })

  it.for([
    {
      what: 'for a fault in the schema itself',
      status: 400,
      message: "Invalid schema for response_format 'plan_ready'",
    },
    { what: 'for another fault', status: 400, message: 'messages: too long' },
    { what: 'for another status', status: 403, message: 'json_schema is for paying users' },
  ])('does not fall back $what', async ({ status, message }) => {
    knowOnly([], { status, message })

    const asked = modelOf().generate(requestOf({ output }), { signal })

    await expect(asked).rejects.toThrow(message)
    expect(formatsSent()).toEqual(['json_schema'])
  })
})

it('calls the token limit by its new name where a model wants that, and remembers it', async () => {
  endpoint.on({ endpoint: 'chat' }, (request) =>
    'max_tokens' in request
      ? { status: 400, error: { message: "Use 'max_completion_tokens' instead." } }
      : { content: 'ok' },
  )
  const model = modelOf()

  await model.generate(requestOf({ maxTokens: 9 }), { signal })
  await model.generate(requestOf({ maxTokens: 9 }), { signal })

  expect(sentBodies()).toMatchObject([
    { max_tokens: 9 },
    { max_completion_tokens: 9 },
    { max_completion_tokens: 9 },
  ])
})

describe('retries', () => {
  const limited = { status: 429, retryAfter: 0, error: { message: 'slow down' } }

  it('end with the first answer', async () => {
    let tries = 0
    endpoint.onMessage('make a plan', () => (tries++ < 2 ? limited : { content: 'at last' }))

    await expect(modelOf().generate(requestOf(), { signal })).resolves.toMatchObject({
      content: 'at last',
    })
    expect(endpoint.getRequests()).toHaveLength(3)
  })

  it.for([0, 1, 2])('number at most %i when the client may retry so often', async (maxRetries) => {
    endpoint.onMessage('make a plan', limited)

    const asked = modelOf({ maxRetries }).generate(requestOf(), { signal })

    await expect(asked).rejects.toMatchObject({ code: 'model_rate_limited', status: 429 })
    expect(endpoint.getRequests()).toHaveLength(1 + maxRetries)
  })

  it('do not happen when the endpoint asks for a wait over 30 s', async () => {
    endpoint.onMessage('make a plan', { ...limited, retryAfter: 3600 })

    const asked = modelOf().generate(requestOf(), { signal })

    await expect(asked).rejects.toThrow(
      'limits the rate (429): it asks to wait 3600 s, over the 30 s allowed',
    )
    expect(endpoint.getRequests()).toHaveLength(1)
  })
})

it('says which key to check when the endpoint refuses it', async () => {
  const asked = modelOf({ apiKey: 'sk-wrong-key-5678' }).generate(requestOf(), { signal })

  await expect(asked).rejects.toMatchObject({
    name: 'ModelError',
    code: 'model_unauthorized',
    status: 401,
    endpoint: `${endpoint.url}/v1`,
    model: 'gpt-test',
    message: expect.stringMatching(/refused the API key \(401\): check the key/),
  })
})

describe('at construction', () => {
  it('takes its name from the model', () => {
    expect(modelOf({ model: 'gpt-mini' }).name).toBe('gpt-mini')
  })

  it.for([
    {
      what: 'a base URL that is none',
      options: { baseUrl: 'localhost' },
      says: /'localhost'.*baseUrl is no http or https URL: write/,
    },
    {
      what: 'a base URL without a protocol',
      options: { baseUrl: 'me:pw9@host?token=pw9' },
      says: /at 'host' cannot be set up: baseUrl is no http or https URL: write/,
    },
    { what: 'a model of two lines', options: { model: 'a\nb', timeoutMs: -1 }, says: /'a b'/ },
    {
      what: 'another protocol',
      options: { baseUrl: 'ftp://h/v1' },
      says: /baseUrl is no http or https URL: write/,
    },
    {
      what: 'credentials in the base URL',
      options: { baseUrl: 'http://me:pw9@h/v1' },
      says: /at http:\/\/h\/v1 .*password in it/,
    },
    {
      what: 'a base URL with a fragment',
      options: { baseUrl: 'http://h:1/v1#pw9' },
      says: /at http:\/\/h:1\/v1 cannot be set up: baseUrl has a fragment: leave out the '#'/,
    },
    {
      what: 'a base URL that ends with an empty fragment',
      options: { baseUrl: 'http://h:1/v1#' },
      says: /baseUrl has a fragment/,
    },
    {
      what: 'a port that is none',
      options: { baseUrl: 'http://host:99999/v1' },
      says: /'http:\/\/host:99999\/v1' .*baseUrl has a port that is none: write one from 1 to/,
    },
    {
      what: 'a password that ends the host',
      options: { baseUrl: 'http://me:pw9#1@h/v1' },
      says: /at 'http:\/\/h\/v1' cannot be set up/,
    },
    { what: 'an empty model', options: { model: '' }, says: /model is empty/ },
    { what: 'an empty key', options: { apiKey: '' }, says: /apiKey is empty/ },
    {
      what: 'a key with a line break',
      options: { apiKey: 'sk-split\nkey' },
      says: /apiKey .* line break/,
    },
    { what: 'no time', options: { timeoutMs: 0 }, says: /timeoutMs/ },
    { what: 'half a retry', options: { maxRetries: 0.5 }, says: /maxRetries/ },
  ])('refuses $what', ({ options, says }) => {
    const make = () => createOpenAIModel({ model: 'm', apiKey: 'k', ...options })

    expect(make).toThrow(ModelError)
    expect(make).toThrow(says)
    expect(make).not.toThrow(/pw9|sk-split/)
  })
})
