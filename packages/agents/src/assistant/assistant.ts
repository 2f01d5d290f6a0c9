import { type Agent, defineAgent } from '../agent.ts'
import { personalWords, type RandomInt } from '../password/index.ts'
import { rememberGiven } from '../password-team/given.ts'
import {
  preferencesFor,
  rememberPreferences,
  withPreferences,
} from '../password-team/preferences.ts'
import { generateMultiplePasswordsTool, generatePasswordTool } from '../password-team/tools.ts'
import { type Route, to } from '../routes.ts'
import { ChatAnswered, ChatSubmitted } from './messages.ts'
import { answerOffline } from './offline.ts'
import { checkAnyPasswordTool, rememberPreferenceTool } from './tools.ts'

/** What the assistant is told where nothing else is. */
export const ASSISTANT_INSTRUCTIONS = `You help people with passwords. Make them with generate_password, or
with generate_multiple_passwords where several are wanted; never make one up yourself. Judge them with
check_password_strength. You never see the value of a password that the tools made: you get handles such as
secret:…. Write a handle exactly as it was given wherever the password is to stand: the person sees the
password there. A password that the person typed you give to the tool as it was typed, and do not repeat.
Where the person states a lasting wish, call remember_preference. Wishes that were stated earlier may follow
these instructions as preferences: follow those whose purpose fits or is empty, as far as the person asks
for nothing else, and say which ones you followed.
Answer in a few plain sentences, with the password on a line of its own.`

/** How the assistant is made. */
export interface AssistantOptions {
  /** Default: `ASSISTANT_INSTRUCTIONS`. */
  readonly instructions?: string
  /** Where chance comes from. Default: `node:crypto`. */
  readonly randomInt?: RandomInt
}

/** The assistant: one agent that makes and judges passwords with its tools, in a conversation. */
export function assistant(
  options: AssistantOptions = {},
): Agent<'assistant', typeof ChatSubmitted, Route<'coordinator', typeof ChatAnswered>> {
  const makeOne = generatePasswordTool(options.randomInt)
  const makeSeveral = generateMultiplePasswordsTool(options.randomInt)
  const { instructions = ASSISTANT_INSTRUCTIONS } = options
  return defineAgent({
    role: 'assistant',
    description: 'Makes and judges passwords with its tools, in a conversation.',
    accepts: [ChatSubmitted],
    emits: [to('coordinator', ChatAnswered)],
    instructions,
    async handle({ data }, ctx) {
      const { text, turns } = data
      const preferences = await preferencesFor(ctx.memory, text)
      const answer = await ctx.generate({
        instructions: withPreferences(instructions, preferences),
        prompt: text,
        history: turns,
        tools: [
          makeOne,
          makeSeveral,
          checkAnyPasswordTool(personalWords(text)),
          rememberPreferenceTool,
        ],
      })
      rememberPreferences(
        ctx.memory,
        ctx.results(rememberPreferenceTool).map(({ parameters }) => parameters),
      )
      const passwords = [
        ...ctx.results(makeOne).map(({ result }) => result.password),
        ...ctx.results(makeSeveral).flatMap(({ result }) => result.passwords),
      ]
      await rememberGiven(ctx.memory, passwords)
      ctx.handoff('coordinator', ChatAnswered, { text: answer, passwords }, 'Answered.')
    },
    offline: answerOffline,
  })
}
