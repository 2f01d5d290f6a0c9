import { DEFAULTS } from '@nanoagent/bus'

/** The longest wait that an endpoint may ask for and get. */
export const longestRetryAfterMs = DEFAULTS.maxRetryAfterMs

/**
 * `fetch` as the OpenAI client needs it here. It differs from the global one in three ways:
 *
 * - It resolves once the whole body is read, so that the client's timeout covers the body of an error
 *   too, and a connection that breaks midway is retried like one that was refused.
 * - It wraps the body of an error into `{ error: { message } }`: the client drops a JSON body that
 *   has no `error`, such as FastAPI's `{ detail }`.
 * - It forbids the retry where the endpoint asks for a wait over 30 s. Left alone, the client sleeps
 *   for up to 60 s, and retries earlier than it was told when asked for more.
 */
export async function fetchWhole(
  input: string | URL | Request,
  init?: RequestInit,
): Promise<Response> {
  const response = await fetch(input, init)
  // Such as 304: a status that allows no body.
  if (response.body === null) return response
  const { status, statusText } = response
  const headers = new Headers(response.headers)
  if (response.ok) return new Response(await response.text(), { status, statusText, headers })

  const message = await response.text().catch(() => '')
  headers.delete('content-length')
  headers.set('content-type', 'application/json')
  if ((retryAfterMs(headers) ?? 0) > longestRetryAfterMs) headers.set('x-should-retry', 'false')
  return new Response(JSON.stringify({ error: { message } }), { status, statusText, headers })
}

/** The wait that an endpoint asks for, as the client reads it; undefined where it asks for none. */
export function retryAfterMs(headers: Headers): number | undefined {
  const asked = headers.get('retry-after') ?? ''
  const candidates = [
    Number.parseFloat(headers.get('retry-after-ms') ?? ''),
    Number.parseFloat(asked) * 1_000,
    Date.parse(asked) - Date.now(),
  ]
  const ms = candidates.find((candidate) => !Number.isNaN(candidate))
  return ms !== undefined && Number.isFinite(ms) && ms >= 0 ? ms : undefined
}
