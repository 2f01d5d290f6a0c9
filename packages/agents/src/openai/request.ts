import type { ModelMessage, ModelRequest } from '../model.ts'
import type { ChatMessage, ChatParams } from './client.ts'
import { type Dialect, outputOf } from './dialect.ts'
import { plainSchema, strictSchema } from './strict-schema.ts'

/** Writes a model request as the parameters of a chat completion, in an endpoint's dialect. */
export function chatParams(request: ModelRequest, model: string, dialect: Dialect): ChatParams {
  const { tools, output, temperature, maxTokens } = request
  const system = systemText(request, dialect)
  return {
    model,
    messages: [
      ...(system === '' ? [] : [{ role: 'system' as const, content: system }]),
      ...request.messages.map(chatMessage),
    ],
    // Endpoints refuse an empty list.
    ...(tools.length > 0 && {
      tools: tools.map(({ name, description, parameters }) => ({
        type: 'function' as const,
        function: { name, description, parameters: plainSchema(parameters) },
      })),
    }),
    ...(output && responseFormat(output, outputOf(dialect, request))),
    ...(temperature !== undefined && { temperature }),
    ...(maxTokens !== undefined && { [dialect.tokenLimit]: maxTokens }),
    ...(dialect.stream !== 'off' && { stream: true }),
    ...(dialect.stream === 'with_usage' && { stream_options: { include_usage: true } }),
  }
}

function chatMessage(message: ModelMessage): ChatMessage {
  switch (message.role) {
    case 'user':
      return { role: 'user', content: message.content }
    case 'tool':
      return { role: 'tool', tool_call_id: message.toolCallId, content: message.content }
    case 'assistant': {
      const { content, toolCalls = [] } = message
      if (toolCalls.length === 0) return { role: 'assistant', content }
      return {
        role: 'assistant',
        content: content === '' ? null : content,
        tool_calls: toolCalls.map((call) => ({
          id: call.id,
          type: 'function',
          function: { name: call.name, arguments: call.arguments },
        })),
      }
    }
  }
}

function responseFormat(
  { name, schema }: NonNullable<ModelRequest['output']>,
  form: Dialect['output'],
): Pick<ChatParams, 'response_format'> {
  switch (form) {
    case 'strict_schema':
    case 'json_schema': {
      // The API allows no dot, and message types are named 'plan.ready'.
      const safeName = name.replaceAll(/[^\w-]/g, '_').slice(0, 64)
      const strict = form === 'strict_schema' ? strictSchema(schema) : undefined
      const format = {
        name: safeName,
        schema: strict ?? plainSchema(schema),
        strict: strict !== undefined,
      }
      return { response_format: { type: 'json_schema', json_schema: format } }
    }
    case 'json_object':
      return { response_format: { type: 'json_object' } }
    case 'words':
      return {}
  }
}

function systemText(request: ModelRequest, dialect: Dialect): string {
  const { instructions, tools, output } = request
  if (output === undefined || /schema/.test(outputOf(dialect, request))) return instructions
  const shape =
    `${tools.length > 0 ? 'When you call no tool, answer' : 'Answer'} with one JSON object ` +
    'that satisfies this JSON Schema, and with nothing else: no code fence, no remark.\n' +
    JSON.stringify(plainSchema(output.schema))
  return instructions === '' ? shape : `${instructions}\n\n${shape}`
}
