// The bus alone: two roles, typed messages, a handoff, and the run's end.
import { createBus, defineMessage } from '@nanoagent/bus'
import { z } from 'zod'

const Asked = defineMessage('question.asked', z.string())
const Drafted = defineMessage('answer.drafted', z.object({ text: z.string() }))
const Answered = defineMessage('question.answered', z.object({ text: z.string() }))

await using bus = createBus()

using _writer = bus.subscribe('writer', {
  accepts: [Asked],
  handle: (message, ctx) => {
    ctx.handoff('editor', Drafted, { text: `${message.data} Because it is.` })
  },
})
using _editor = bus.subscribe('editor', {
  accepts: [Drafted],
  handle: (message, ctx) => {
    ctx.handoff('coordinator', Answered, { text: message.data.text.toUpperCase() })
  },
})

const run = bus.publish('writer', Asked, 'Why is the sky blue?', { terminal: Answered })
const { status, message } = await run.result
console.log(status, message?.data)
