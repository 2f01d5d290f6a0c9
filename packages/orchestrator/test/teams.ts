import {
  defineAgent,
  defineTeam,
  type Model,
  type ModelRequest,
  type ModelResponse,
  type Team,
  to,
} from '@nanoagent/agents'
import { defineMessage, type JournalRecord } from '@nanoagent/bus'
import { z } from 'zod'

export const Asked = defineMessage('question.asked', z.string().min(1))
const Drafted = defineMessage('answer.drafted', z.object({ text: z.string() }))
export const Answered = defineMessage('question.answered', z.object({ text: z.string() }))

const context = { question: Asked, draft: Drafted, answer: Answered } as const

/** The type of a team that drafts and edits an answer. */
export type AnswerTeam = Team<typeof Asked, typeof Answered, typeof context>

/** A writer that asks the model, and an editor that may do anything. */
export function answerTeam(
  options: { edit?: (text: string) => string | Promise<string> } = {},
): AnswerTeam {
  const { edit = (text) => text.toUpperCase() } = options
  const writer = defineAgent({
    role: 'writer',
    description: 'Writes.',
    accepts: [Asked],
    emits: [to('editor', Drafted)],
    async handle({ data }, ctx) {
      ctx.handoff('editor', Drafted, { text: await ctx.generate({ prompt: data }) })
    },
  })
  const editor = defineAgent({
    role: 'editor',
    description: 'Edits.',
    accepts: [Drafted],
    emits: [to('coordinator', Answered)],
    async handle({ data }, ctx) {
      ctx.handoff('coordinator', Answered, { text: await edit(data.text) })
    },
  })
  return defineTeam({
    name: 'answers',
    agents: [writer, editor],
    entry: to('writer', Asked),
    terminal: Answered,
    context,
  })
}

const Ping = defineMessage('ping', z.object({ turn: z.number() }))

/** Two agents that play ping-pong until their run is over. */
export function endlessTeam(): Team {
  const player = <const Role extends string, const Other extends string>(
    role: Role,
    other: Other,
  ) =>
    defineAgent({
      role,
      description: 'Hits it back.',
      accepts: [Ping],
      emits: [to(other, Ping), to('coordinator', Answered)],
      handle({ data }, ctx) {
        ctx.handoff(other, Ping, { turn: data.turn + 1 })
      },
    })
  return defineTeam({
    name: 'ping-pong',
    agents: [player('left', 'right'), player('right', 'left')],
    entry: to('left', Ping),
    terminal: Answered,
  })
}

/** A model that echoes the prompt; each request uses 10 tokens in and 5 out. */
export const echo: Model = {
  name: 'echo',
  generate: async (request) => answerTo(request),
}

function answerTo({ messages }: ModelRequest): ModelResponse {
  return {
    content: `echo ${messages.at(-1)?.content}`,
    toolCalls: [],
    usage: { inputTokens: 10, outputTokens: 5 },
    model: 'echo',
  }
}

/** A model whose requests wait until they are let go or aborted. */
export interface HeldModel extends Model {
  /** Prompts of the requests that are under way. */
  readonly prompts: readonly string[]
  /** Most requests that were under way at once. */
  readonly most: number
  /** Resolves when so many requests are under way. */
  reached(count: number): Promise<void>
  /** Answers the oldest request. */
  letGo(): void
}

/** Creates a model that holds its requests back. */
export function heldModel(): HeldModel {
  const held: { readonly prompt: string; readonly answer: () => void }[] = []
  const waiters: { readonly count: number; readonly resolve: () => void }[] = []
  let most = 0
  return {
    name: 'held',
    get prompts() {
      return held.map(({ prompt }) => prompt)
    },
    get most() {
      return most
    },
    async reached(count) {
      if (held.length >= count) return
      await new Promise<void>((resolve) => waiters.push({ count, resolve }))
    },
    letGo() {
      held.shift()?.answer()
    },
    generate(request, { signal }) {
      return new Promise((resolve, reject) => {
        const entry = {
          prompt: request.messages.at(-1)?.content ?? '',
          answer: () => resolve(answerTo(request)),
        }
        held.push(entry)
        most = Math.max(most, held.length)
        for (const { count, resolve } of waiters) if (held.length >= count) resolve()
        signal.addEventListener('abort', () => {
          const at = held.indexOf(entry)
          if (at >= 0) held.splice(at, 1)
          reject(signal.reason)
        })
      })
    },
  }
}

/** Everything that an iterable gives. */
export async function collect(records: AsyncIterable<JournalRecord>): Promise<JournalRecord[]> {
  const all: JournalRecord[] = []
  for await (const record of records) all.push(record)
  return all
}
