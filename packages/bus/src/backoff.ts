/** How long to wait between attempts. */
export interface Backoff {
  /** Before the second attempt. */
  readonly backoffMs: number
  readonly maxBackoffMs: number
}

/**
 * Milliseconds to wait after a failed attempt: exponential with full jitter, any value from 0 up to
 * `backoffMs * 2 ** (attempt - 1)`, at most `maxBackoffMs`. Source: Marc Brooker, "Exponential
 * Backoff And Jitter", AWS Architecture Blog, 2015.
 */
export function backoffAfter(attempt: number, backoff: Backoff, random: () => number): number {
  // Beyond this power of two a product with 0 would be no number.
  const doublings = Math.min(attempt - 1, 1000)
  return random() * Math.min(backoff.maxBackoffMs, backoff.backoffMs * 2 ** doublings)
}
