import type { ChatCompletionCreateParamsBase } from 'openai/resources/chat/completions'
import type { Exchange, Outcome } from './exchange.ts'

// The only file that imports 'openai'.

/** The parameters of one chat completion. */
export type ChatParams = ChatCompletionCreateParamsBase

/** One message in them. */
export type ChatMessage = ChatParams['messages'][number]

/** Asks one endpoint. */
export interface ChatClient {
  /** Makes one request, retries included; rejects with the signal's reason when it aborts. */
  complete(params: ChatParams, exchange: Exchange, signal: AbortSignal): Promise<Outcome>
}

/** Loads the client, which takes some 190 ms the first time, and points it at an endpoint. */
export async function connect(options: {
  readonly apiKey: string
  readonly baseUrl: string
}): Promise<ChatClient> {
  const { OpenAI } = await import('openai')
  return {
    async complete(params, exchange, signal) {
      // One for each request, which takes some 20 µs: it knows no other way to give it its own fetch.
      const client = new OpenAI({
        apiKey: options.apiKey,
        baseURL: options.baseUrl,
        maxRetries: exchange.retriesLeft,
        // The exchange knows when time is up.
        timeout: 2 ** 31 - 1,
        fetch: exchange.fetch,
        // Left out, each of these would be taken from the environment.
        adminAPIKey: null,
        organization: null,
        project: null,
        webhookSecret: null,
        logLevel: 'off',
      })
      let cause: unknown
      try {
        await client.post('/chat/completions', { body: params, signal })
      } catch (error) {
        signal.throwIfAborted()
        cause = error
      }
      return exchange.outcome ?? { fault: { kind: 'connection', cause } }
    },
  }
}
