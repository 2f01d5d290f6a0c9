import { createServer, type ServerResponse } from 'node:http'
import { LLMock } from '@copilotkit/aimock'

/** The key that `playTeam` asks for. */
export const API_KEY = 'sk-only-for-this-test-4711'

const plan = {
  purpose: 'server admin',
  kind: 'password',
  length: 20,
  classes: { uppercase: true, lowercase: true, numbers: true, symbols: true },
  excludeLookAlikes: false,
  exclude: '',
  mustContain: [],
  noRepeats: false,
  why: 'It was asked for.',
}

const summary = 'Nothing to worry about.'
const purpose = { purpose: 'server admin', use: 'server', explanation: 'It opens a server.' }
const guidance = { keep: ['In the vault.'], type: ['Paste it.'], say: ['Share the vault.'] }

/** How `playTeam` plays. */
export interface TeamPlay {
  readonly count: number
  readonly advice: string
  /** Whether it gets each agent's handles wrong at first: invented ones, then ones with a slip. */
  readonly mangles?: boolean
}

/** An OpenAI-compatible endpoint that plays all agents of the full team, with tool calls by handles. */
export async function playTeam({ count, advice, mangles = false }: TeamPlay) {
  const endpoint = new LLMock({ port: 0, strict: true, auth: { apiKeys: [API_KEY] } })
  endpoint.on({ endpoint: 'chat' }, ({ messages }) => {
    const text = JSON.stringify(messages)
    const of = (role: string) => messages.filter((message) => message.role === role)
    const answers = of('assistant').length
    if (text.includes('You have planned a password')) {
      return { content: JSON.stringify(purpose) }
    }
    if (text.includes('You write for the person')) return { content: JSON.stringify(guidance) }
    if (text.includes('You plan passwords')) return { content: JSON.stringify({ ...plan, count }) }
    if (text.includes('You make passwords')) {
      if (answers > 0) {
        const handles = handlesIn(of('tool'))
        const passwords = mangles && answers === 1 ? handles.map(() => 'secret:made-up#1') : handles
        return { content: JSON.stringify({ passwords }) }
      }
      const name = count === 1 ? 'generate_password' : 'generate_multiple_passwords'
      const parameters = { length: 20, ...(count === 1 ? {} : { count }) }
      return { toolCalls: [{ name, arguments: JSON.stringify(parameters) }] }
    }
    const audits = text.includes('You audit passwords')
    if (answers > (mangles ? 1 : 0)) {
      return { content: JSON.stringify(audits ? { summary } : { recommendations: [advice] }) }
    }
    const slip = mangles && answers === 0 ? '1' : ''
    if (audits) {
      const passwords = handlesIn(of('user')).map((handle) => handle + slip)
      return {
        toolCalls: ['check_patterns', 'measure_entropy'].map((name) => ({
          name,
          arguments: JSON.stringify({ passwords }),
        })),
      }
    }
    return {
      toolCalls: handlesIn(of('user')).map((handle) => ({
        name: 'check_password_strength',
        arguments: JSON.stringify({ password: handle + slip }),
      })),
    }
  })
  await endpoint.start()
  return {
    baseUrl: `${endpoint.url}/v1`,
    requests: () => endpoint.getRequests().map(({ body }) => JSON.stringify(body)),
    async [Symbol.asyncDispose]() {
      await endpoint.stop()
    },
  }
}

function handlesIn(messages: readonly unknown[]): readonly string[] {
  return [...new Set(JSON.stringify(messages).match(/secret:[^"\\]+#a?\d+/g))]
}

/** An endpoint that takes requests and never answers. */
export function neverAnswer() {
  return misbehave(() => {})
}

/** An endpoint that does as it likes, once it knows whether a stream is asked for. */
export async function misbehave(answer: (response: ServerResponse, isStream: boolean) => void) {
  const asked = Promise.withResolvers<void>()
  let requests = 0
  const server = createServer(async (request, response) => {
    requests++
    let body = ''
    for await (const chunk of request) body += chunk
    answer(response, /"stream":\s*true/.test(body))
    asked.resolve()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  return {
    baseUrl: `http://127.0.0.1:${port}/v1`,
    /** Resolves when the first request has come. */
    asked: asked.promise,
    requests: () => requests,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

/** Writes the beginning of an answer, as a stream or whole, and leaves it there. */
export function beginAnswer(response: ServerResponse, isStream: boolean): void {
  if (isStream) {
    const choices = [{ index: 0, delta: { role: 'assistant', content: '{"purpose":' } }]
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    response.write(`data: ${JSON.stringify({ object: 'chat.completion.chunk', choices })}\n\n`)
  } else {
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': 1_000 })
    response.write('{"choices":[{"index":0,"message":{"role":"assistant","content":"{')
  }
}

/** The address of an endpoint that is no longer there. */
export async function unreachableUrl(): Promise<string> {
  await using endpoint = await neverAnswer()
  return endpoint.baseUrl
}

/** Passes requests on to another endpoint, but for those from the n-th on, which it never answers. */
export async function stallFrom(n: number, baseUrl: string) {
  const stalled = Promise.withResolvers<void>()
  let requests = 0
  const server = createServer(async (request, response) => {
    let body = ''
    for await (const chunk of request) body += chunk
    if (++requests >= n) return stalled.resolve()
    const { authorization = '' } = request.headers
    const headers = { authorization, 'content-type': 'application/json' }
    const url = `${baseUrl}${request.url?.replace(/^\/v1/, '')}`
    const answer = await fetch(url, { method: 'POST', headers, body })
    const type = answer.headers.get('content-type') ?? ''
    response.writeHead(answer.status, { 'content-type': type }).end(await answer.text())
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  return {
    baseUrl: `http://127.0.0.1:${port}/v1`,
    /** Resolves when the first request has come that is not answered. */
    stalled: stalled.promise,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
