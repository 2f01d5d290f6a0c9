import type OpenAI from 'openai'
import { z } from 'zod'
import type { Fault } from './faults.ts'
import { fetchWhole, retryAfterMs } from './fetch-whole.ts'

// The only file that imports 'openai'.

/** The parameters of one chat completion. */
export type ChatParams = OpenAI.ChatCompletionCreateParamsNonStreaming

/** One message in them. */
export type ChatMessage = OpenAI.ChatCompletionMessageParam

/** What came of asking an endpoint: its answer, unchecked, or why there is none. */
type Outcome = { readonly answer: unknown } | { readonly fault: Fault }

/** Asks one endpoint. */
export interface ChatClient {
  /** Makes one request, retries included; rejects with the signal's reason when it aborts. */
  complete(params: ChatParams, signal: AbortSignal): Promise<Outcome>
}

const ErrorBody = z.object({ message: z.string() })

/** Loads the client, which takes some 190 ms the first time, and points it at an endpoint. */
export async function connect(options: {
  readonly apiKey: string
  readonly baseUrl: string
  readonly timeoutMs: number
  readonly maxRetries: number
}): Promise<ChatClient> {
  const { APIConnectionTimeoutError, APIError, OpenAI } = await import('openai')
  const client = new OpenAI({
    apiKey: options.apiKey,
    baseURL: options.baseUrl,
    timeout: options.timeoutMs,
    maxRetries: options.maxRetries,
    fetch: fetchWhole,
    // Left out, each of these would be taken from the environment.
    adminAPIKey: null,
    organization: null,
    project: null,
    webhookSecret: null,
    logLevel: 'off',
  })

  const faultOf = (error: unknown): Fault => {
    if (error instanceof SyntaxError) return { kind: 'malformed' }
    if (error instanceof APIConnectionTimeoutError) return { kind: 'timeout', cause: error.cause }
    if (error instanceof APIError && error.status !== undefined) {
      const body = ErrorBody.safeParse(error.error).data?.message ?? ''
      const askedMs = error.headers && retryAfterMs(error.headers)
      return { kind: 'status', status: error.status, body, retryAfterMs: askedMs }
    }
    return { kind: 'connection', cause: error }
  }

  return {
    async complete(params, signal) {
      try {
        return { answer: await client.chat.completions.create(params, { signal }) }
      } catch (error) {
        signal.throwIfAborted()
        return { fault: faultOf(error) }
      }
    },
  }
}
