/** JSON Schema, as `z.toJSONSchema` makes it. */
export type JsonSchema = Readonly<Record<string, unknown>>

/** A tool as a model sees it. */
export interface ToolSpec {
  readonly name: string
  readonly description: string
  readonly parameters: JsonSchema
}

/** A model's wish to call a tool; `arguments` is the JSON text that the model wrote, unparsed. */
export interface ToolCall {
  readonly id: string
  readonly name: string
  readonly arguments: string
}

/** One line of the conversation with a model. */
export type ModelMessage =
  | { readonly role: 'user'; readonly content: string }
  | {
      readonly role: 'assistant'
      readonly content: string
      readonly toolCalls?: readonly ToolCall[]
    }
  | { readonly role: 'tool'; readonly toolCallId: string; readonly content: string }

/** A model request: everything that decides the answer, so that it can be recorded and compared. */
export interface ModelRequest {
  /** The role of the agent that asks. Not sent to an endpoint. */
  readonly agent: string
  /** The model's name; absent for the model's own default. */
  readonly model?: string
  readonly instructions: string
  readonly messages: readonly ModelMessage[]
  readonly tools: readonly ToolSpec[]
  /** The shape that the final answer must have; absent for free text. */
  readonly output?: { readonly name: string; readonly schema: JsonSchema }
  readonly temperature?: number
  /** Most tokens in the answer. */
  readonly maxTokens?: number
}

/** Tokens of one request, or of several added up. */
export interface TokenUsage {
  readonly inputTokens: number
  readonly outputTokens: number
}

/** A model's answer: text, or wishes to call tools, or both. */
export interface ModelResponse {
  readonly content: string
  readonly toolCalls: readonly ToolCall[]
  readonly usage: TokenUsage
  /** The model that answered, as it names itself. */
  readonly model: string
}

/**
 * A sign of life of a request under way, for a screen: a piece of the answer as it comes. Never
 * recorded; what it says is said again, whole, by the response.
 */
export type ModelDelta =
  /** A piece of the answer's text, or of the thoughts that a reasoning model shows. */
  | { readonly kind: 'text' | 'reasoning'; readonly text: string }
  /** A piece of the arguments of a tool call; `index` tells the calls of one answer apart. */
  | {
      readonly kind: 'tool_call'
      readonly index: number
      readonly name: string
      readonly text: string
    }
  /** What came so far counts no longer: the client tries again after a fault, and why. */
  | { readonly kind: 'retry'; readonly reason: string; readonly waitMs?: number }

/** What a model gets beside a request. */
export interface ModelCallOptions {
  readonly signal: AbortSignal
  /** Gets the pieces of the answer as they come, from a model that streams. Must not throw. */
  readonly onDelta?: (delta: ModelDelta) => void
}

/**
 * What answers model requests.
 *
 * `generate` makes one request, its client's retries included, and rejects with a `ModelError`;
 * an abort of `signal` rejects with the signal's reason. It keeps no state between requests.
 */
export interface Model {
  /** The default model's name, for people. */
  readonly name: string
  /** Where it is asked, for people: a URL without credentials or query. Absent where it is asked nowhere. */
  readonly endpoint?: string
  generate(request: ModelRequest, options: ModelCallOptions): Promise<ModelResponse>
}
