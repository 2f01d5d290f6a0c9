import type { ModelDelta } from '../model.ts'
import type { Deltas } from './deltas.ts'
import type { Fault } from './faults.ts'
import { readResponse } from './read-response.ts'
import { isWorthRetrying } from './retry.ts'
import { Watch } from './watch.ts'

/** What came of asking an endpoint: its answer, unchecked, or why there is none. */
export type Outcome = { readonly answer: unknown } | { readonly fault: Fault }

/** What one model request may cost, and whom it tells. */
export interface ExchangeOptions {
  /** Longest silence: until the first byte, and between two pieces. */
  readonly timeoutMs: number
  readonly maxRetries: number
  readonly deltas: Deltas
  /** A fault in a few clean words. */
  readonly describe: (fault: Fault) => string
}

/**
 * One model request with all its tries, in whatever dialects they are made.
 *
 * Its `fetch` is what the OpenAI client gets, which builds the requests, and waits between them. All
 * that an endpoint says is read here, to the end, so that a stream that breaks midway is tried again
 * like a connection that was refused. The client hears of it only as much as decides what it does:
 * 204 where there is an answer, else 503 with `x-should-retry`.
 *
 * All tries together make at most `maxRetries` retries and last at most `(maxRetries + 1) * timeoutMs`,
 * without the waits between them.
 */
export class Exchange {
  readonly #options: ExchangeOptions
  #retriesLeft: number
  #msLeft: number
  #outcome: Outcome | undefined

  constructor(options: ExchangeOptions) {
    this.#options = options
    this.#retriesLeft = options.maxRetries
    this.#msLeft = longestExchangeMs(options)
  }

  /** What came of the latest try. */
  get outcome(): Outcome | undefined {
    return this.#outcome
  }

  get retriesLeft(): number {
    return this.#retriesLeft
  }

  readonly fetch = async (input: string | URL | Request, init?: RequestInit): Promise<Response> => {
    const outcome = await this.#try(input, init)
    init?.signal?.throwIfAborted()
    this.#outcome = outcome
    const { deltas, describe } = this.#options
    if ('answer' in outcome) {
      deltas.end()
      return new Response(null, { status: 204 })
    }
    const { fault } = outcome
    if (this.#retriesLeft === 0 || this.#msLeft <= 0 || !isWorthRetrying(fault)) {
      return new Response(null, { status: 503, headers: { 'x-should-retry': 'false' } })
    }
    this.#retriesLeft -= 1
    const waitMs = fault.kind === 'status' ? fault.retryAfterMs : undefined
    const retry: ModelDelta = { kind: 'retry', reason: describe(fault) }
    deltas.tell(waitMs === undefined ? retry : { ...retry, waitMs })
    const headers = new Headers({ 'x-should-retry': 'true' })
    if (waitMs !== undefined) headers.set('retry-after-ms', String(waitMs))
    return new Response(null, { status: 503, headers })
  }

  async #try(input: string | URL | Request, init: RequestInit = {}): Promise<Outcome> {
    const { timeoutMs, deltas } = this.#options
    const from = performance.now()
    using watch = new Watch(timeoutMs, this.#msLeft)
    const signal = init.signal ? AbortSignal.any([init.signal, watch.signal]) : watch.signal
    try {
      // Each redirection would be one more request, and the key may not follow it to another host.
      const response = await fetch(input, { ...init, signal, redirect: 'manual' })
      watch.heard()
      return await readResponse(response, {
        heard: () => watch.heard(),
        finished: () => watch.finished(),
        deltas,
      })
    } catch (cause) {
      return { fault: watch.fault ?? { kind: 'connection', cause } }
    } finally {
      this.#msLeft -= performance.now() - from
    }
  }
}

/** Longest time of all tries of a request together, without the waits between them. */
export function longestExchangeMs(limits: {
  readonly timeoutMs: number
  readonly maxRetries: number
}): number {
  return (limits.maxRetries + 1) * limits.timeoutMs
}
