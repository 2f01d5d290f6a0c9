import { defineJoin, defineMessage, secret } from '@nanoagent/bus'
import { z } from 'zod'
import {
  AuditResult,
  GenerateOptions,
  GuidanceText,
  PasswordKind,
  Plan,
  PurposeUse,
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

/** Finds what makes a plan impossible. */
export function checkFeasible(plan: Plan, context: z.RefinementCtx): void {
  for (const message of planProblems(plan)) context.addIssue({ code: 'custom', message })
}

/** A plan that can be fulfilled. */
const FeasiblePlan = Plan.superRefine(checkFeasible)

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

/** What the auditor found: on top the gravest finding of each check, then the result of each password. */
export const AuditReported = defineMessage(
  'audit.reported',
  AuditResult.extend({
    /** What it comes to, in a sentence or two. */
    summary: z.string(),
    results: z.array(AuditResult).min(1).max(20),
  }),
)

/** What a password is for. */
export const PurposeExplained = defineMessage(
  'purpose.explained',
  z.object({
    /** In a few words. */
    purpose: z.string(),
    use: PurposeUse,
    /** What that means for whoever uses the password, in a sentence. */
    explanation: z.string(),
  }),
)

/** Asks the planner what a password is for. */
export const PurposeAsked = defineMessage('purpose.asked', z.object({ question: z.string() }), {
  reply: PurposeExplained,
})

/** How to keep, type and say the password, for the person who asked. */
export const GuidanceWritten = defineMessage(
  'guidance.written',
  GuidanceText.extend({ purpose: z.string() }),
)

/** What the tester, the auditor and the writer made of one attempt. */
export const ChecksJoined = defineJoin('checks.joined', [
  PasswordTested,
  AuditReported,
  GuidanceWritten,
])

/** The same of a team without a writer. */
export const AuditJoined = defineJoin('checks.joined', [PasswordTested, AuditReported])

/** The same of a team without an auditor. */
export const GuidanceJoined = defineJoin('checks.joined', [PasswordTested, GuidanceWritten])

/** Any of the three. */
export type AnyChecksJoined = typeof ChecksJoined | typeof AuditJoined | typeof GuidanceJoined

/** What the reviewer decided. */
export const PasswordReviewed = defineMessage(
  'password.reviewed',
  z.object({
    verdict: z.enum(['PASS', 'FAIL']),
    /** Why, a sentence for each that judged. */
    reasons: z.array(z.string()).min(1),
    /** The attempt that was reviewed, from 1, and how many could be made. */
    attempt: z.int().min(1),
    of: z.int().min(1),
  }),
)
