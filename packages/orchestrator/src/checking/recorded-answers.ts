import type { Model } from '@nanoagent/agents'
import { canonicalJson, type RecordDraft } from '@nanoagent/bus'
import { z } from 'zod'

const answerSchema = z.object({
  content: z.string(),
  toolCalls: z.array(z.object({ id: z.string(), name: z.string(), arguments: z.string() })),
  usage: z.object({ inputTokens: z.number(), outputTokens: z.number() }),
  model: z.string(),
})

/**
 * A model that answers what a recorded run has asked as it was answered then, each answer once, and asks
 * the other model the rest. Answers of a model of another name do not count.
 */
export function recordedAnswers(records: Iterable<RecordDraft>, model: Model): Model {
  const { name, endpoint } = model
  const answers = new Map<string, unknown[]>()
  for (const record of records) {
    if (record.kind !== 'step' || record.stepKind !== 'model') continue
    if (record.outcome.type !== 'response') continue
    const key = canonicalJson([record.name, record.request])
    answers.set(key, [...(answers.get(key) ?? []), record.outcome.response])
  }
  return {
    name,
    ...(endpoint === undefined ? {} : { endpoint }),
    async generate(request, options) {
      const recorded = answers.get(canonicalJson([request.model ?? name, request]))?.shift()
      const { data } = answerSchema.safeParse(recorded)
      return data ?? (await model.generate(request, options))
    },
  }
}
