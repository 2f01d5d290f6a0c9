import type { Message } from '@nanoagent/bus'
import { DefinitionError } from '../errors.ts'
import { canPass, personalWords } from '../password/index.ts'
import type { AgentHistory } from '../worker.ts'
import { PasswordReady, PlanReady, RequestSubmitted } from './messages.ts'

/** Times that a password is made again where nothing else is said. */
export const DEFAULT_RETRIES = 2

/** Most times that a password can be made again: with more, a run would have too many hops. */
export const MAX_RETRIES = 10

/** Whom a password that is not good enough goes back to, and how often. */
export interface SendBack<Role extends string = string> {
  readonly to: Role
  /** Further attempts after the first. Default 2, at most 10. */
  readonly retries?: number | undefined
}

/** What becomes of a password that was judged. */
export interface Decision {
  /** `again` where another attempt may change the verdict and one is left; else it goes on. */
  readonly next: 'go on' | 'again'
  /** Which attempt was judged, from 1. */
  readonly attempt: number
  /** Attempts that may be made in all. */
  readonly of: number
}

/** Decides whether a password is made again, by the verdict, the plan, and the attempts before. */
export function decide(
  {
    verdict,
    canPass,
    history,
  }: {
    readonly verdict: 'PASS' | 'FAIL'
    /** Whether any password by the plan can pass. */
    readonly canPass: boolean
    readonly history: readonly Message[]
  },
  back: SendBack | undefined,
): Decision {
  const of = 1 + (back === undefined ? 0 : (back.retries ?? DEFAULT_RETRIES))
  const attempt = Math.max(1, attemptsIn(history))
  const isAgain = verdict === 'FAIL' && canPass && attempt < of
  return { next: isAgain ? 'again' : 'go on', attempt, of }
}

/** How many times the password was made; what was handed to several roles at once was made once. */
export function attemptsIn(history: readonly Message[]): number {
  const made = history.filter(({ type }) => type === PasswordReady.name)
  return new Set(made.map(({ causationId }) => causationId)).size
}

/** Whether another password by the plan can pass the tester. Without a plan nothing stands against it. */
export async function isWorthTesting(context: AgentHistory): Promise<boolean> {
  const plan = context.latest(PlanReady)?.data
  if (plan === undefined) return true
  const words = personalWords(context.latest(RequestSubmitted)?.data ?? '')
  return canPass({ ...plan, mustContain: [...plan.mustContain] }, words)
}

/** Throws a `DefinitionError` unless it can be retries. */
export function checkRetries(retries: number): void {
  if (Number.isInteger(retries) && retries >= 0 && retries <= MAX_RETRIES) return
  throw new DefinitionError(
    `retries is ${retries}: expected a whole number from 0 to ${MAX_RETRIES}`,
  )
}
