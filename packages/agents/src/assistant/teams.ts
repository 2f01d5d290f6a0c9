import { to } from '../routes.ts'
import { defineTeam, type Team } from '../team.ts'
import { answerer } from './answerer.ts'
import { type AssistantOptions, assistant } from './assistant.ts'
import { ChatAnswered, ChatSubmitted, QuestionAnswered, QuestionAsked } from './messages.ts'

/** The type of the team of one that talks. */
export type ChatTeam = Team<
  typeof ChatSubmitted,
  typeof ChatAnswered,
  Record<never, never>,
  'assistant'
>

/** One agent that makes and judges passwords with its tools, in a conversation. */
export function chatTeam(options: AssistantOptions = {}): ChatTeam {
  return defineTeam({
    name: 'chat',
    agents: [assistant(options)],
    entry: to('assistant', ChatSubmitted),
    terminal: ChatAnswered,
  })
}

/** The type of the team of one that answers. */
export type AskTeam = Team<
  typeof QuestionAsked,
  typeof QuestionAnswered,
  Record<never, never>,
  'answerer'
>

/** One agent that answers one question, without tools. */
export function askTeam(): AskTeam {
  return defineTeam({
    name: 'ask',
    agents: [answerer()],
    entry: to('answerer', QuestionAsked),
    terminal: QuestionAnswered,
  })
}
