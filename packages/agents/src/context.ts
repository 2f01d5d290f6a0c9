import {
  type AnySchema,
  type AskOptions,
  type Branch,
  DEFAULTS,
  type DeepReadonly,
  type DeliveryContext,
  type InputOf,
  type JoinAt,
  type MessageOf,
  type MessageOptions,
  type MessageType,
  type ReplyData,
  type RequestType,
  type Secret,
} from '@nanoagent/bus'
import type { z } from 'zod'
import type { AgentContext } from './agent.ts'
import { ToolContractError } from './errors.ts'
import { type Generation, generate } from './generate.ts'
import { describeIssues } from './issues.ts'
import type { Model, ModelDelta } from './model.ts'
import { quiet } from './quiet.ts'
import type { Tool } from './tool.ts'
import { RoleMemory } from './work-memory.ts'
import type {
  AgentHistory,
  GenerateOptions,
  ToolInput,
  ToolResult,
  Worker,
  WorkMemory,
} from './worker.ts'

/** Bounds of one `generate`. */
export interface GenerationLimits {
  /** Most rounds of tool calls. Default 8. */
  readonly toolRounds?: number
  /** Most corrections of structured output. Default 2. */
  readonly corrections?: number
  /**
   * Longest time for one model request with its queue and its client's retries. Default 240 s: what a
   * client with the default limits can take at most, without the queue.
   */
  readonly modelWaitMs?: number
  /** Gets the pieces of the models' answers as they come. What it throws is ignored. */
  readonly onDelta?: (delta: AgentDelta) => void
}

/** A piece of what a model is writing for an agent. */
export interface AgentDelta {
  readonly runId: string
  /** The message that the agent is handling. */
  readonly messageId: string
  readonly role: string
  readonly attempt: number
  readonly delta: ModelDelta
}

const MODEL_WAIT_MS =
  (DEFAULTS.modelRetries + 1) * DEFAULTS.modelTimeoutMs +
  DEFAULTS.modelRetries * DEFAULTS.maxRetryAfterMs

/** Makes what the handler of an agent or a listener gets from what the bus gives it. */
export function createContext(
  agent: Worker,
  delivery: DeliveryContext,
  model: Model,
  limits: GenerationLimits = {},
): AgentContext {
  return new DeliveryAgentContext(agent, delivery, model, limits)
}

class DeliveryAgentContext implements AgentContext, Generation {
  readonly agent: Worker
  readonly delivery: DeliveryContext
  readonly model: Model
  readonly toolRounds: number
  readonly corrections: number
  readonly modelWaitMs: number
  readonly onDelta: ((delta: ModelDelta) => void) | undefined
  readonly #results: {
    readonly tool: string
    readonly parameters: unknown
    readonly result: unknown
  }[] = []

  constructor(agent: Worker, delivery: DeliveryContext, model: Model, limits: GenerationLimits) {
    this.agent = agent
    this.delivery = delivery
    this.model = model
    this.toolRounds = limits.toolRounds ?? DEFAULTS.toolRounds
    this.corrections = limits.corrections ?? DEFAULTS.corrections
    this.modelWaitMs = limits.modelWaitMs ?? MODEL_WAIT_MS
    const { onDelta } = limits
    this.onDelta = onDelta === undefined ? undefined : forwarder(agent, delivery, onDelta)
  }

  get context(): AgentHistory {
    return historyOf(this.delivery)
  }

  get memory(): WorkMemory {
    return new RoleMemory(this.agent.role, this.delivery.memory)
  }

  get attempt(): number {
    return this.delivery.attempt
  }

  get signal(): AbortSignal {
    return this.delivery.signal
  }

  handoff<T extends MessageType>(
    to: string,
    type: T,
    data: InputOf<T>,
    options?: string | MessageOptions,
  ): string {
    return this.delivery.handoff(to, type, data, options)
  }

  fanOut(branches: readonly Branch[], join: JoinAt): string {
    return this.delivery.fanOut(branches, join)
  }

  ask<T extends RequestType>(
    to: string,
    type: T,
    data: InputOf<T>,
    options?: AskOptions,
  ): Promise<ReplyData<T>>
  ask<T extends RequestType>(
    to: readonly string[],
    type: T,
    data: InputOf<T>,
    options?: AskOptions,
  ): Promise<readonly ReplyData<T>[]>
  ask(
    to: string | readonly string[],
    type: RequestType,
    data: unknown,
    options?: AskOptions,
  ): Promise<unknown> {
    return typeof to === 'string'
      ? this.delivery.ask(to, type, data, options)
      : this.delivery.ask(to, type, data, options)
  }

  reply<T extends MessageType>(
    type: T,
    data: InputOf<T>,
    options?: string | MessageOptions,
  ): string {
    return this.delivery.reply(type, data, options)
  }

  generate<Output extends AnySchema>(
    options: GenerateOptions & { readonly output: Output },
  ): Promise<DeepReadonly<z.output<Output>>>
  generate(options: GenerateOptions): Promise<string>
  generate(options: GenerateOptions & { readonly output?: z.ZodType }): Promise<unknown> {
    return quiet(generate(this, options))
  }

  call<T extends Tool>(tool: T, parameters: ToolInput<T>): Promise<ToolResult<T>['result']>
  call(tool: Tool, parameters: unknown): Promise<unknown> {
    return quiet(this.#call(tool, parameters))
  }

  async #call(tool: Tool, parameters: unknown): Promise<unknown> {
    const parsed = tool.parameters.safeParse(parameters)
    if (parsed.success) return this.callParsed(tool, parsed.data)
    throw new ToolContractError(tool.name, 'arguments', describeIssues(parsed.error))
  }

  async callParsed(tool: Tool, parameters: unknown): Promise<unknown> {
    const result = await this.delivery.step({
      kind: 'tool',
      name: tool.name,
      request: parameters,
      perform: ({ signal, idempotencyKey, memory }) =>
        tool.execute(parameters, { signal, idempotencyKey, memory }),
      once: tool.once,
    })
    this.#results.push({ tool: tool.name, parameters, result })
    return result
  }

  results<T extends Tool>(tool: T): readonly ToolResult<T>[]
  results(tool: Tool): readonly { readonly parameters: unknown; readonly result: unknown }[] {
    return this.#results.filter((call) => call.tool === tool.name)
  }

  step<Response>(
    name: string,
    request: unknown,
    perform: () => Response | Promise<Response>,
  ): Promise<DeepReadonly<Response>> {
    return this.delivery.step({ name, request, perform })
  }

  log(text: string, data?: Readonly<Record<string, unknown>>): void {
    this.delivery.log(text, data)
  }

  now(): number {
    return this.delivery.now()
  }

  random(): number {
    return this.delivery.random()
  }

  secret(handle: string): Secret | undefined {
    return this.delivery.secret(handle)
  }
}

/** Tells whose deltas they are; one that nobody can take is no fault of the model. */
function forwarder(
  { role }: Worker,
  { message, attempt }: DeliveryContext,
  onDelta: (delta: AgentDelta) => void,
): (delta: ModelDelta) => void {
  const { runId, id: messageId } = message
  return (delta) => {
    try {
      onDelta({ runId, messageId, role, attempt, delta })
    } catch {
      // Deltas are for a screen alone.
    }
  }
}

function historyOf(delivery: DeliveryContext): AgentHistory {
  const history = delivery.past()
  return {
    request: history[0] ?? delivery.message,
    history,
    latest<T extends MessageType>(type: T): MessageOf<T> | undefined {
      return delivery.latest(type)
    },
  }
}
