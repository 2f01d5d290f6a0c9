import type { ModelSettings } from '@nanoagent/agents'
import type { TalkFlags } from '../arguments.ts'

/** The model settings of the one agent that talks. */
export function talkSettings({ temperature, maxAnswerTokens }: TalkFlags): ModelSettings {
  return {
    ...(temperature === undefined ? {} : { temperature }),
    ...(maxAnswerTokens === undefined ? {} : { maxTokens: maxAnswerTokens }),
  }
}
