import { z } from 'zod'

/** What came of asking an endpoint which models it offers. */
export type ModelListing =
  | { readonly kind: 'list'; readonly ids: readonly string[] }
  /** Status 200 and no list of models. */
  | { readonly kind: 'other'; readonly body: string }
  | { readonly kind: 'status'; readonly status: number; readonly body: string }
  | { readonly kind: 'timeout' }
  | { readonly kind: 'connection'; readonly cause: unknown }

const Models = z.array(z.object({ id: z.string() }))

// Together gives the bare array.
const List = z.union([z.object({ data: Models }).transform(({ data }) => data), Models])

/**
 * Asks an endpoint once for its models; rejects with the signal's reason when it aborts, and for no
 * other reason.
 */
export async function listModels(options: {
  readonly baseUrl: string
  readonly apiKey: string
  readonly timeoutMs: number
  readonly signal: AbortSignal
}): Promise<ModelListing> {
  const { apiKey, timeoutMs, signal } = options
  const url = new URL(options.baseUrl)
  url.pathname = `${url.pathname.replace(/\/+$/, '')}/models`
  const timeout = AbortSignal.timeout(timeoutMs)
  try {
    const response = await fetch(url, {
      headers: { accept: 'application/json', authorization: `Bearer ${apiKey}` },
      signal: AbortSignal.any([signal, timeout]),
      redirect: 'manual',
    })
    const text = await response.text()
    if (!response.ok) {
      const body = response.headers.get('location') ?? text
      return { kind: 'status', status: response.status, body }
    }
    const list = List.safeParse(parseJson(text))
    if (!list.success) return { kind: 'other', body: text }
    return { kind: 'list', ids: list.data.map(({ id }) => id) }
  } catch (cause) {
    signal.throwIfAborted()
    return timeout.aborted ? { kind: 'timeout' } : { kind: 'connection', cause }
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
