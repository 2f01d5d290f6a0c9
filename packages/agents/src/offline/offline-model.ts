import type { Model, ModelRequest, ModelResponse } from '../model.ts'
import type { Worker } from '../worker.ts'
import { sampleOf } from './sample.ts'

/** An offline answer: text, JSON for structured output, or calls of tools. */
export type OfflineReply =
  | { readonly content: string }
  | { readonly output: unknown }
  | { readonly toolCalls: readonly { readonly name: string; readonly arguments: object }[] }

/** What the offline model answers for one agent: a pure function of the request. */
export type OfflineAnswer = (request: ModelRequest) => OfflineReply

/**
 * A model that needs no network and no key: each agent's own `offline` function answers for it, and
 * the smallest answer that fits its output where it has none. The same request gets the same answer.
 * It counts a token for every four characters, so that budgets can be tried out.
 */
export function createOfflineModel(agents: Iterable<Worker>): Model {
  const answers = new Map<string, OfflineAnswer>()
  for (const { role, offline } of agents) if (offline !== undefined) answers.set(role, offline)
  return {
    name: 'offline',
    async generate(request, { signal }) {
      signal.throwIfAborted()
      const reply = (answers.get(request.agent) ?? smallestAnswer)(request)
      return toResponse(request, reply)
    },
  }
}

/** The text of the latest message to the model from its user, without the results of tools. */
export function latestPrompt({ messages }: ModelRequest): string {
  return messages.findLast(({ role }) => role === 'user')?.content ?? ''
}

/** The results of the tools that were called since the latest message from the user, as JSON. */
export function toolResults({ messages }: ModelRequest): readonly unknown[] {
  const since = messages.findLastIndex(({ role }) => role === 'user')
  return messages
    .slice(since + 1)
    .filter(({ role }) => role === 'tool')
    .map(({ content }): unknown => JSON.parse(content))
}

function smallestAnswer({ agent, output }: ModelRequest): OfflineReply {
  return output === undefined
    ? { content: `'${agent}' has no offline answer.` }
    : { output: sampleOf(output.schema) }
}

/** The response of a model that gives this reply. */
export function toResponse(request: ModelRequest, reply: OfflineReply): ModelResponse {
  const round = request.messages.length
  const toolCalls =
    'toolCalls' in reply
      ? reply.toolCalls.map((call, index) => ({
          id: `call_${round}_${index + 1}`,
          name: call.name,
          arguments: JSON.stringify(call.arguments),
        }))
      : []
  const content =
    'output' in reply ? JSON.stringify(reply.output) : 'content' in reply ? reply.content : ''
  return {
    content,
    toolCalls,
    usage: {
      inputTokens: tokens(JSON.stringify([request.instructions, request.messages, request.tools])),
      outputTokens: tokens(content + JSON.stringify(toolCalls)),
    },
    model: 'offline',
  }
}

function tokens(text: string): number {
  return Math.ceil(text.length / 4)
}
