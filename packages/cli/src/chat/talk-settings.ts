import type { ModelSettings } from '@nanoagent/agents'
import type { RunStatus } from '@nanoagent/bus'
import type { TalkFlags } from '../arguments.ts'
import { EXIT, exitStatusOf } from '../exit-status.ts'
import type { Interruption } from '../interruption.ts'

/** The model settings of the one agent that talks. */
export function talkSettings({ temperature, maxAnswerTokens }: TalkFlags): ModelSettings {
  return {
    ...(temperature === undefined ? {} : { temperature }),
    ...(maxAnswerTokens === undefined ? {} : { maxTokens: maxAnswerTokens }),
  }
}

/** The bounds of one answer. */
export function talkLimits({ timeout, maxTokens }: TalkFlags): {
  readonly timeoutMs: number
  readonly maxTokens?: number
} {
  return {
    timeoutMs: timeout * 1_000,
    ...(maxTokens === undefined ? {} : { maxTokens }),
  }
}

/** The exit status of a command that gave one answer, which no verdict is passed on. */
export function talkExitStatus(
  { status }: { readonly status: RunStatus },
  interruption: Interruption,
): number {
  // A signal may come too late to stop anything.
  const stopped = status === 'cancelled' ? interruption.exitStatus : undefined
  return stopped ?? (status === 'completed' ? EXIT.pass : exitStatusOf({ status }))
}
