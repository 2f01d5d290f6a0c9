import type { Message } from './message.ts'

// Why a run ended, in sentences for the person who reads its end.

/** A handler handed nothing off, and nothing else of the run is left. */
export function stalledAt({ to, type }: Message): string {
  return `'${to}' handled ${type} and handed nothing off: let its handler hand off on every way through it`
}

/** A message is further from the root than the run may go. */
export function tooManyHops({ type, from, to }: Message, maxHops: number): string {
  return (
    `the run took more than ${maxHops} ${maxHops === 1 ? 'hop' : 'hops'}, ` +
    `at ${type} from '${from}' to '${to}': look for a loop or raise maxHops`
  )
}

/** The models of a run used more than its budget. */
export function tooManyTokens(tokens: number, maxTokens: number): string {
  return `the run used ${tokens} tokens, its budget is ${maxTokens}: raise maxTokens or ask for less`
}

/** The time of a run is over, while these deliveries were under way. */
export function tookTooLong(timeoutMs: number | undefined, at: readonly string[]): string {
  return `the run took longer than ${timeoutMs} ms, at ${at.join(', ') || 'nothing'}: raise the timeout`
}
