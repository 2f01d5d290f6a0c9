import { secret } from '@nanoagent/bus'
import { z } from 'zod'
import { type AuditSubject, auditChecks, Finding, findingsOf } from '../password/index.ts'
import { defineTool, type Tool } from '../tool.ts'

const Parameters = z.object({
  passwords: z.array(secret()).min(1).max(20).describe('The handles, copied exactly'),
})

const Result = z.object({
  results: z
    .array(z.object({ findings: z.array(Finding) }))
    .describe('For each password, in their order'),
})

/** A tool that looks at passwords in one way, and tells what it found in each. */
export type AuditTool = Tool<
  string,
  z.infer<typeof Parameters>,
  z.infer<typeof Result>,
  z.input<typeof Parameters>
>

/** The auditor's tools, one for each look, for passwords of which this is known. */
export function auditTools(subject: AuditSubject): readonly AuditTool[] {
  return auditChecks.map((check) =>
    defineTool({
      name: check.name,
      description: check.description,
      parameters: Parameters,
      result: Result,
      async execute({ passwords }) {
        const found = passwords.map((password) => findingsOf(check, password.reveal(), subject))
        return { results: (await Promise.all(found)).map((findings) => ({ findings })) }
      },
    }),
  )
}
