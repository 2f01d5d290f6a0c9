import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import {
  createOfflineModel,
  type ModelMessage,
  type ModelRequest,
  type ModelResponse,
  type Worker,
} from '@nanoagent/agents'
import { canonicalHash } from '@nanoagent/bus'
import { z } from 'zod'

/** A request that reached the endpoint whole. */
export interface SentRequest {
  /** The API key, which says who has sent it. */
  readonly sender: string
  /** `requestIdentity` of what it asks. */
  readonly identity: string
}

/** A model that is asked over HTTP, and remembers by whom and what. */
export interface ModelEndpoint extends AsyncDisposable {
  readonly baseUrl: string
  readonly requests: readonly SentRequest[]
}

/** What tells the model requests of a run apart, on both sides of the wire. */
export function requestIdentity({
  agent,
  messages,
}: {
  readonly agent: string
  readonly messages: readonly unknown[]
}): string {
  return `${agent} ${canonicalHash(messages)}`
}

const Call = z.object({
  id: z.string(),
  function: z.object({ name: z.string(), arguments: z.string() }),
})

const Line = z.discriminatedUnion('role', [
  z.object({ role: z.literal('system'), content: z.string() }),
  z.object({ role: z.literal('user'), content: z.string() }),
  z.object({ role: z.literal('tool'), tool_call_id: z.string(), content: z.string() }),
  z.object({
    role: z.literal('assistant'),
    content: z.string().nullable(),
    tool_calls: z.array(Call).optional(),
  }),
])

const Body = z.object({
  model: z.string(),
  messages: z.array(Line),
  stream: z.boolean().default(false),
  tools: z
    .array(
      z.object({
        function: z.object({
          name: z.string(),
          description: z.string(),
          parameters: z.record(z.string(), z.unknown()),
        }),
      }),
    )
    .default([]),
  response_format: z
    .object({
      json_schema: z.object({ name: z.string(), schema: z.record(z.string(), z.unknown()) }),
    })
    .optional(),
})

type Body = z.output<typeof Body>

/**
 * Plays the built-in offline model for these agents over the OpenAI API, on the loopback. It answers at
 * once, or when `opened` has resolved.
 */
export async function playModel(
  agents: readonly Worker[],
  opened: Promise<void> = Promise.resolve(),
): Promise<ModelEndpoint> {
  const model = createOfflineModel(agents)
  const requests: SentRequest[] = []
  const answer = async (incoming: IncomingMessage, response: ServerResponse) => {
    const body = Body.parse(JSON.parse(await textOf(incoming)))
    const request = readRequest(body, agents)
    const sender = incoming.headers.authorization?.replace(/^Bearer /, '') ?? ''
    requests.push({ sender, identity: requestIdentity(request) })
    await opened
    const { signal } = new AbortController()
    send(response, await model.generate(request, { signal }), body.stream)
  }
  const server = createServer((incoming, response) => {
    answer(incoming, response).catch((error: unknown) => {
      // Whoever asked may be dead by now.
      if (!response.writableEnded)
        response.writeHead(400).end(JSON.stringify({ error: String(error) }))
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  return {
    baseUrl: `http://127.0.0.1:${port}/v1`,
    requests,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

async function textOf(incoming: IncomingMessage): Promise<string> {
  const chunks: Uint8Array[] = []
  for await (const chunk of incoming) chunks.push(chunk)
  return Buffer.concat(chunks).toString()
}

/** The request as the client of the endpoint had it, whose agent is known by its instructions. */
function readRequest(body: Body, agents: readonly Worker[]): ModelRequest {
  const system = body.messages.find(({ role }) => role === 'system')?.content
  const format = body.response_format?.json_schema
  const agent =
    agents.find(({ instructions }) => instructions === system)?.role ??
    format?.name.replace(/-answer$/, '')
  if (agent === undefined) throw new Error(`no agent has the instructions ${system}`)
  return {
    agent,
    instructions: system ?? '',
    messages: body.messages.flatMap(readLine),
    tools: body.tools.map((tool) => tool.function),
    ...(format === undefined ? {} : { output: format }),
  }
}

function readLine(line: z.output<typeof Line>): readonly ModelMessage[] {
  switch (line.role) {
    case 'system':
      return []
    case 'user':
      return [line]
    case 'tool':
      return [{ role: line.role, toolCallId: line.tool_call_id, content: line.content }]
    case 'assistant':
      return [{ role: line.role, content: line.content ?? '', ...callsOf(line.tool_calls) }]
  }
}

function callsOf(calls: readonly z.output<typeof Call>[] | undefined) {
  if (calls === undefined) return {}
  return { toolCalls: calls.map(({ id, function: called }) => ({ id, ...called })) }
}

function send(response: ServerResponse, reply: ModelResponse, isStreamed: boolean): void {
  const { content, toolCalls, usage } = reply
  const about = { id: 'chatcmpl-1', created: 1, model: reply.model }
  const counted = { prompt_tokens: usage.inputTokens, completion_tokens: usage.outputTokens }
  const calls = toolCalls.map(({ id, name, arguments: given }, index) => ({
    ...{ index, id, type: 'function' },
    function: { name, arguments: given },
  }))
  const message = {
    role: 'assistant',
    content,
    ...(calls.length === 0 ? {} : { tool_calls: calls }),
  }
  const finish_reason = calls.length === 0 ? 'stop' : 'tool_calls'
  if (!isStreamed) {
    const choices = [{ index: 0, message, finish_reason }]
    response.writeHead(200, { 'content-type': 'application/json' })
    response.end(JSON.stringify({ ...about, object: 'chat.completion', choices, usage: counted }))
    return
  }
  const chunk = (parts: object) =>
    `data: ${JSON.stringify({ ...about, object: 'chat.completion.chunk', ...parts })}\n\n`
  const half = Math.ceil(content.length / 2)
  const deltas = [{ ...message, content: content.slice(0, half) }, { content: content.slice(half) }]
  response.writeHead(200, { 'content-type': 'text/event-stream' })
  for (const delta of deltas) {
    response.write(chunk({ choices: [{ index: 0, delta, finish_reason: null }] }))
  }
  response.write(chunk({ choices: [{ index: 0, delta: {}, finish_reason }] }))
  response.end(`${chunk({ choices: [], usage: counted })}data: [DONE]\n\n`)
}
