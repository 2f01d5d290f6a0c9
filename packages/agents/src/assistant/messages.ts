import { defineMessage, secret } from '@nanoagent/bus'
import { z } from 'zod'
import { MAX_REQUEST_LENGTH } from '../password-team/messages.ts'

/** What was said earlier in a conversation: with handles where secrets were. */
const Turn = z.object({ role: z.enum(['user', 'assistant']), content: z.string() })

/** One line of a conversation, with what led to it. */
export const ChatSubmitted = defineMessage(
  'chat.submitted',
  z.object({
    text: z.string().trim().min(1).max(MAX_REQUEST_LENGTH),
    /** What was said before, oldest first. */
    turns: z.array(Turn).max(100),
    /** The passwords that were made before: their handles stand in the turns. */
    passwords: z.array(secret()).max(200),
  }),
)

/** What the assistant says to it. */
export const ChatAnswered = defineMessage(
  'chat.answered',
  z.object({
    /** With handles in place of passwords. */
    text: z.string(),
    /** The passwords that were made for it, in the order in which they were made. */
    passwords: z.array(secret()),
  }),
)

/** A question without a conversation. */
export const QuestionAsked = defineMessage(
  'question.asked',
  z.string().trim().min(1).max(MAX_REQUEST_LENGTH),
)

/** The answer to it. */
export const QuestionAnswered = defineMessage('question.answered', z.object({ text: z.string() }))
