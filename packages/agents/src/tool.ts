import { type AnySchema, type DeepReadonly, type MemoryReads, toJsonSchema } from '@nanoagent/bus'
import type { z } from 'zod'
import { DefinitionError, ToolContractError } from './errors.ts'
import { describeIssues } from './issues.ts'
import type { JsonSchema, ToolSpec } from './model.ts'

/** What a tool gets beside its arguments. */
export interface ToolContext {
  /** Aborts when the attempt that called the tool is over. */
  readonly signal: AbortSignal
  /** Equal in all attempts of the delivery, for services that accept an idempotency key. */
  readonly idempotencyKey: string
  /** What the calling role remembers now. What a call makes of it is in the record of the call. */
  readonly memory: MemoryReads
}

/** Something that a model, or a handler, can call. Made by `defineTool`. */
export interface Tool<
  Name extends string = string,
  Parameters = unknown,
  Result = unknown,
  Input = unknown,
> {
  readonly name: Name
  readonly spec: ToolSpec
  /** JSON Schema of its result. */
  readonly result: JsonSchema
  readonly parameters: z.ZodType<Parameters, Input>
  /** Whether a call is never repeated, in no attempt. */
  readonly once: boolean
  /** Executes a call with parsed arguments and gives its parsed result. */
  execute(parameters: DeepReadonly<Parameters>, context: ToolContext): Promise<Result>
  /** For type inference only; never set. */
  readonly '~types'?: {
    readonly parameters: DeepReadonly<Parameters>
    readonly result: DeepReadonly<Result>
  }
}

/** How a tool is defined. */
export interface ToolDefinition<
  Name extends string,
  Parameters extends AnySchema,
  Result extends AnySchema,
> {
  /** Letters, digits, `_` and `-`, at most 64: what every endpoint accepts. */
  readonly name: Name
  /** For the model: what it does, when to call it. */
  readonly description: string
  /** What it takes; a `secret()` in it accepts the handle that a model passes. */
  readonly parameters: Parameters
  /** What it gives. A `secret()` in it becomes a handle for the model. */
  readonly result: Result
  /** Never call it twice with the same arguments for one message, in no attempt. Default false. */
  readonly once?: boolean
  /** Does the work. What it throws is told to the model; a `TerminalError` ends the delivery. */
  execute(
    parameters: DeepReadonly<z.output<Parameters>>,
    context: ToolContext,
  ): DeepReadonly<z.input<Result>> | Promise<DeepReadonly<z.input<Result>>>
}

const NAME = /^[a-zA-Z0-9_-]{1,64}$/

/** Defines a tool. Throws a `DefinitionError` where its name or a schema cannot be told to a model. */
export function defineTool<
  const Name extends string,
  Parameters extends AnySchema,
  Result extends AnySchema,
>(
  definition: ToolDefinition<Name, Parameters, Result>,
): Tool<Name, z.output<Parameters>, z.output<Result>, z.input<Parameters>>
export function defineTool(definition: ToolDefinition<string, z.ZodType, z.ZodType>): Tool {
  const { name, description, parameters, result, once = false } = definition
  if (!NAME.test(name)) {
    throw new DefinitionError(
      `'${name}' cannot name a tool: use 1 to 64 letters, digits, _ or -, such as 'check_strength'`,
    )
  }
  return {
    name,
    spec: { name, description, parameters: parametersSchema(name, parameters) },
    result: schemaOf(name, 'result', result, 'output'),
    parameters,
    once,
    async execute(given, context) {
      const parsed = result.safeParse(await definition.execute(given, context))
      if (parsed.success) return parsed.data
      throw new ToolContractError(name, 'result', describeIssues(parsed.error))
    },
  }
}

function parametersSchema(name: string, schema: z.ZodType): JsonSchema {
  const json = schemaOf(name, 'parameters', schema, 'input')
  if (json.type !== 'object') {
    throw new DefinitionError(`the parameters of tool '${name}' must be an object: use z.object`)
  }
  return json
}

function schemaOf(
  tool: string,
  what: 'parameters' | 'result',
  schema: z.ZodType,
  io: 'input' | 'output',
): JsonSchema {
  try {
    return toJsonSchema(schema, io)
  } catch (cause) {
    throw new DefinitionError(
      `the ${what} of tool '${tool}' are more than JSON Schema can say: use plain JSON types and secret()`,
      { cause },
    )
  }
}
