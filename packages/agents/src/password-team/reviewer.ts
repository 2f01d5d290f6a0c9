import { type DataOf, titleOf, valuesOf } from '@nanoagent/bus'
import { type Agent, defineAgent } from '../agent.ts'
import { canPassAudit, fails } from '../password/index.ts'
import { type Route, to } from '../routes.ts'
import type { AgentHistory } from '../worker.ts'
import { decide, isWorthTesting, type SendBack } from './attempts.ts'
import { listed } from './listed.ts'
import {
  type AnyChecksJoined,
  AuditReported,
  ChecksJoined,
  PasswordRejected,
  PasswordReviewed,
  PasswordTested,
  PlanReady,
} from './messages.ts'

interface ReviewerOptions<Next extends string, Back extends string, Checks> {
  readonly next: Next
  readonly back?: SendBack<Back>
  /** What it joins. Default: what tester, auditor and writer found. */
  readonly checks?: Checks
}

/**
 * The reviewer: joins what the others found and alone decides, by rules and without a model. A password
 * that somebody fails goes back to be made again, where that can help and attempts are left.
 */
export function reviewer<
  const Next extends string,
  const Back extends string = never,
  Checks extends AnyChecksJoined = typeof ChecksJoined,
>(
  options: ReviewerOptions<Next, Back, Checks>,
): Agent<
  'reviewer',
  Checks,
  Route<Next, typeof PasswordReviewed> | Route<Back, typeof PasswordRejected>
>
export function reviewer({
  next,
  back,
  checks = ChecksJoined,
}: ReviewerOptions<string, string, AnyChecksJoined>) {
  return defineAgent({
    role: 'reviewer',
    description: 'Joins what the others found, and decides whether the password is good enough.',
    accepts: [checks],
    emits: [
      to(next, PasswordReviewed),
      ...(back === undefined ? [] : [to(back.to, PasswordRejected)]),
    ],
    async handle({ data }, ctx) {
      const { context } = ctx
      ctx.log('Reviewing what {roles} found...', {
        roles: listed(data.branches.map((branch) => branch.to)),
      })
      const opinions = [
        ...valuesOf(data, PasswordTested).map(testerSays),
        ...valuesOf(data, AuditReported).map(auditorSays),
      ]
      const verdict = opinions.some((opinion) => opinion.verdict === 'FAIL') ? 'FAIL' : 'PASS'
      const canHelp = back !== undefined && verdict === 'FAIL' && (await canPassAll(context))
      const { history } = context
      const decision = decide({ verdict, canPass: canHelp, history }, back)
      const { attempt, of } = decision
      if (back === undefined || decision.next === 'go on') {
        const reasons = opinions.map(({ reason }) => reason)
        const line = `Review complete. Verdict: ${verdict}`
        ctx.log(line)
        ctx.handoff(next, PasswordReviewed, { verdict, reasons, attempt, of }, line)
        return
      }
      const line = `Attempt ${attempt} of ${of} failed. Handing back to ${titleOf(back.to)}.`
      ctx.log(line)
      const recommendations = opinions.flatMap(({ advice }) => advice)
      ctx.handoff(back.to, PasswordRejected, { attempt, of, recommendations }, line)
    },
  })
}

/** What one of those that judge thinks of the password. */
interface Opinion {
  readonly verdict: 'PASS' | 'FAIL'
  readonly reason: string
  /** What another attempt should mend. */
  readonly advice: readonly string[]
}

function testerSays({
  verdict,
  strength,
  score,
  recommendations,
}: DataOf<typeof PasswordTested>): Opinion {
  const advice = verdict === 'FAIL' ? recommendations : []
  const found = `${strength.replace('_', ' ')}, ${score}/5`
  return { verdict, advice, reason: [`Tester: ${verdict}, ${found}.`, ...advice].join(' ') }
}

function auditorSays({ verdict, findings }: DataOf<typeof AuditReported>): Opinion {
  const advice = findings
    .filter(fails)
    .map(({ check, detail, advice = '' }) => `${check}: ${detail} ${advice}`.trim())
  const found = advice.length === 0 ? 'no finding speaks against it.' : advice.join(' ')
  return { verdict, advice, reason: `Security Auditor: ${verdict}, ${found}` }
}

/** Whether another password by the plan can pass all of them. */
async function canPassAll(context: AgentHistory): Promise<boolean> {
  const plan = context.latest(PlanReady)?.data
  if (plan !== undefined && !(await canPassAudit(plan))) return false
  return isWorthTesting(context)
}
