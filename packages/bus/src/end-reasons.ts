import type { Flow } from './flow.ts'
import type { Message } from './message.ts'

/** Deliveries that a reason names. */
const MOST_SHOWN = 5

// Why a run ended, in sentences for the person who reads its end.

/** A handler went no way, though somebody waits for what it does. */
export function wentNowhere({ to, type }: Message, flow: Flow['kind']): string {
  return flow === 'ask'
    ? `'${to}' handled ${type} and gave no reply: let its handler reply on every way through it`
    : `'${to}' handled ${type} and handed nothing off: let its handler hand off on every way through it`
}

/** Who was asked took too long. */
export function noReplyInTime(to: string, type: string, timeoutMs: number): string {
  return (
    `'${to}' gave no reply to ${type} within ${timeoutMs} ms: ` +
    'raise timeoutMs of the ask or look what it waits for'
  )
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
  const shown =
    at.length > MOST_SHOWN ? [...at.slice(0, MOST_SHOWN), `${at.length - MOST_SHOWN} more`] : at
  return `the run took longer than ${timeoutMs} ms, at ${shown.join(', ') || 'nothing'}: raise the timeout`
}
