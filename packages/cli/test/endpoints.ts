import { createServer } from 'node:http'
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
  why: 'It was asked for.',
}

/** An OpenAI-compatible endpoint that plays all three agents, with tool calls by handles. */
export async function playTeam(options: { readonly count: number; readonly advice: string }) {
  const { count, advice } = options
  const endpoint = new LLMock({ port: 0, strict: true, auth: { apiKeys: [API_KEY] } })
  endpoint.on({ endpoint: 'chat' }, ({ messages }) => {
    const text = JSON.stringify(messages)
    const handles = [...new Set(text.match(/secret:[^"\\]+#a?\d+/g))]
    const hasResult = messages.some(({ role }) => role === 'tool')
    if (text.includes('You plan passwords')) return { content: JSON.stringify({ ...plan, count }) }
    if (text.includes('You make passwords')) {
      if (hasResult) return { content: JSON.stringify({ passwords: handles }) }
      const name = count === 1 ? 'generate_password' : 'generate_multiple_passwords'
      const parameters = { length: 20, ...(count === 1 ? {} : { count }) }
      return { toolCalls: [{ name, arguments: JSON.stringify(parameters) }] }
    }
    if (hasResult) return { content: JSON.stringify({ recommendations: [advice] }) }
    return {
      toolCalls: handles.map((password) => ({
        name: 'check_password_strength',
        arguments: JSON.stringify({ password }),
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

/** An endpoint that takes requests and never answers. */
export async function neverAnswer() {
  const asked = Promise.withResolvers<void>()
  const server = createServer(() => asked.resolve())
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  return {
    baseUrl: `http://127.0.0.1:${port}/v1`,
    /** Resolves when the first request has come. */
    asked: asked.promise,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

/** The address of an endpoint that is no longer there. */
export async function unreachableUrl(): Promise<string> {
  await using endpoint = await neverAnswer()
  return endpoint.baseUrl
}
