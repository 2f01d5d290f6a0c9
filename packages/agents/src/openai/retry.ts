import { DEFAULTS } from '@nanoagent/bus'
import { isLasting } from './connection-fault.ts'
import type { Fault } from './faults.ts'

/** The longest wait that an endpoint may ask for and get. */
export const longestRetryAfterMs = DEFAULTS.maxRetryAfterMs

/**
 * Whether the same request may succeed a little later. What the endpoint says itself counts first
 * (`x-should-retry`), unless it asks for a longer wait than it gets.
 */
export function isWorthRetrying(fault: Fault): boolean {
  switch (fault.kind) {
    case 'status':
      if ((fault.retryAfterMs ?? 0) > longestRetryAfterMs) return false
      return fault.shouldRetry ?? ([408, 409, 429].includes(fault.status) || fault.status >= 500)
    case 'connection':
      return !isLasting(fault.cause)
    case 'silence':
    case 'torn':
    case 'malformed':
    case 'error_event':
      return true
    default:
      return false
  }
}

/** The wait that an endpoint asks for; undefined where it asks for none. */
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
