import { z } from 'zod'

/** The payloads, one for each way between two roles. Every contender parses each of them once. */
export const schemas = {
  task: z.object({
    text: z.string().min(1),
    length: z.int().min(8).max(128),
    symbols: z.boolean(),
  }),
  plan: z.object({
    goal: z.string().min(1),
    steps: z.array(z.string().min(1)).min(1),
    constraints: z.object({ length: z.int(), symbols: z.boolean() }),
  }),
  implementation: z.object({
    language: z.enum(['typescript', 'python']),
    files: z.array(z.object({ path: z.string().min(1), content: z.string() })).min(1),
    notes: z.string().optional(),
  }),
  report: z.object({
    passed: z.boolean(),
    checks: z.array(z.object({ name: z.string(), passed: z.boolean(), detail: z.string() })),
    score: z.number().min(0).max(1),
  }),
}
