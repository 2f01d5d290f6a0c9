import { z } from 'zod'
import { type DeepReadonly, freezeData, NotJsonError, toData } from './data.ts'
import { InvalidMessageError, MessageTypeError } from './errors.ts'
import { makesItsOwn } from './fresh.ts'
import { schemaIssues } from './schema-issues.ts'
import { isSecretSchema, type Secret, toJsonSchema } from './secret.ts'

/**
 * Any schema of zod's. It says less than `z.ZodType`, all of whose methods the compiler would compare with
 * those of every single schema.
 */
export type AnySchema = z.core.$ZodType & Pick<z.ZodType, 'isOptional'>

/** A message type: a name plus a schema, one exported value. Made by `defineMessage`. */
export interface MessageType<Name extends string = string, Data = unknown, Input = unknown> {
  readonly name: Name
  readonly schema: z.ZodType<Data, Input>
  /**
   * Parses and deeply freezes data of this type. `onSecret` is called for each secret in it.
   * Throws an `InvalidMessageError` that names the path in the data and what was expected.
   */
  parse(data: unknown, onSecret?: (secret: Secret) => void): DeepReadonly<Data>
  /** JSON Schema of the data after parsing. */
  jsonSchema(): Readonly<Record<string, unknown>>
  /** What answers it, where it can be asked. */
  readonly reply?: MessageType
  /** For type inference only; never set. */
  readonly '~types'?: { readonly data: DeepReadonly<Data>; readonly input: DeepReadonly<Input> }
}

/** A message type that asks for a reply of another type. */
export interface RequestType<
  Name extends string = string,
  Data = unknown,
  Input = unknown,
  Reply extends MessageType = MessageType,
> extends MessageType<Name, Data, Input> {
  /** What answers it. */
  readonly reply: Reply
}

/** The type of the reply that messages of this type ask for; `never` where they ask for none. */
export type ReplyOf<T extends MessageType> = T extends {
  readonly reply: infer Reply extends MessageType
}
  ? Reply
  : never

/** Data of a message type, as a handler sees it. */
export type DataOf<T extends MessageType> = NonNullable<T['~types']>['data']

/** Data of a message type, as a publisher gives it. */
export type InputOf<T extends MessageType> = NonNullable<T['~types']>['input']

const NAME = /^[a-z][a-z0-9]*(?:[.-][a-z0-9]+)*$/

/**
 * Defines a message type: `const PlanReady = defineMessage('plan.ready', z.object({ … }))`.
 *
 * The name is lower case with dots and hyphens, a past-tense fact or an imperative request. The
 * schema may say what JSON Schema can say, and `secret()`. Throws a `MessageTypeError` for anything
 * else (dates, maps, one-way transforms), because memory and disk would differ. With `reply` it can be
 * asked: whoever handles it then answers with a message of that type.
 */
export function defineMessage<const Name extends string, Schema extends AnySchema>(
  name: Name,
  schema: Schema,
): MessageType<Name, z.output<Schema>, z.input<Schema>>
export function defineMessage<
  const Name extends string,
  Schema extends AnySchema,
  Reply extends MessageType,
>(
  name: Name,
  schema: Schema,
  options: { readonly reply: Reply },
): RequestType<Name, z.output<Schema>, z.input<Schema>, Reply>
export function defineMessage(
  name: string,
  schema: z.ZodType,
  options?: { readonly reply: MessageType },
): MessageType {
  return { ...createMessageType(name, schema), ...options }
}

function createMessageType(name: string, schema: z.ZodType): MessageType {
  if (!NAME.test(name)) {
    throw new MessageTypeError(
      `'${name}' cannot name a message type: use lower case with dots, such as 'plan.ready'`,
    )
  }
  let jsonSchema: Readonly<Record<string, unknown>>
  let isFresh = true
  try {
    jsonSchema = toJsonSchema(schema, 'output', (inner) => {
      assertReadsItself(inner)
      isFresh &&= makesItsOwn(inner)
    })
  } catch (cause) {
    throw new MessageTypeError(
      `the schema of '${name}' is more than JSON (${cause instanceof Error ? cause.message : cause}): ` +
        'use strings, numbers, booleans, arrays, objects and secret()',
      { cause },
    )
  }
  return {
    name,
    schema,
    parse(data, onSecret) {
      const result = schema.safeParse(data)
      if (!result.success) {
        throw new InvalidMessageError(name, schemaIssues(result.error.issues))
      }
      try {
        return isFresh ? freezeData(result.data) : toData(result.data, onSecret)
      } catch (error) {
        if (error instanceof NotJsonError) throw new InvalidMessageError(name, [error.issue])
        throw error
      }
    },
    jsonSchema: () => jsonSchema,
  }
}

/** Throws where a schema would not read its own data again: what is on disk is parsed once more. */
function assertReadsItself(schema: z.core.$ZodType): void {
  if (schema instanceof z.core.$ZodPromise) throw new Error('a promise')
  if (isOneWay(schema)) throw new Error('a transform that cannot read what it has made')
}

function isOneWay(schema: z.core.$ZodType): boolean {
  if (schema instanceof z.core.$ZodCodec) return true
  if (!(schema instanceof z.core.$ZodPipe)) return false
  const { in: before, out } = schema._zod.def
  return [before, out].some(
    (part) => (part instanceof z.core.$ZodTransform && !isSecretSchema(part)) || isOneWay(part),
  )
}
