import { describe, expect, it } from 'vitest'
import { chunk, eventStream, events, saying, serve } from '../../test/loopback-endpoint.ts'
import type { ModelDelta, ModelRequest } from '../model.ts'
import { createOpenAIModel } from './index.ts'

const request: ModelRequest = {
  agent: 'a',
  instructions: '',
  messages: [{ role: 'user', content: 'hi' }],
  tools: [],
}

/** Asks an endpoint that sends `body`, in these TCP chunks. */
async function ask(body: string | readonly (string | Uint8Array)[], headers: object = eventStream) {
  await using endpoint = await serve(async (_, response) => {
    response.writeHead(200, { ...headers })
    for (const piece of typeof body === 'string' ? [body] : body) {
      await new Promise((written) => response.write(piece, written))
      // What is written in one turn of the loop may travel together.
      await new Promise((resolve) => setImmediate(resolve))
    }
    response.end()
  })
  const deltas: ModelDelta[] = []
  const { baseUrl } = endpoint
  const model = createOpenAIModel({ model: 'm', apiKey: 'sk-1', baseUrl, maxRetries: 0 })
  const response = await model.generate(request, {
    signal: new AbortController().signal,
    onDelta: (delta) => deltas.push(delta),
  })
  return { response, deltas, sent: JSON.parse(endpoint.bodies()[0] ?? '') }
}

const textOf = (deltas: readonly ModelDelta[], kind: ModelDelta['kind']) =>
  deltas.map((delta) => (delta.kind === kind && 'text' in delta ? delta.text : '')).join('')

const calling = (...pieces: readonly object[]) => chunk({ tool_calls: pieces })
const named = (name: string, text = '') => ({ function: { name, arguments: text } })

describe('a streamed answer', () => {
  it('is asked for with its usage', async () => {
    const { sent } = await ask(saying('ok'))

    expect(sent).toMatchObject({ stream: true, stream_options: { include_usage: true } })
  })

  it('is told piece by piece and given whole', async () => {
    const { response, deltas } = await ask(saying('Hel', 'lo', ' there'))

    expect(response).toMatchObject({ content: 'Hello there', toolCalls: [], model: 'm' })
    expect(deltas).toEqual(['Hel', 'lo', ' there'].map((text) => ({ kind: 'text', text })))
  })

  it('names the model that answered', async () => {
    const { response } = await ask(events({ ...chunk({ content: 'x' }), model: 'm-2' }, '[DONE]'))

    expect(response.model).toBe('m-2')
  })

  it.for([
    {
      name: 'comes last, without a choice',
      stream: [chunk({ content: 'x' }, 'stop'), { choices: [], usage: { prompt_tokens: 9 } }],
      usage: { inputTokens: 9, outputTokens: 0 },
    },
    {
      name: 'is on every chunk',
      stream: [1, 2, 3].map((tokens) => ({
        ...chunk({ content: 'x' }, tokens === 3 ? 'stop' : null),
        usage: { prompt_tokens: 7, completion_tokens: tokens },
      })),
      usage: { inputTokens: 7, outputTokens: 3 },
    },
    {
      name: 'is null until it is known',
      stream: [
        { ...chunk({ content: 'x' }), usage: { prompt_tokens: 1, completion_tokens: 1 } },
        { ...chunk({}, 'stop'), usage: null },
      ],
      usage: { inputTokens: 1, outputTokens: 1 },
    },
    {
      name: 'is missing',
      stream: [chunk({ content: 'x' }, 'stop')],
      usage: { inputTokens: 0, outputTokens: 0 },
    },
  ])('has its usage where that $name', async ({ stream, usage }) => {
    const { response } = await ask(events(...stream, '[DONE]'))

    expect(response.usage).toEqual(usage)
  })

  it.for([
    {
      name: 'reasoning_content',
      pieces: [{ reasoning_content: 'hm' }, { reasoning_content: '…' }],
    },
    { name: 'reasoning', pieces: [{ reasoning: 'hm', content: null }, { reasoning: '…' }] },
    { name: 'both', pieces: [{ reasoning: 'hm…', reasoning_content: 'hm…', content: '' }] },
  ])('keeps $name out of its content', async ({ pieces }) => {
    const all = [...pieces, { content: 'four' }].map((delta) => chunk(delta))
    const { response, deltas } = await ask(events(...all, '[DONE]'))

    expect(response.content).toBe('four')
    expect(textOf(deltas, 'reasoning')).toBe('hm…')
    expect(textOf(deltas, 'text')).toBe('four')
  })

  it('takes content that is a list of parts, and leaves thoughts out', async () => {
    const thinking = { type: 'thinking', thinking: [{ type: 'text', text: 'hm' }] }
    const content = [thinking, { type: 'text', text: 'four' }]

    expect((await ask(events(chunk({ content }), '[DONE]'))).response.content).toBe('four')
  })

  it('takes no notice of roles, nulls, unknown fields, other choices and other events', async () => {
    const { response, deltas } = await ask(
      events(
        { type: 'ping' },
        chunk({ role: 'assistant', content: null, refusal: null, tool_calls: null }),
        { ...chunk({ content: 'yes', audio: {}, x: [1] }), x_groq: { id: 1 }, obfuscation: 'aa' },
        { choices: [{ index: 1, delta: { content: 'no' } }] },
        { choices: [{ index: 0, finish_reason: '' }], prompt_filter_results: [{}] },
        { choices: null, id: 'x' },
        chunk({ tool_calls: [], content: '' }, 'stop'),
        '[DONE]',
      ),
    )

    expect(response).toMatchObject({ content: 'yes', toolCalls: [] })
    expect(deltas).toEqual([{ kind: 'text', text: 'yes' }])
  })

  it.for([
    { name: 'with comments for keep-alive', body: `: ping\n\n${saying('ok')}: ping\n\n` },
    { name: 'with CRLF', body: saying('ok').replaceAll('\n', '\r\n') },
    { name: 'with a byte order mark', body: `\uFEFF${saying('ok')}` },
    {
      name: 'with names, numbers and no space',
      body: `id: 1\nevent: x\n${saying('ok')}`.replaceAll('data: ', 'data:'),
    },
    { name: 'that ends without [DONE]', body: events(chunk({ content: 'ok' }, 'stop')) },
    { name: 'that ends without a reason', body: events(chunk({ content: 'ok' }), '[DONE]') },
    {
      name: 'with rubbish behind its end',
      body: `${events(chunk({ content: 'ok' }, 'stop'))}data: {"x\n\n${events({ error: 'late' })}`,
    },
    { name: 'that ends without its last line', body: saying('ok').trimEnd() },
    {
      name: 'in one chunk with a message',
      body: events({ choices: [{ message: { content: 'ok' } }] }, '[DONE]'),
    },
    {
      name: 'with the whole message again',
      body: events(chunk({ content: 'ok' }), {
        choices: [{ message: { content: 'ok' }, finish_reason: 'stop' }],
      }),
    },
  ])('may come $name', async ({ body }) => {
    expect((await ask(body)).response.content).toBe('ok')
  })

  it('may be torn anywhere, within a character and within a line break too', async () => {
    const body = saying('Grüße 🦊', ' aus Wien').replaceAll('\n', '\r\n')
    const bytes = [...new TextEncoder().encode(body)].map((byte) => Uint8Array.of(byte))

    const { response, deltas } = await ask(bytes)

    expect(response.content).toBe('Grüße 🦊 aus Wien')
    expect(deltas).toHaveLength(2)
  })

  it.for(['text/plain', 'application/json', undefined])(
    'is read as a stream where it is called %s',
    async (type) => {
      const headers = type === undefined ? {} : { 'content-type': type }

      expect((await ask(saying('o', 'k'), headers)).response.content).toBe('ok')
    },
  )

  it.for(['application/json', 'text/event-stream', 'text/plain'])(
    'may be one JSON completion that is called %s',
    async (type) => {
      const body = JSON.stringify({ choices: [{ message: { content: 'data: ok' } }] }, null, 2)

      const { response } = await ask(['\n', ...body], { 'content-type': type })

      expect(response.content).toBe('data: ok')
    },
  )

  it.for([
    { after: '[DONE]', body: saying('ok') },
    { after: 'a reason to finish', body: events(chunk({ content: 'ok' }, 'stop')) },
  ])('does not wait for the end of the connection after $after', async ({ body }) => {
    const closed = Promise.withResolvers<void>()
    await using endpoint = await serve((_, response) => {
      response.writeHead(200, eventStream).write(body)
      response.on('close', closed.resolve)
    })
    const model = createOpenAIModel({ model: 'm', apiKey: 'sk-1', baseUrl: endpoint.baseUrl })

    const { signal } = new AbortController()
    await expect(model.generate(request, { signal })).resolves.toMatchObject({ content: 'ok' })
    await closed.promise
  })
})

describe('streamed tool calls', () => {
  const dice = { id: 'call_a', name: 'roll_dice', arguments: '{"sides":6}' }
  const coin = { id: 'call_b', name: 'flip_coin', arguments: '{}' }

  it('are told as they come, with their names', async () => {
    const { deltas } = await ask(
      events(
        calling({ index: 0, id: 'call_a', ...named('roll_dice') }),
        calling({ index: 0, function: { arguments: '{"sides"' } }),
        calling({ index: 1, id: 'call_b', ...named('flip_coin', '{}') }),
        calling({ index: 0, function: { arguments: ':6}' } }),
        '[DONE]',
      ),
    )

    expect(deltas).toEqual([
      { kind: 'tool_call', index: 0, name: 'roll_dice', text: '' },
      { kind: 'tool_call', index: 0, name: 'roll_dice', text: '{"sides"' },
      { kind: 'tool_call', index: 1, name: 'flip_coin', text: '{}' },
      { kind: 'tool_call', index: 0, name: 'roll_dice', text: ':6}' },
    ])
  })

  it.for([
    {
      name: 'with a name in pieces',
      stream: [
        calling({ index: 0, id: 'call_a', ...named('roll') }),
        calling({ index: 0, ...named('_dice') }),
        calling({ index: 0, function: { arguments: '{"sides":6}' } }),
      ],
      calls: [dice],
    },
    {
      name: 'with the name in every piece',
      stream: ['', '{"sides"', ':6}'].map((text) =>
        calling({ index: 0, id: 'call_a', ...named('roll_dice', text) }),
      ),
      calls: [dice],
    },
    {
      name: 'with another id in every piece',
      stream: [
        calling({ index: 0, id: 'call_a', ...named('roll_dice') }),
        calling({ index: 0, id: 'x1', function: { arguments: '{"sides"' } }),
        calling({ index: 0, id: 'x2', function: { arguments: ':6}' } }),
      ],
      calls: [dice],
    },
    {
      name: 'without an index',
      stream: [
        calling({ id: 'call_a', ...named('roll_dice') }),
        calling({ function: { arguments: '{"sides":' } }),
        calling({ function: { arguments: '6}' } }),
        calling({ id: 'call_b', ...named('flip_coin') }),
        calling({ function: { arguments: '{}' } }),
      ],
      calls: [dice, coin],
    },
    {
      name: 'without an index, interleaved by their ids',
      stream: [
        calling({ id: 'call_a', ...named('roll_dice') }, { id: 'call_b', ...named('flip_coin') }),
        calling({ id: 'call_b', function: { arguments: '{}' } }),
        calling({ id: 'call_a', function: { arguments: '{"sides":6}' } }),
      ],
      calls: [dice, coin],
    },
    {
      name: 'without an id',
      stream: [
        calling({ index: 0, ...named('roll_dice', '{"sides"') }),
        calling({ index: 0, function: { arguments: ':6}' } }),
        calling({ index: 1, ...named('flip_coin') }),
      ],
      calls: [
        { ...dice, id: 'call_1' },
        { ...coin, id: 'call_2' },
      ],
    },
    {
      name: 'without an id and an index, one after the other',
      stream: [calling(named('roll_dice', '{"sides":6}')), calling(named('flip_coin', '{}'))],
      calls: [
        { ...dice, id: 'call_1' },
        { ...coin, id: 'call_2' },
      ],
    },
    {
      name: 'without an id and an index, side by side',
      stream: [calling(named('flip_coin'), named('roll_dice', '{"sides":6}'))],
      calls: [
        { ...coin, id: 'call_1' },
        { ...dice, id: 'call_2' },
      ],
    },
    {
      name: 'whole, with the same index',
      stream: [
        calling(
          { index: 0, id: 'call_a', ...named('roll_dice', '{"sides":6}') },
          { index: 0, id: 'call_b', ...named('flip_coin', '{}') },
        ),
      ],
      calls: [dice, coin],
    },
    {
      name: 'whole, without an index',
      stream: [
        calling(
          { id: 'call_a', ...named('roll_dice', '{"sides":6}') },
          { id: 'call_b', ...named('flip_coin', '{}') },
        ),
      ],
      calls: [dice, coin],
    },
    {
      name: 'with arguments that are an object',
      stream: [
        calling({
          index: 0,
          id: 'call_a',
          function: { name: 'roll_dice', arguments: { sides: 6 } },
        }),
      ],
      calls: [dice],
    },
  ])('may come $name', async ({ stream, calls }) => {
    const { response } = await ask(events(...stream, chunk({}, 'tool_calls'), '[DONE]'))

    expect(response.toolCalls).toEqual(calls)
  })
})
