import {
  createBus,
  defineMessage,
  type Journal,
  type JournalRecord,
  type PublishOptions,
  type RunEnd,
} from '@nanoagent/bus'
import { z } from 'zod'
import {
  type Agent,
  type AgentContext,
  type AgentDefinition,
  defineAgent,
  type Route,
  to,
} from '../src/agent.ts'
import { createContext, type GenerationLimits } from '../src/context.ts'
import type { Model } from '../src/model.ts'

export const Asked = defineMessage('question.asked', z.string())
export const Answered = defineMessage('question.answered', z.object({ text: z.string() }))

type Answers = Route<'coordinator', typeof Answered>
type Definition = AgentDefinition<'answerer', typeof Asked, Answers>

/** What the handler of `answerer` gets. */
export type AnswererContext = AgentContext<Answers>

/** An agent that answers with the text that its work comes to. It does not wait between attempts. */
export function answerer(
  work: (ctx: AnswererContext) => string | Promise<string>,
  definition: Partial<Omit<Definition, 'handle' | 'role'>> = {},
): Agent<'answerer', typeof Asked, Answers> {
  return defineAgent({
    role: 'answerer',
    description: 'Answers a question.',
    accepts: [Asked],
    emits: [to('coordinator', Answered)],
    backoffMs: 0,
    ...definition,
    async handle(_message, ctx) {
      ctx.handoff('coordinator', Answered, { text: await work(ctx) })
    },
  })
}

/** How an agent is run. */
export interface RunAgentOptions {
  readonly limits?: GenerationLimits
  readonly publish?: Partial<PublishOptions>
}

/** What came of a run of one agent. */
export interface AgentRun {
  readonly end: RunEnd
  readonly records: readonly JournalRecord[]
  /** The text of the answer; absent where there is none. */
  readonly text: string | undefined
}

/** Runs an agent on one question, on a bus of its own. */
export async function runAgent(
  agent: Agent,
  model: Model,
  options: RunAgentOptions = {},
): Promise<AgentRun> {
  await using bus = createBus()
  bus.subscribe(agent.role, {
    ...agent,
    handle: (message, delivery) =>
      agent.handle(message, createContext(agent, delivery, model, options.limits)),
  })
  const run = bus.publish(agent.role, Asked, 'why?', { terminal: Answered, ...options.publish })
  const end = await run.result
  return { end, records: await recordsOf(bus.journal), text: textOf(end) }
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
