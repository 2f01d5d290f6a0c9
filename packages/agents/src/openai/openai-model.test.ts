import { isChatCompletionBody, LLMock } from '@copilotkit/aimock'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { ModelDelta, ModelRequest } from '../model.ts'
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
  schema: {
    type: 'object',
    properties: { steps: { type: 'array', items: { type: 'string' } } },
    required: ['steps'],
    additionalProperties: false,
  },
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

  it('is asked for by a schema that is not strict where strict mode cannot say it', async () => {
    endpoint.onMessage('make a plan', { content: {} })
    const schema = { ...output.schema, required: [] }

    await modelOf().generate(requestOf({ output: { ...output, schema } }), { signal })

    expect(sentBodies()).toMatchObject([
      { response_format: { json_schema: { schema, strict: false } } },
    ])
  })

  it('is asked for by a schema that is not strict where the endpoint finds a fault in it', async () => {
    const strictOf = (body: unknown) => JSON.stringify(body).includes('"strict":true')
    endpoint.on({ endpoint: 'chat' }, (body) =>
      strictOf(body)
        ? { status: 400, error: { message: "Invalid schema for response_format 'plan_ready'" } }
        : { content: '{"steps":[]}' },
    )
    const model = modelOf()

    await model.generate(requestOf({ output }), { signal })
    await model.generate(requestOf({ output }), { signal })

    expect(sentBodies().map(strictOf)).toEqual([true, false, false])
  })

  it('is asked for in words beside tools where they go together in no other way', async () => {
    endpoint.on({ endpoint: 'chat' }, ({ tools: asked, response_format }) =>
      asked !== undefined && response_format !== undefined
        ? {
            status: 400,
            error: { message: 'json mode cannot be combined with tool/function calling' },
          }
        : { content: '{"steps":[]}' },
    )
    const model = modelOf()

    await model.generate(requestOf({ output, tools }), { signal })
    await model.generate(requestOf({ output, tools }), { signal })
    await model.generate(requestOf({ output }), { signal })

    expect(formatsSent()).toEqual(['json_schema', 'none', 'none', 'json_schema'])
    expect(JSON.stringify(sentBodies()[1])).toContain('When you call no tool, answer with one JSON')
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

it('says where the endpoint refuses a schema that is not strict already', async () => {
  const message = "Invalid schema for response_format 'plan_ready'"
  endpoint.on({ endpoint: 'chat' }, { status: 400, error: { message } })

  const asked = modelOf().generate(requestOf({ output: { name: 'a', schema: {} } }), { signal })

  await expect(asked).rejects.toThrow(message)
  expect(endpoint.getRequests()).toHaveLength(1)
})

describe('an endpoint that refuses to stream', () => {
  const streamsSent = () =>
    sentBodies().map((body) =>
      isChatCompletionBody(body) ? [body.stream, 'stream_options' in body] : body,
    )

  it.for([
    { what: 'with usage', message: "loc: ['body', 'stream_options', 'include_usage'] is extra" },
    { what: 'with options', message: 'Unknown parameter: stream_options' },
  ])('$what is asked without, which is remembered', async ({ message }) => {
    endpoint.on({ endpoint: 'chat' }, (body) =>
      'stream_options' in body ? { status: 422, error: { message } } : { content: 'ok' },
    )
    const model = modelOf()

    await model.generate(requestOf(), { signal })
    await model.generate(requestOf(), { signal })

    expect(streamsSent()).toEqual([
      [true, true],
      [true, false],
      [true, false],
    ])
  })

  it('at all is asked for the whole answer, which is remembered', async () => {
    const message = 'Your organization must be verified to stream this model.'
    endpoint.on({ endpoint: 'chat' }, (body) =>
      body.stream ? { status: 400, error: { message } } : { content: 'ok' },
    )
    const model = modelOf()

    await model.generate(requestOf(), { signal })
    await expect(model.generate(requestOf(), { signal })).resolves.toMatchObject({ content: 'ok' })

    expect(streamsSent()).toEqual([
      [true, true],
      [undefined, false],
      [undefined, false],
    ])
  })

  it('step by step is asked step by step, with one budget of retries for all steps', async () => {
    let tries = 0
    endpoint.on({ endpoint: 'chat' }, (body) => {
      if ('stream_options' in body) return { status: 400, error: { message: 'stream_options?' } }
      if (body.stream) {
        return tries++ === 0
          ? { status: 503, retryAfter: 0, error: { message: 'busy' } }
          : { status: 400, error: { message: 'no streaming here' } }
      }
      return { status: 503, retryAfter: 0, error: { message: 'busy' } }
    })

    const asked = modelOf({ maxRetries: 2 }).generate(requestOf(), { signal })

    await expect(asked).rejects.toMatchObject({ code: 'model_unavailable' })
    // Two steps down, and two retries in all.
    expect(streamsSent()).toEqual([
      [true, true],
      [true, false],
      [true, false],
      [undefined, false],
      [undefined, false],
    ])
  })
})

describe('an endpoint that knows no tools', () => {
  it.for([
    { status: 400, message: 'registry.ollama.ai/library/gemma:2b does not support tools' },
    { status: 404, message: 'No endpoints found that support tool use' },
    { status: 400, message: '"auto" tool choice requires --enable-auto-tool-choice to be set' },
    {
      status: 422,
      message:
        '[{"type":"extra_forbidden","loc":["body","tools"],"msg":"Extra inputs are not permitted"}]',
    },
  ])('is told as that: $message', async ({ status, message }) => {
    endpoint.on({ endpoint: 'chat' }, { status, error: { message } })

    const asked = modelOf().generate(requestOf({ tools, output }), { signal })

    await expect(asked).rejects.toMatchObject({
      code: 'model_bad_request',
      status,
      message: expect.stringMatching(
        /^model 'gpt-test' at \S+ refused the request because of its tools \(4\d\d\): use a model that can call tools, .*; it said: /,
      ),
    })
    expect(endpoint.getRequests()).toHaveLength(1)
  })

  it('is no explanation where none were sent', async () => {
    endpoint.on({ endpoint: 'chat' }, { status: 400, error: { message: 'no tools supported' } })

    await expect(modelOf().generate(requestOf(), { signal })).rejects.toThrow(
      'refused the request (400)',
    )
  })
})

describe('a stream', () => {
  const long = { content: 'one two three four five six' }

  it('that is truncated is asked for again', async () => {
    endpoint.on({ userMessage: 'make a plan', sequenceIndex: 0 }, long, {
      chunkSize: 4,
      truncateAfterChunks: 3,
      latency: 1,
    })
    endpoint.on({ userMessage: 'make a plan', sequenceIndex: 1 }, long)
    const retries: ModelDelta[] = []

    const answer = await modelOf().generate(requestOf(), {
      signal,
      onDelta: (delta) => delta.kind === 'retry' && retries.push(delta),
    })

    expect(answer).toMatchObject(long)
    expect(retries).toMatchObject([{ reason: expect.stringMatching(/broke|ended/) }])
    expect(endpoint.getRequests()).toHaveLength(2)
  })

  it('may think before it answers', async () => {
    endpoint.onMessage('make a plan', { content: 'Four.', reasoning: 'two and two' })
    const told: Record<string, string> = {}

    const answer = await modelOf().generate(requestOf(), {
      signal,
      onDelta(delta) {
        if ('text' in delta) told[delta.kind] = (told[delta.kind] ?? '') + delta.text
      },
    })

    expect(answer.content).toBe('Four.')
    expect(told).toEqual({ reasoning: 'two and two', text: 'Four.' })
  })

  it('of tool calls is put together', async () => {
    const toolCalls = [
      { id: 'call_a', name: 'roll_dice', arguments: '{"sides":6,"times":[1,2,3]}' },
      { id: 'call_b', name: 'flip_coin', arguments: '{}' },
    ]
    endpoint.onMessage('make a plan', { toolCalls }, { chunkSize: 3 })

    const answer = await modelOf().generate(requestOf({ tools }), { signal })

    expect(answer).toMatchObject({ content: '', toolCalls })
  })
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
