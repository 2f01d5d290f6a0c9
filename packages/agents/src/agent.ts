import {
  COORDINATOR,
  type DeepReadonly,
  type DeliveryOptions,
  type InputOf,
  type Message,
  type MessageOf,
  type MessageOptions,
  type MessageType,
  type Secret,
} from '@nanoagent/bus'
import type { z } from 'zod'
import { DefinitionError } from './errors.ts'
import { checkModelSettings, type ModelSettings } from './model-settings.ts'
import type { OfflineAnswer } from './offline/offline-model.ts'
import type { Tool } from './tool.ts'

/** A way out of an agent: the role it hands off to, and with which message type. */
export interface Route<To extends string = string, T extends MessageType = MessageType> {
  readonly to: To
  readonly type: T
}

/** Says that an agent hands off to a role with a message type. */
export function to<const To extends string, T extends MessageType>(
  role: To,
  type: T,
): Route<To, T> {
  return { to: role, type }
}

/** The message types that these routes lead to a role with. */
export type TypeFor<Emits extends Route, To extends string> =
  Emits extends Route<infer Target, infer T> ? (To extends Target ? T : never) : never

/** What an agent could know when it handles a message: its causal past, and nothing else of the run. */
export interface AgentHistory {
  /** The run's root message. */
  readonly request: Message
  /** The messages that led here, root first, the handled one last. */
  readonly history: readonly Message[]
  /** The latest message of a type among them. */
  latest<T extends MessageType>(type: T): MessageOf<T> | undefined
}

/** One question to the model, with everything that the agent's definition does not already say. */
export interface GenerateOptions {
  readonly prompt: string
  /** Default: the agent's. */
  readonly instructions?: string
  /** Default: the agent's. */
  readonly tools?: readonly Tool[]
  /** Most rounds of tool calls. Default 8. */
  readonly toolRounds?: number
  /** Most corrections of an answer that does not fit `output`. Default 2. */
  readonly corrections?: number
}

/** What a tool's parameters are before they are parsed: without defaults, a secret as itself or as text. */
export type ToolInput<T extends Tool> = DeepReadonly<z.input<T['parameters']>>

/** One call of a tool that gave a result. */
export interface ToolResult<T extends Tool> {
  readonly parameters: NonNullable<T['~types']>['parameters']
  readonly result: NonNullable<T['~types']>['result']
}

/**
 * What a handler gets beside its message. It closes with the attempt: everything on it throws
 * afterwards. Whatever touches the world outside goes through it, and is recorded.
 */
export interface AgentContext<Emits extends Route = Route> {
  readonly context: AgentHistory
  /** Which try of the delivery this is, from 1. */
  readonly attempt: number
  /** Aborts when the attempt is over. */
  readonly signal: AbortSignal
  /**
   * Hands off to the next role, once; gives the message's id. The data is validated at once, and
   * the message is published when the handler has succeeded. `options` may be just the human line.
   */
  handoff<To extends Emits['to'], T extends TypeFor<Emits, To>>(
    to: To,
    type: T,
    data: InputOf<T>,
    options?: string | MessageOptions,
  ): string
  /**
   * Asks the model, lets it call tools, and gives its final answer: parsed by `output`, or as text.
   * Each model request and each tool call is a step. Throws a `GenerationError` where the answer
   * never fits or the calls never end.
   */
  generate<Output>(
    options: GenerateOptions & { readonly output: z.ZodType<Output> },
  ): Promise<DeepReadonly<Output>>
  generate(options: GenerateOptions): Promise<string>
  /** Calls a tool without a model. The arguments are checked; the call is a step. */
  call<T extends Tool>(tool: T, parameters: ToolInput<T>): Promise<ToolResult<T>['result']>
  /** Calls of a tool in this attempt that gave a result, the model's included, in the order of the results. */
  results<T extends Tool>(tool: T): readonly ToolResult<T>[]
  /** Performs any other effect and records its result, which is served when the attempt starts again. */
  step<Response>(
    name: string,
    request: unknown,
    perform: () => Response | Promise<Response>,
  ): Promise<DeepReadonly<Response>>
  /** Records a line for whoever watches. `{name}` in the text stands for that entry of `data`. */
  log(text: string, data?: Readonly<Record<string, unknown>>): void
  /** Epoch milliseconds of the attempt's latest record: the same when it starts again. */
  now(): number
  /** From 0 up to 1, seeded by run, message and attempt: the same when it starts again. */
  random(): number
  /** The secret that a handle of this run stands for. */
  secret(handle: string): Secret | undefined
}

/** How an agent is defined. */
export interface AgentDefinition<
  Role extends string,
  Accepts extends MessageType,
  Emits extends Route,
> extends Partial<DeliveryOptions>,
    ModelSettings {
  /** Its address: lower case, digits and hyphens, such as `security-auditor`. */
  readonly role: Role
  /** What it does, in a sentence. */
  readonly description: string
  /** Stated in the records of its runs, for changes that no schema shows. */
  readonly version?: string
  readonly accepts: readonly Accepts[]
  readonly emits: readonly Emits[]
  /** The model's instructions. Default: the description. */
  readonly instructions?: string
  readonly tools?: readonly Tool[]
  /** What the offline model answers for this agent. Default: the smallest answer that fits. */
  readonly offline?: OfflineAnswer
  /**
   * Handles one message. What it throws fails the attempt; a `TerminalError` fails the delivery. What it
   * returns is awaited, and otherwise ignored.
   */
  handle(message: MessageOf<Accepts>, ctx: AgentContext<Emits>): unknown
}

/** An agent: a role, what it accepts and emits, its instructions, its tools, its handler. */
export interface Agent<
  Role extends string = string,
  Accepts extends MessageType = MessageType,
  Emits extends Route = Route,
> extends AgentDefinition<Role, Accepts, Emits> {
  readonly instructions: string
  readonly tools: readonly Tool[]
}

const ROLE = /^[a-z][a-z0-9]*(?:-[a-z0-9]+)*$/

/** Defines an agent. Throws a `DefinitionError` where its role, types, tools or model settings cannot be. */
export function defineAgent<
  const Role extends string,
  Accepts extends MessageType,
  Emits extends Route,
>(definition: AgentDefinition<Role, Accepts, Emits>): Agent<Role, Accepts, Emits> {
  const { role, accepts, tools = [] } = definition
  if (!ROLE.test(role) || role === COORDINATOR) {
    throw new DefinitionError(
      `'${role}' cannot be an agent's role: use lower case with hyphens, such as 'security-auditor'`,
    )
  }
  if (accepts.length === 0) {
    throw new DefinitionError(`'${role}' accepts nothing: name at least one message type`)
  }
  const names = tools.map(({ name }) => name)
  const twice = names.find((name, index) => names.indexOf(name) !== index)
  if (twice !== undefined) {
    throw new DefinitionError(`'${role}' has two tools named '${twice}': rename one`)
  }
  checkModelSettings(role, definition)
  return {
    ...definition,
    tools,
    instructions: definition.instructions ?? definition.description,
    handle: (message, ctx) => definition.handle(message, ctx),
  }
}
