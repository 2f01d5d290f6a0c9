import { z } from 'zod'
import type { StepRecord } from '../../records.ts'
import type { Attributes } from './spans.ts'

const ToolCalls = z.array(z.object({ id: z.string(), name: z.string(), arguments: z.string() }))

const Said = z.union([
  z.object({ role: z.literal('user'), content: z.string() }),
  z.object({
    role: z.literal('assistant'),
    content: z.string(),
    toolCalls: ToolCalls.optional(),
  }),
  z.object({ role: z.literal('tool'), toolCallId: z.string(), content: z.string() }),
])

/** What is known of a model request, where it is one of an agent. */
const Request = z.object({
  instructions: z.string(),
  messages: z.array(Said),
  tools: z.array(z.unknown()),
})
const Settings = z.object({ temperature: z.number().optional(), maxTokens: z.number().optional() })
const Response = z.object({ content: z.string(), toolCalls: ToolCalls })
const Answered = z.object({ model: z.string(), toolCalls: ToolCalls })

/** What a model step says of itself besides what was said. */
export function modelAttributes({ name, request, outcome, usage }: StepRecord): Attributes {
  const settings = Settings.safeParse(request).data
  const answered = Answered.safeParse(responseOf(outcome)).data
  return {
    'gen_ai.request.model': name,
    'gen_ai.request.temperature': settings?.temperature,
    'gen_ai.request.max_tokens': settings?.maxTokens,
    'gen_ai.response.model': answered?.model,
    'gen_ai.response.finish_reasons':
      answered === undefined ? undefined : [endOf(answered) === 'stop' ? 'stop' : 'tool_calls'],
    'gen_ai.usage.input_tokens': usage?.inputTokens,
    'gen_ai.usage.output_tokens': usage?.outputTokens,
  }
}

/** What was said to a model and what it answered, as texts of JSON; secrets are handles. */
export function modelContent(step: StepRecord): Attributes {
  const request = Request.safeParse(step.request).data
  if (request === undefined) return stepContent(step)
  const response = Response.safeParse(responseOf(step.outcome)).data
  return {
    'gen_ai.system_instructions': json([text(request.instructions)]),
    'gen_ai.input.messages': json(request.messages.map(inputMessage)),
    'gen_ai.tool.definitions': json(
      request.tools.map((tool) => ({ type: 'function', ...(isObject(tool) ? tool : {}) })),
    ),
    'gen_ai.output.messages':
      response === undefined
        ? undefined
        : json([
            { ...inputMessage({ role: 'assistant', ...response }), finish_reason: endOf(response) },
          ]),
  }
}

/** What a tool was called with, and what it gave. */
export function toolContent({ request, outcome }: StepRecord): Attributes {
  return {
    'gen_ai.tool.call.arguments': json(request),
    'gen_ai.tool.call.result': json(responseOf(outcome)),
  }
}

/** The request and the response of any other step. */
export function stepContent({ request, outcome }: StepRecord): Attributes {
  return {
    'nanoagent.step.request': json(request),
    'nanoagent.step.response': json(responseOf(outcome)),
  }
}

function inputMessage(said: z.infer<typeof Said>): object {
  if (said.role === 'tool') {
    const { toolCallId: id, content: response } = said
    return { role: 'tool', parts: [{ type: 'tool_call_response', id, response }] }
  }
  const calls = said.role === 'assistant' ? (said.toolCalls ?? []) : []
  const parts = said.content === '' && calls.length > 0 ? [] : [text(said.content)]
  return {
    role: said.role,
    parts: [...parts, ...calls.map((call) => ({ type: 'tool_call', ...call }))],
  }
}

function text(content: string): object {
  return { type: 'text', content }
}

/** An answer that breaks off is an error, never a response: there are these two ends. */
function endOf({ toolCalls }: Pick<z.infer<typeof Response>, 'toolCalls'>): string {
  return toolCalls.length > 0 ? 'tool_call' : 'stop'
}

function responseOf(outcome: StepRecord['outcome']): unknown {
  return outcome.type === 'response' ? outcome.response : undefined
}

function json(value: unknown): string | undefined {
  return JSON.stringify(value)
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null
}
