import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { z } from 'zod'

const Body = z.looseObject({
  model: z.string(),
  stream: z.boolean().optional(),
  tools: z.array(z.unknown()).optional(),
  response_format: z.looseObject({ type: z.string() }).optional(),
})

type ChatBody = z.infer<typeof Body>

/** What an endpoint answers: a status and a body, or the message of a chat completion. */
export type Answer =
  | { readonly status: number; readonly body: string }
  | { readonly content: string; readonly usage?: null; readonly finish?: 'length' }
  | { readonly call: string; readonly arguments: string }

/** How an endpoint in tests answers. */
export interface AnsweringOptions {
  /** The answer to GET <base>/models. Default: a list with `gpt-test`. */
  readonly models?: Answer
  /** The answer to a chat completion. Default: what `checkEndpoint` wants to hear. */
  readonly chat?: (body: ChatBody) => Answer | undefined
}

const MODELS = {
  status: 200,
  body: JSON.stringify({ data: [{ id: 'other' }, { id: 'gpt-test' }] }),
}

/** What a model that can do everything answers to `checkEndpoint`. */
function capable({ tools, response_format }: ChatBody): Answer {
  if (tools !== undefined) return { call: 'add', arguments: '{"a":2,"b":3}' }
  return { content: response_format === undefined ? 'ready' : '{"ready":true,"sum":5}' }
}

/** A real HTTP server that speaks chat completions, whole or streamed, and keeps what it was sent. */
export async function answeringEndpoint({ models = MODELS, chat }: AnsweringOptions = {}) {
  const requests: { readonly route: string; readonly key: string; readonly body: string }[] = []
  const server = createServer(async (request, response) => {
    const body = await bodyOf(request)
    const { method, url, headers } = request
    requests.push({ route: `${method} ${url}`, key: headers.authorization ?? '', body })
    const parsed = method === 'GET' ? undefined : Body.parse(JSON.parse(body))
    send(response, parsed === undefined ? models : (chat?.(parsed) ?? capable(parsed)), parsed)
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

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Uint8Array[] = []
  for await (const chunk of request) chunks.push(chunk)
  return Buffer.concat(chunks).toString()
}

function send(
  response: ServerResponse,
  answer: Answer,
  { model, stream }: Partial<ChatBody> = {},
): void {
  const json = { 'content-type': 'application/json' }
  if ('status' in answer) {
    response.writeHead(answer.status, json).end(answer.body)
    return
  }
  const usage = 'usage' in answer ? answer.usage : { prompt_tokens: 12, completion_tokens: 3 }
  const message = {
    role: 'assistant',
    content: 'content' in answer ? answer.content : null,
    ...('call' in answer && {
      tool_calls: [
        {
          ...{ index: 0, id: 'call_1', type: 'function' },
          function: { name: answer.call, arguments: answer.arguments },
        },
      ],
    }),
  }
  const finish = 'content' in answer ? answer.finish : 'tool_calls'
  const finish_reason = finish ?? 'stop'
  const about = { id: 'chatcmpl-1', created: 1, model }
  if (stream !== true) {
    const choices = [{ index: 0, message, finish_reason }]
    const completion = { ...about, object: 'chat.completion', choices, usage }
    response.writeHead(200, json).end(JSON.stringify(completion))
    return
  }
  const chunk = (parts: object) =>
    `data: ${JSON.stringify({ ...about, object: 'chat.completion.chunk', ...parts })}\n\n`
  response.writeHead(200, { 'content-type': 'text/event-stream' })
  response.write(chunk({ choices: [{ index: 0, delta: message, finish_reason: null }] }))
  response.write(chunk({ choices: [{ index: 0, delta: {}, finish_reason }] }))
  response.end(`${chunk({ choices: [], usage })}data: [DONE]\n\n`)
}
