import {
  type AnySchema,
  COORDINATOR,
  type DeepReadonly,
  type DeliveryOptions,
  type FoundMemory,
  type Message,
  type MessageOf,
  type MessageType,
  type Secret,
} from '@nanoagent/bus'
import type { z } from 'zod'
import { DefinitionError } from './errors.ts'
import type { ModelMessage } from './model.ts'
import { checkModelSettings, type ModelSettings } from './model-settings.ts'
import type { OfflineAnswer } from './offline/offline-model.ts'
import type { Tool } from './tool.ts'

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
  /** What was said before in the same conversation, oldest first. Default: nothing. */
  readonly history?: readonly ModelMessage[]
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
 * What a role remembers of earlier runs of the thread; in a run without a thread, what it has kept in the
 * run. Values are JSON with secrets, and keys have 1 to 200 characters.
 */
export interface WorkMemory {
  /**
   * The value of a key, parsed; `undefined` where nothing is remembered. Throws a `MemoryMismatchError`
   * where it does not fit the schema.
   */
  get<Schema extends AnySchema>(
    key: string,
    schema: Schema,
  ): Promise<DeepReadonly<z.output<Schema>> | undefined>
  /**
   * Gives a key a value when the handler has succeeded: a write is part of the settlement. The attempt
   * itself reads it at once; of several writes the last one counts.
   */
  set(key: string, value: unknown): void
  /**
   * Memories from before this attempt that hold every word of the text, in their key or value, each as the
   * beginning of a word, whatever its case and accents; newest first. `limit` is at most 100, the default.
   */
  search(text: string, options?: { readonly limit?: number }): Promise<readonly FoundMemory[]>
  /**
   * A name for a secret's value that tells nothing of it, and is the same for the same value in every run
   * of the journal: to recognise a value without keeping it.
   */
  fingerprint(secret: Secret): Promise<string>
}

/**
 * What a handler gets beside its message. It closes with the attempt: everything on it throws
 * afterwards. Whatever touches the world outside goes through it, and is recorded.
 */
export interface WorkContext {
  readonly context: AgentHistory
  /** What the role remembers. Each read is a step. */
  readonly memory: WorkMemory
  /** Which try of the delivery this is, from 1. */
  readonly attempt: number
  /** Aborts when the attempt is over. */
  readonly signal: AbortSignal
  /**
   * Asks the model, lets it call tools, and gives its final answer: parsed by `output`, or as text.
   * Each model request and each tool call is a step. Throws a `GenerationError` where the answer
   * never fits or the calls never end.
   */
  generate<Output extends AnySchema>(
    options: GenerateOptions & { readonly output: Output },
  ): Promise<DeepReadonly<z.output<Output>>>
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

/** What agents and listeners have in common. */
export interface Worker<Role extends string = string> extends ModelSettings {
  /** Its address: lower case, digits and hyphens, such as `security-auditor`. */
  readonly role: Role
  /** What it does, in a sentence. */
  readonly description: string
  /** Stated in the records of its runs, for changes that no schema shows. */
  readonly version?: string
  /** The model's instructions. */
  readonly instructions: string
  readonly tools: readonly Tool[]
  /** What the offline model answers for it. Default: the smallest answer that fits. */
  readonly offline?: OfflineAnswer
}

/** How a worker is defined: its instructions are its description where none are given. */
export type WorkerDefinition<Role extends string> = Omit<Worker<Role>, 'instructions' | 'tools'> &
  Partial<Pick<Worker, 'instructions' | 'tools'>> &
  Partial<DeliveryOptions>

const ROLE = /^[a-z][a-z0-9]*(?:-[a-z0-9]+)*$/

/**
 * What a definition says of a worker, complete. Throws a `DefinitionError` where its role, types, tools
 * or model settings cannot be.
 */
export function completeWorker<Role extends string>(
  definition: WorkerDefinition<Role>,
  types: readonly MessageType[],
): Pick<Worker, 'instructions' | 'tools'> {
  const { role, description, tools = [], instructions = description } = definition
  if (!ROLE.test(role) || role === COORDINATOR) {
    throw new DefinitionError(
      `'${role}' cannot be a role: use lower case with hyphens, such as 'security-auditor'`,
    )
  }
  if (types.length === 0) {
    throw new DefinitionError(`'${role}' accepts nothing: name at least one message type`)
  }
  const names = tools.map(({ name }) => name)
  const twice = names.find((name, index) => names.indexOf(name) !== index)
  if (twice !== undefined) {
    throw new DefinitionError(`'${role}' has two tools named '${twice}': rename one`)
  }
  checkModelSettings(role, definition)
  return { instructions, tools }
}
