import type { ModelMessage, ModelRequest } from '../model.ts'
import type { ChatMessage, ChatParams } from './client.ts'
import type { Dialect } from './dialect.ts'

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
        function: { name, description, parameters },
      })),
    }),
    ...(output && responseFormat(output, dialect)),
    ...(temperature !== undefined && { temperature }),
    ...(maxTokens !== undefined && { [dialect.tokenLimit]: maxTokens }),
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
  dialect: Dialect,
): Pick<ChatParams, 'response_format'> {
  switch (dialect.output) {
    case 'json_schema': {
      // The API allows no dot, and message types are named 'plan.ready'.
      const safeName = name.replaceAll(/[^\w-]/g, '_').slice(0, 64)
      const format = { name: safeName, schema, strict: true }
      return { response_format: { type: 'json_schema', json_schema: format } }
    }
    case 'json_object':
      return { response_format: { type: 'json_object' } }
    case 'words':
      return {}
  }
}

function systemText({ instructions, tools, output }: ModelRequest, dialect: Dialect): string {
  if (output === undefined || dialect.output === 'json_schema') return instructions
  const shape =
    `${tools.length > 0 ? 'When you call no tool, answer' : 'Answer'} with one JSON object ` +
    'that satisfies this JSON Schema, and with nothing else: no code fence, no remark.\n' +
    JSON.stringify(output.schema)
  return instructions === '' ? shape : `${instructions}\n\n${shape}`
}
