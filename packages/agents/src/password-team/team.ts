import { DefinitionError } from '../errors.ts'
import type { RandomInt } from '../password/index.ts'
import { fanOut, to } from '../routes.ts'
import { defineTeam, type Team } from '../team.ts'
import { checkRetries, DEFAULT_RETRIES } from './attempts.ts'
import { implementer } from './implementer.ts'
import {
  AuditJoined,
  AuditReported,
  ChecksJoined,
  GuidanceJoined,
  GuidanceWritten,
  PasswordReady,
  PasswordReviewed,
  PasswordTested,
  PlanReady,
  RequestSubmitted,
} from './messages.ts'
import { planner } from './planner.ts'
import { reviewer } from './reviewer.ts'
import { securityAuditor } from './security-auditor.ts'
import { tester } from './tester.ts'
import { uxWriter } from './ux-writer.ts'

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

/** Roles that a password team may have besides. With one of them a reviewer decides. */
export const SPECIALISTS = ['security-auditor', 'ux-writer'] as const

/** One of `SPECIALISTS`. */
export type Specialist = (typeof SPECIALISTS)[number]

/** The type of any password team, with specialists or without. */
export type AnyPasswordTeam = Team<
  typeof RequestSubmitted,
  typeof PasswordTested | typeof PasswordReviewed,
  typeof context & {
    readonly audit?: typeof AuditReported
    readonly guidance?: typeof GuidanceWritten
    readonly review?: typeof PasswordReviewed
  }
>

/** How a password team is made. */
export interface PasswordTeamOptions {
  /** Where chance comes from. Default: `node:crypto`. */
  readonly randomInt?: RandomInt
  /** Times that a password which fails is made again, where that can help. Default 2, at most 10. */
  readonly retries?: number
  /** Who works on the password besides, beside the tester. Default: nobody. */
  readonly with?: readonly Specialist[]
}

/**
 * The team that plans, makes and tests a password. With specialists, these and the tester work at once
 * on what was made, and a reviewer decides. Throws a `DefinitionError` where retries or specialists are
 * none.
 */
export function passwordTeam(
  options?: Omit<PasswordTeamOptions, 'with'> & { readonly with?: readonly [] },
): PasswordTeam
export function passwordTeam(options: PasswordTeamOptions): AnyPasswordTeam
export function passwordTeam(options: PasswordTeamOptions = {}): AnyPasswordTeam {
  const { retries = DEFAULT_RETRIES, with: specialists = [], ...making } = options
  checkRetries(retries)
  checkSpecialists(specialists)
  if (specialists.length > 0) return reviewedTeam({ specialists, retries, making })
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

function reviewedTeam({
  specialists,
  retries,
  making,
}: {
  readonly specialists: readonly Specialist[]
  readonly retries: number
  readonly making: { readonly randomInt?: RandomInt }
}): AnyPasswordTeam {
  const hasAuditor = specialists.includes('security-auditor')
  const hasWriter = specialists.includes('ux-writer')
  const joined = hasAuditor ? (hasWriter ? ChecksJoined : AuditJoined) : GuidanceJoined
  const checks = [
    to('tester', PasswordReady),
    ...(hasAuditor ? [to('security-auditor', PasswordReady)] : []),
    ...(hasWriter ? [to('ux-writer', PasswordReady)] : []),
  ]
  const agents = [
    planner({ next: 'implementer' }),
    implementer({ next: fanOut(checks, to('reviewer', joined)), ...making }),
    tester({ next: 'reviewer' }),
    ...(hasAuditor ? [securityAuditor({ next: 'reviewer' })] : []),
    ...(hasWriter ? [uxWriter({ next: 'reviewer', asks: 'planner' })] : []),
    reviewer({ next: 'coordinator', checks: joined, back: { to: 'implementer', retries } }),
  ]
  return defineTeam({
    name: hasAuditor && hasWriter ? 'password-full' : `password-with-${specialists[0]}`,
    agents,
    entry: to('planner', RequestSubmitted),
    terminal: PasswordReviewed,
    context: {
      ...context,
      ...(hasAuditor ? { audit: AuditReported } : {}),
      ...(hasWriter ? { guidance: GuidanceWritten } : {}),
      review: PasswordReviewed,
    },
  })
}

function checkSpecialists(given: readonly string[]): void {
  const known: readonly string[] = SPECIALISTS
  const unknown = given.find((role) => !known.includes(role))
  if (unknown === undefined) return
  const names = known.map((role) => `'${role}'`).join(', ')
  throw new DefinitionError(
    `no specialist plays '${unknown}' (specialists: ${names}): name one of them`,
  )
}
