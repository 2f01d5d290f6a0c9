import type { RandomInt } from '../password/index.ts'
import { to } from '../routes.ts'
import { defineTeam, type Team } from '../team.ts'
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

/** The team that plans, makes and tests a password. */
export function passwordTeam(options: { readonly randomInt?: RandomInt } = {}): PasswordTeam {
  return defineTeam({
    name: 'password',
    agents: [
      planner({ next: 'implementer' }),
      implementer({ next: 'tester', ...options }),
      tester({ next: 'coordinator' }),
    ],
    entry: to('planner', RequestSubmitted),
    terminal: PasswordTested,
    context,
  })
}
