import { inspect } from 'node:util'
import { z } from 'zod'
import { SecretValueError } from './errors.ts'

/** What a secret is called before it belongs to a run. */
const UNNAMED = 'secret:unnamed'

/**
 * A value that shows itself as a handle.
 *
 * Wherever it is printed, logged, inspected or turned into JSON it reads as `secret:…`, a name made
 * from the causal path of its origin. Only `reveal()` gives the value.
 */
export class Secret {
  /** Absent where only the handle is known. */
  #value: string | undefined
  #handle = UNNAMED

  constructor(value: string) {
    this.#value = value
  }

  /** A secret of which nobody here knows more than its handle: `reveal` throws. */
  static withoutValue(handle: string): Secret {
    const secret = new Secret('').name(handle)
    secret.#value = undefined
    return secret
  }

  /** The value itself, for the code that really needs it. Throws a `SecretValueError` where it is not at hand. */
  reveal(): string {
    if (this.#value === undefined) throw new SecretValueError(this.#handle)
    return this.#value
  }

  /** Whether its value is at hand, as it is but in what was read without the journal's key. */
  get hasValue(): boolean {
    return this.#value !== undefined
  }

  /** The name that stands for the value; `secret:unnamed` until it is part of a message or a step. */
  get handle(): string {
    return this.#handle
  }

  /** Whether it belongs to a run. */
  get isNamed(): boolean {
    return this.#handle !== UNNAMED
  }

  /** Gives the secret its name. The first name stays; later calls change nothing. */
  name(handle: string): this {
    if (!this.isNamed) this.#handle = handle
    return this
  }

  /** The same value under another name. */
  renamed(handle: string): Secret {
    const secret = new Secret('').name(handle)
    secret.#value = this.#value
    return secret
  }

  /**
   * A hint for the screen of the person it belongs to: the first quarter, at most four characters,
   * and a `*` for each of the rest. Nothing of a value of digits alone, or of under eight characters;
   * eight `*` where the value is not at hand.
   */
  mask(): string {
    if (this.#value === undefined) return '*'.repeat(8)
    const characters = [...this.#value]
    const hidden = characters.length < 8 || /^\d*$/.test(this.#value)
    const shown = hidden ? 0 : Math.min(4, Math.floor(characters.length / 4))
    return characters.slice(0, shown).join('') + '*'.repeat(characters.length - shown)
  }

  toString(): string {
    return this.#handle
  }

  toJSON(): string {
    return this.#handle
  }

  [inspect.custom](): string {
    return `[${this.#handle}]`
  }
}

/** Every secret in JSON data, in its order. */
export function secretsIn(value: unknown): readonly Secret[] {
  const found: Secret[] = []
  const search = (part: unknown): void => {
    if (part instanceof Secret) found.push(part)
    else if (Array.isArray(part)) part.forEach(search)
    else if (typeof part === 'object' && part !== null) Object.values(part).forEach(search)
  }
  search(value)
  return found
}

const secretSchemas = new WeakSet<z.core.$ZodType>()

/** The schema of a secret: takes a `Secret`, or a string that becomes one, and gives a `Secret`. */
export type SecretSchema = z.ZodPipe<
  z.ZodCustom<Secret | string, Secret | string>,
  z.ZodTransform<Secret, Secret | string>
>

/** Marks a field of a message, a tool's parameter or a tool's result as secret. */
export function secret(): SecretSchema {
  const given = z.custom<Secret | string>(
    (value) => value instanceof Secret || typeof value === 'string',
    { error: 'expected a secret or a string' },
  )
  const made = z.transform((value: Secret | string) =>
    value instanceof Secret ? value : new Secret(value),
  )
  secretSchemas.add(given).add(made)
  return z.pipe(given, made)
}

/** Whether a schema is what `secret()` is made of. */
export function isSecretSchema(schema: z.core.$ZodType): boolean {
  return secretSchemas.has(schema)
}

/**
 * JSON Schema of a schema that may have secrets in it, which are strings there.
 * Throws where JSON Schema cannot say it: dates, maps, bigints, other transforms. `check` is called
 * with each schema inside, and may throw too.
 */
export function toJsonSchema(
  schema: z.ZodType,
  io: 'input' | 'output',
  check: (inner: z.core.$ZodType) => void = () => {},
): Readonly<Record<string, unknown>> {
  return z.toJSONSchema(schema, {
    io,
    override: ({ zodSchema }) => check(zodSchema),
    unrepresentable: ({ zodSchema }) =>
      secretSchemas.has(zodSchema)
        ? { type: 'string', description: 'a secret: its handle, such as secret:…, copied exactly' }
        : 'throw',
  })
}

/** The text with every value of these secrets replaced by its handle; values under four characters stay. */
export function redact(text: string, secrets: Iterable<Secret>): string {
  let handles: Map<string, string> | undefined
  for (const secret of secrets) {
    if (!secret.hasValue) continue
    const value = secret.reveal()
    if (value.length < 4) continue
    handles ??= new Map()
    handles.set(value, secret.handle)
  }
  if (handles === undefined) return text
  const handleOf = handles
  // One pass with the longest first: a value may be part of another, or of a handle.
  const values = [...handleOf.keys()].sort((a, b) => b.length - a.length)
  const pattern = values.map((value) => value.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&')).join('|')
  return text.replace(new RegExp(pattern, 'g'), (value) => handleOf.get(value) ?? value)
}
