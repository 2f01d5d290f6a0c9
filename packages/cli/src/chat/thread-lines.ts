import type { Journal } from '@nanoagent/bus'
import { inShell } from '../journal-choice.ts'
import type { Conversation } from './conversation.ts'

/** The thread that a conversation is of where none is named. */
export const DEFAULT_THREAD = 'chat'

/** Says which conversation goes on, and how much of it is told to the model. */
export function goingOnLine(
  thread: string,
  { exchanges, told }: Pick<Conversation, 'exchanges' | 'told'>,
): string {
  const earlier = exchanges === 1 ? '1 earlier exchange' : `${exchanges} earlier exchanges`
  const part = told < exchanges ? `, of which the model is told the last ${told}` : ''
  return `Going on with thread '${thread}': ${earlier}${part}.`
}

/** Says that a conversation begins, and how it is gone on with. */
export function beginningLine(thread: string, { features }: Pick<Journal, 'features'>): string {
  if (features.durability === 'memory') return 'A new conversation, of which nothing is kept.'
  const name = thread === DEFAULT_THREAD ? '' : ` --thread ${inShell(thread)}`
  return `A new conversation, kept as thread '${thread}': nanoagent chat${name} goes on with it.`
}
