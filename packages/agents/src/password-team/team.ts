import type { RandomInt } from '../password/index.ts'
import { to } from '../routes.ts'
import { defineTeam, type Team } from '../team.ts'
import { checkRetries, DEFAULT_RETRIES } from './attempts.ts'
import { implementer } from './implementer.ts'
import { PasswordReady, PasswordTested, PlanReady, RequestSubmitted } from './messages.ts'
import { planner } from './planner.ts'
import { tester } from './tester.ts'

/** The password team's messages under the names that its results use. */
const context = {
  userRequest: RequestSubmitted,
  plan: PlanReady,
  implementation: PasswordReady,
  testResults: PasswordTested,
} as const

/** The type of the password team. */
export type PasswordTeam = Team<
  typeof RequestSubmitted,
  typeof PasswordTested,
  typeof context,
  'planner' | 'implementer' | 'tester'
>

/** How the password team is made. */
export interface PasswordTeamOptions {
  /** Where chance comes from. Default: `node:crypto`. */
  readonly randomInt?: RandomInt
  /** Times that a password which fails is made again, where that can help. Default 2, at most 10. */
  readonly retries?: number
}

/** The team that plans, makes and tests a password. Throws a `DefinitionError` where retries are none. */
export function passwordTeam(options: PasswordTeamOptions = {}): PasswordTeam {
  const { retries = DEFAULT_RETRIES, ...making } = options
  checkRetries(retries)
  return defineTeam({
    name: 'password',
    agents: [
      planner({ next: 'implementer' }),
      implementer({ next: 'tester', ...making }),
      tester({ next: 'coordinator', back: { to: 'implementer', retries } }),
    ],
    entry: to('planner', RequestSubmitted),
    terminal: PasswordTested,
    context,
  })
}
