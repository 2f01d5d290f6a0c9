import { defineMessage, secret } from '@nanoagent/bus'
import { z } from 'zod'
import {
  GenerateOptions,
  PasswordKind,
  Plan,
  planProblems,
  StrengthReport,
} from '../password/index.ts'

/** Longest request, in characters. */
export const MAX_REQUEST_LENGTH = 8_000

/** What the user asked for, in their words. */
export const RequestSubmitted = defineMessage(
  'request.submitted',
  z.string().trim().min(1).max(MAX_REQUEST_LENGTH),
)

/** A plan that can be fulfilled. */
export const FeasiblePlan = Plan.superRefine((plan, context) => {
  for (const message of planProblems(plan)) context.addIssue({ code: 'custom', message })
})

/** What the planner made of the request. */
export const PlanReady = defineMessage('plan.ready', FeasiblePlan)

/** What the implementer made. */
export const PasswordReady = defineMessage(
  'password.ready',
  z.object({
    kind: PasswordKind,
    /** The first, or only, password. */
    password: secret(),
    /** All of them, in the order in which they were made. */
    passwords: z.array(secret()).min(1).max(20),
    /** How they were generated. */
    config: GenerateOptions,
  }),
)

/** Why another attempt is to be made. */
export const PasswordRejected = defineMessage(
  'password.rejected',
  z.object({
    /** The attempt that failed, from 1. */
    attempt: z.int().min(1),
    /** Attempts that may be made in all. */
    of: z.int().min(2),
    recommendations: z.array(z.string()),
  }),
)

/** What the tester found: on top the weakest password's report, then one for each. */
export const PasswordTested = defineMessage(
  'password.tested',
  StrengthReport.extend({ results: z.array(StrengthReport).min(1).max(20) }),
)
