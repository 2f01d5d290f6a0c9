import type { DivergenceWhy } from '@nanoagent/orchestrator'

/** Why a replay does something else than was recorded, as people read it. */
export const WHY: Readonly<Record<DivergenceWhy, string>> = {
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
