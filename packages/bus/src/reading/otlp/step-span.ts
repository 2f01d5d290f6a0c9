import { stepPath } from '../../paths.ts'
import type { StepRecord } from '../../records.ts'
import { modelAttributes, modelContent, stepContent, toolContent } from './content.ts'
import type { SpanDraft } from './spans.ts'

/** What the spans of all steps have in common. */
interface StepSettings {
  readonly content?: boolean
  readonly provider?: string
  readonly conversation: string
}

/** What a step is called, and what is said of it, by its kind. */
export function stepSpan(
  step: StepRecord,
  settings: StepSettings,
): Pick<SpanDraft, 'name' | 'kind' | 'attributes'> {
  if (step.stepKind === 'model') return chat(step, settings)
  if (step.stepKind === 'tool') return toolCall(step, settings)
  const { stepKind, name } = step
  return {
    name: `${stepKind} ${name}`,
    kind: 'internal',
    attributes: {
      'nanoagent.step.id': idOf(step),
      'nanoagent.step.kind': stepKind,
      ...(settings.content === true ? stepContent(step) : {}),
    },
  }
}

function chat(
  step: StepRecord,
  { content, provider, conversation }: StepSettings,
): Pick<SpanDraft, 'name' | 'kind' | 'attributes'> {
  return {
    name: `chat ${step.name}`,
    kind: 'client',
    attributes: {
      'gen_ai.operation.name': 'chat',
      'gen_ai.provider.name': provider,
      'gen_ai.conversation.id': conversation,
      ...modelAttributes(step),
      'nanoagent.step.id': idOf(step),
      ...(content === true ? modelContent(step) : {}),
    },
  }
}

function toolCall(
  step: StepRecord,
  { content }: StepSettings,
): Pick<SpanDraft, 'name' | 'kind' | 'attributes'> {
  const { name } = step
  return {
    name: `execute_tool ${name}`,
    kind: 'internal',
    attributes: {
      'gen_ai.operation.name': 'execute_tool',
      'gen_ai.tool.name': name,
      'gen_ai.tool.call.id': idOf(step),
      'gen_ai.tool.type': 'function',
      'nanoagent.step.id': idOf(step),
      ...(content === true ? toolContent(step) : {}),
    },
  }
}

function idOf({ messageId, attempt, step }: StepRecord): string {
  return stepPath(messageId, attempt, step)
}
