import { z } from 'zod'
import type { ModelRequest, ModelResponse, ToolCall } from '../model.ts'
import type { ModelError } from '../model-error.ts'
import { contentText } from './content-text.ts'
import type { Fault } from './faults.ts'
import { argumentsText } from './tool-call-pieces.ts'

const FunctionCall = z.object({
  id: z.string().nullish(),
  function: z.object({ name: z.string().min(1), arguments: argumentsText.nullish() }),
})

// Some endpoints leave 'type' out; a custom tool's call has another type and no 'function'.
const AnyCall = z.object({ type: z.string().nullish() }).loose()

const Tokens = z.int().nonnegative().catch(0)

const Choice = z.object({
  finish_reason: z.string().nullish(),
  message: z.object({
    content: contentText,
    refusal: z.string().nullish(),
    tool_calls: z
      .array(AnyCall)
      .nullish()
      .transform((calls) => (calls ?? []).filter(({ type }) => (type ?? 'function') === 'function'))
      .pipe(z.array(FunctionCall)),
  }),
})

const Completion = z.object({
  model: z.string().min(1).nullish().catch(null),
  choices: z.tuple([Choice], z.unknown()),
  usage: z.object({ prompt_tokens: Tokens, completion_tokens: Tokens }).nullish().catch(null),
})

/**
 * Reads what an endpoint answered with status 200, trusting nothing about it.
 *
 * @throws what `fail` makes of an answer that is not a chat completion, of a refusal, and of an answer
 * that was cut off, be it free text: half an answer that looks like one is worse than none.
 */
export function readCompletion(
  answer: unknown,
  context: {
    readonly request: ModelRequest
    readonly model: string
    readonly fail: (fault: Fault) => ModelError
    /** Takes the API key out of an answer. */
    readonly clean: (text: string) => string
  },
): ModelResponse {
  const { request, model, fail, clean } = context
  const parsed = Completion.safeParse(answer)
  if (!parsed.success) throw fail({ kind: 'answer', answer })
  const { message, finish_reason } = parsed.data.choices[0]
  if (message.refusal) throw fail({ kind: 'refusal', reason: message.refusal })
  if (finish_reason === 'content_filter') {
    throw fail({ kind: 'refusal', reason: 'stopped by its content filter' })
  }
  if (/^(length|max_tokens|model_length)$/i.test(finish_reason ?? ''))
    throw fail({ kind: 'cut_off', maxTokens: request.maxTokens })

  const earlierCalls = request.messages.reduce(
    (count, line) => count + (line.role === 'assistant' ? (line.toolCalls?.length ?? 0) : 0),
    0,
  )
  return {
    content: clean(message.content ?? ''),
    toolCalls: message.tool_calls.map(
      (call, index): ToolCall => ({
        // Counted through the conversation, so that the ids of two rounds differ.
        id: call.id || `call_${earlierCalls + index + 1}`,
        name: clean(call.function.name),
        // A call without arguments comes as '' from some endpoints, which is no JSON text.
        arguments: clean(call.function.arguments || '{}'),
      }),
    ),
    usage: {
      inputTokens: parsed.data.usage?.prompt_tokens ?? 0,
      outputTokens: parsed.data.usage?.completion_tokens ?? 0,
    },
    model: clean(parsed.data.model ?? model),
  }
}
