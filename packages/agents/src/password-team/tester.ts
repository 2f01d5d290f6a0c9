import { type DataOf, type DeepReadonly, TerminalError, titleOf } from '@nanoagent/bus'
import { z } from 'zod'
import { type Agent, defineAgent } from '../agent.ts'
import { latestPrompt, type OfflineReply, toolResults } from '../offline/offline-model.ts'
import { personalWords, type StrengthReport } from '../password/index.ts'
import { type Route, to } from '../routes.ts'
import { decide, isWorthTesting, type SendBack } from './attempts.ts'
import {
  PasswordReady,
  PasswordRejected,
  PasswordTested,
  PlanReady,
  RequestSubmitted,
} from './messages.ts'
import { tagged, taggedText } from './prompts.ts'
import { checkPasswordStrengthTool } from './tools.ts'

const instructions = `You test passwords. You never see one: you get handles such as secret:…. Call
check_password_strength once for each handle, copied exactly, all in one go. Then answer with further
recommendations for the user, at most five sentences that add something to those of the tool; none
where there is nothing to add. Never quote a handle in them.`

const Advice = z.object({ recommendations: z.array(z.string().max(300)).max(5) })

/**
 * The tester: holds passwords against the plan and against what attackers try. With `back` it sends one
 * that fails back to be made again, where that can help and attempts are left.
 */
export function tester<const Next extends string, const Back extends string = never>(options: {
  readonly next: Next
  readonly back?: SendBack<Back>
}): Agent<
  'tester',
  typeof PasswordReady,
  Route<Next, typeof PasswordTested> | Route<Back, typeof PasswordRejected>
>
export function tester({ next, back }: { readonly next: string; readonly back?: SendBack }) {
  return defineAgent({
    role: 'tester',
    description: 'Checks the password against the plan and against what attackers try.',
    accepts: [PasswordReady],
    emits: [
      to(next, PasswordTested),
      ...(back === undefined ? [] : [to(back.to, PasswordRejected)]),
    ],
    instructions,
    async handle({ data }, ctx) {
      const { passwords, kind } = data
      ctx.log(`Validating generated password${passwords.length > 1 ? 's' : ''}...`)
      const { context } = ctx
      const plan = context.latest(PlanReady)?.data
      const words = personalWords(context.latest(RequestSubmitted)?.data ?? '')
      const check = checkPasswordStrengthTool({ kind, plan, personalWords: words })
      const prompt = tagged('passwords', JSON.stringify(passwords))
      const advice = await ctx.generate({ prompt, tools: [check], output: Advice })
      // The verdict rests on what the tool found, whatever the model says of it.
      const results: DeepReadonly<StrengthReport>[] = []
      for (const password of passwords) {
        const known = ctx
          .results(check)
          .find(({ parameters }) => parameters.password.handle === password.handle)
        results.push(known?.result ?? (await ctx.call(check, { password })))
      }
      const report = summary(results, advice.recommendations)
      const { verdict, recommendations } = report
      ctx.log('Validation complete. Strength: {strength}, Verdict: {verdict}', {
        strength: report.strength,
        verdict,
      })
      const { history } = context
      const isWorthIt = back !== undefined && verdict === 'FAIL' && (await isWorthTesting(context))
      const decision = decide({ verdict, canPass: isWorthIt, history }, back)
      if (back === undefined || decision.next === 'go on') {
        ctx.handoff(next, PasswordTested, report, `Validation complete. Verdict: ${verdict}`)
        return
      }
      const { attempt, of } = decision
      const line = `Attempt ${attempt} of ${of} failed. Handing back to ${titleOf(back.to)}.`
      ctx.log(line)
      ctx.handoff(
        back.to,
        PasswordRejected,
        { attempt, of, recommendations: [...recommendations] },
        line,
      )
    },
    offline: (request) => offline(toolResults(request), latestPrompt(request)),
  })
}

/** The weakest password's report, with the recommendations for all of them, each once. */
function summary(
  results: readonly DeepReadonly<StrengthReport>[],
  advice: readonly string[],
): DataOf<typeof PasswordTested> {
  const rank = ({ verdict, score }: DeepReadonly<StrengthReport>) =>
    verdict === 'FAIL' ? score : score + 10
  const [weakest] = [...results].sort((a, b) => rank(a) - rank(b))
  if (weakest === undefined) throw new TerminalError('there is no password to test')
  const recommendations = new Set([
    ...results.flatMap(({ recommendations }) => recommendations),
    ...advice,
  ])
  return { ...weakest, recommendations: [...recommendations], results }
}

function offline(results: readonly unknown[], prompt: string): OfflineReply {
  if (results.length > 0) return { output: { recommendations: [] } }
  const handles = z.array(z.string()).parse(JSON.parse(taggedText('passwords', prompt)))
  return {
    toolCalls: handles.map((password) => ({
      name: 'check_password_strength',
      arguments: { password },
    })),
  }
}
