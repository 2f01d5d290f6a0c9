import { type Agent, defineAgent } from '../agent.ts'
import { latestPrompt } from '../offline/offline-model.ts'
import { readRequest } from '../password/index.ts'
import { type Route, to } from '../routes.ts'
import { QuestionAnswered, QuestionAsked } from './messages.ts'

/** One prompt, one answer: an agent without tools. */
export function answerer(): Agent<
  'answerer',
  typeof QuestionAsked,
  Route<'coordinator', typeof QuestionAnswered>
> {
  return defineAgent({
    role: 'answerer',
    description: 'Answers one question, without tools.',
    accepts: [QuestionAsked],
    emits: [to('coordinator', QuestionAnswered)],
    instructions: 'You are a helpful assistant. Answer in a few plain sentences.',
    async handle({ data }, ctx) {
      const text = await ctx.generate({ prompt: data })
      ctx.handoff('coordinator', QuestionAnswered, { text }, 'Answered.')
    },
    offline: (request) => ({ content: cannedAnswer(latestPrompt(request)) }),
  })
}

/** Says that it is canned, with an example of the length that was asked for, which nobody would use. */
function cannedAnswer(prompt: string): string {
  const { kind, length } = readRequest(prompt)
  const canned = 'This answer is canned: no model was asked.'
  if (!/password|passphrase|passcode|\bpin\b/i.test(prompt)) return canned
  const example = {
    password: 'Ex4mple-'.repeat(16).slice(0, length),
    passphrase: Array.from({ length }, () => 'example').join('-'),
    pin: '0123456789'.repeat(2).slice(0, length),
  }[kind]
  return (
    `${canned} A model would write a ${kind === 'pin' ? 'PIN' : kind} here, such as\n\n${example}\n\n` +
    'which is the same for everybody: do not use it.'
  )
}
