import { type DeepReadonly, type Secret, titleOf } from '@nanoagent/bus'
import { z } from 'zod'
import { type Agent, defineAgent } from '../agent.ts'
import { latestPrompt, type OfflineReply, toolResults } from '../offline/offline-model.ts'
import { auditResult, Finding, fails, mergedResult, optionConstraints } from '../password/index.ts'
import { type Route, to } from '../routes.ts'
import type { WorkContext } from '../worker.ts'
import { type AuditTool, auditTools } from './audit-tools.ts'
import { AuditReported, PasswordReady, RequestSubmitted } from './messages.ts'
import { tagged, taggedText } from './prompts.ts'

const instructions = `You audit passwords for weaknesses that attackers use. You never see one: you get
handles such as secret:…. Call each of your tools once with all the handles, copied exactly, all tools in
one go. Then answer with a summary for the user, in one or two sentences, of what the findings come to.
Never quote a handle in it.`

const Summary = z.object({ summary: z.string().min(1).max(500) })

/** The security auditor: looks for what attackers try first, and holds passwords against standards. */
export function securityAuditor<const Next extends string>(options: {
  readonly next: Next
}): Agent<'security-auditor', typeof PasswordReady, Route<Next, typeof AuditReported>>
export function securityAuditor({ next }: { readonly next: string }) {
  return defineAgent({
    role: 'security-auditor',
    description: 'Looks for what attackers try first, and holds the password against standards.',
    accepts: [PasswordReady],
    emits: [to(next, AuditReported)],
    instructions,
    async handle({ data }, ctx) {
      const { passwords, kind, config } = data
      ctx.log(`Auditing generated password${passwords.length > 1 ? 's' : ''}...`)
      const request = ctx.context.latest(RequestSubmitted)?.data ?? ''
      const tools = auditTools({ kind, made: optionConstraints(config), request })
      const prompt = tagged('passwords', JSON.stringify(passwords))
      const { summary } = await ctx.generate({ prompt, tools, output: Summary })
      // The verdict rests on what the tools found, whatever the model says of it.
      const found = await Promise.all(tools.map((tool) => findingsOf(tool, passwords, ctx)))
      const results = passwords.map((_, index) =>
        auditResult(found.flatMap((ofTool) => ofTool[index] ?? [])),
      )
      const report = { ...mergedResult(results), summary, results }
      const bad = report.findings.filter(({ severity }) => severity !== 'none').length
      ctx.log('Audit complete. Findings: {bad} of {all}, Verdict: {verdict}', {
        bad,
        all: report.findings.length,
        verdict: report.verdict,
      })
      const line = `Audit complete. Verdict: ${report.verdict}`
      ctx.handoff(next, AuditReported, report, `${line}. Handing off to ${titleOf(next)}.`)
    },
    offline: (request) => offline(toolResults(request), latestPrompt(request), request.tools),
  })
}

/** What a tool found in each password, also in those for which the model has not called it. */
async function findingsOf(
  tool: AuditTool,
  passwords: readonly Secret[],
  ctx: WorkContext,
): Promise<readonly (readonly DeepReadonly<Finding>[])[]> {
  const known = (password: Secret) => {
    for (const { parameters, result } of ctx.results(tool)) {
      const at = parameters.passwords.findIndex(({ handle }) => handle === password.handle)
      const there = result.results[at]
      if (there !== undefined) return there.findings
    }
    return undefined
  }
  const unknown = passwords.filter((password) => known(password) === undefined)
  if (unknown.length > 0) await ctx.call(tool, { passwords: unknown })
  return passwords.map((password) => known(password) ?? [])
}

const Found = z.object({ results: z.array(z.object({ findings: z.array(Finding) })) })

function offline(
  results: readonly unknown[],
  prompt: string,
  tools: readonly { readonly name: string }[],
): OfflineReply {
  if (results.length > 0) {
    const findings = results.flatMap((result) =>
      Found.parse(result).results.flatMap((one) => one.findings),
    )
    return { output: { summary: summaryOf(findings) } }
  }
  const passwords = z.array(z.string()).parse(JSON.parse(taggedText('passwords', prompt)))
  return { toolCalls: tools.map(({ name }) => ({ name, arguments: { passwords } })) }
}

function summaryOf(findings: readonly Finding[]): string {
  const named = (those: readonly Finding[]) =>
    [...new Set(those.map(({ check }) => check))].join(', ')
  const bad = named(findings.filter(fails))
  if (bad !== '') return `Do not use it: ${bad}.`
  const known = named(findings.filter(({ severity }) => severity === 'low'))
  return known === ''
    ? 'Nothing was found that attackers could use.'
    : `Nothing was found that speaks against it; good to know: ${known}.`
}
