import { defineMessage, type Journal, type JournalRecord, type RunEnd } from '@nanoagent/bus'
import { z } from 'zod'
import { type Agent, type AgentContext, type AgentDefinition, defineAgent } from '../src/agent.ts'
import type { Model } from '../src/model.ts'
import { type Route, to } from '../src/routes.ts'
import { type AgentRun, type AgentRunOptions, runAgent } from '../src/testing/index.ts'

export const Asked = defineMessage('question.asked', z.string())
export const Answered = defineMessage('question.answered', z.object({ text: z.string() }))

type Answers = Route<'coordinator', typeof Answered>
type Definition = AgentDefinition<'answerer', typeof Asked, Answers>
type Answerer = Agent<'answerer', typeof Asked, Answers>

/** What the handler of `answerer` gets. */
export type AnswererContext = AgentContext<Answers>

/** An agent that answers with the text that its work comes to. */
export function answerer(
  work: (ctx: AnswererContext) => string | Promise<string>,
  definition: Partial<Omit<Definition, 'handle' | 'role'>> = {},
): Answerer {
  return defineAgent({
    role: 'answerer',
    description: 'Answers a question.',
    accepts: [Asked],
    emits: [to('coordinator', Answered)],
    ...definition,
    async handle(_message, ctx) {
      ctx.handoff('coordinator', Answered, { text: await work(ctx) })
    },
  })
}

/** Asks an answerer why; `text` is its answer, where it gives one. */
export async function ask(
  agent: Answerer,
  model: Model,
  options: AgentRunOptions = {},
): Promise<AgentRun<Answers> & { readonly text: string | undefined }> {
  const run = await runAgent(agent, 'why?', { model, ...options })
  return { ...run, text: run.handoff?.data.text }
}

/** The text of a run's answer. */
export function textOf({ message }: RunEnd): string | undefined {
  return message === undefined ? undefined : Answered.parse(message.data).text
}

/** Everything that a journal has. */
export async function recordsOf(journal: Journal): Promise<readonly JournalRecord[]> {
  const records: JournalRecord[] = []
  for await (const record of journal.read()) records.push(record)
  return records
}

/** The results of tools that a request tells the model, parsed. */
export function toldResults(request: { messages: readonly { role: string; content: string }[] }) {
  return request.messages
    .filter(({ role }) => role === 'tool')
    .map(({ content }): unknown => JSON.parse(content))
}
