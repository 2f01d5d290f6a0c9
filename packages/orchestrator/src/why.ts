import type { Divergence, FieldDifference } from '@nanoagent/bus'

/** Why a replay does something else than was recorded, as far as the difference itself tells. */
export type DivergenceWhy =
  /** What a model is asked: its instructions or the conversation. */
  | 'prompt_changed'
  /** Which model is asked, at which temperature, with which limit. */
  | 'model_settings_changed'
  /** The tools that a model is offered, or the shape of its answer. */
  | 'tool_or_schema_changed'
  | 'tool_arguments_changed'
  /** The message is not accepted any more, or does not fit its schema. */
  | 'message_refused'
  /** Another request of a step that asks neither a model nor a tool nor a role. */
  | 'request_changed'
  | 'other_step'
  | 'missing_step'
  | 'more_steps'
  | 'other_message'
  | 'missing_message'
  | 'more_messages'
  | 'log_changed'
  | 'memory_changed'
  /** The handler fails otherwise, fails instead of succeeding, or the other way round. */
  | 'other_end'
  /** The handler waits for what is not in the record. */
  | 'no_end'

/** Why a replay does something else than was recorded, in words: `the prompt has changed`. */
export function describeWhy(why: DivergenceWhy): string {
  return WORDS[why]
}

const WORDS: Readonly<Record<DivergenceWhy, string>> = {
  prompt_changed: 'the prompt has changed',
  model_settings_changed: 'the settings of the model have changed',
  tool_or_schema_changed: 'a tool or the schema of an answer has changed',
  tool_arguments_changed: 'the arguments of a tool have changed',
  message_refused: 'the message is refused now',
  request_changed: 'the request of a step has changed',
  other_step: 'it is another step',
  missing_step: 'a step is missing',
  more_steps: 'there are more steps',
  other_message: 'it is another message',
  missing_message: 'a message is missing',
  more_messages: 'there are more messages',
  log_changed: 'what it logs has changed',
  memory_changed: 'what it remembers has changed',
  other_end: 'its end has changed',
  no_end: 'it waits for what is not in the record',
}

/** Why an attempt does something else than was recorded. */
export function whyOf(divergence: Divergence): DivergenceWhy {
  const { what, how } = divergence
  switch (what) {
    case 'inbox':
      return 'message_refused'
    case 'log':
      return 'log_changed'
    case 'memory':
      return 'memory_changed'
    case 'end':
      return how === 'missing' ? 'no_end' : 'other_end'
    case 'fan-out':
    case 'message':
      return MESSAGES[how]
    case 'step':
      return whyOfStep(divergence)
  }
}

const MESSAGES = {
  changed: 'other_message',
  missing: 'missing_message',
  added: 'more_messages',
} as const

type StepDivergence = Divergence & { readonly what: 'step' }

function whyOfStep({ how, expected, actual, differences }: StepDivergence): DivergenceWhy {
  const kind = (expected ?? actual)?.stepKind
  if (how !== 'changed') {
    return kind === 'ask' ? MESSAGES[how] : how === 'missing' ? 'missing_step' : 'more_steps'
  }
  if (kind !== actual?.stepKind) return 'other_step'
  if (kind === 'ask') return 'other_message'
  if (kind === 'model') return whyOfModelRequest(differences)
  if (differences.some(({ path }) => path === 'name')) return 'other_step'
  return kind === 'tool' ? 'tool_arguments_changed' : 'request_changed'
}

function whyOfModelRequest(differences: readonly FieldDifference[]): DivergenceWhy {
  const isIn = (...fields: string[]) =>
    differences.some(({ path }) =>
      fields.some((field) => `${path}.`.startsWith(`request.${field}.`)),
    )
  if (isIn('instructions', 'messages')) return 'prompt_changed'
  return isIn('tools', 'output') ? 'tool_or_schema_changed' : 'model_settings_changed'
}
