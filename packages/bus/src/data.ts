import { type Issue, TerminalError } from './errors.ts'
import { Secret } from './secret.ts'

/** Data as handlers see it: everything in it is read-only. */
export type DeepReadonly<T> = T extends Secret | string | number | boolean | null | undefined
  ? T
  : T extends readonly unknown[]
    ? { readonly [Index in keyof T]: DeepReadonly<T[Index]> }
    : T extends object
      ? { readonly [Key in keyof T]: DeepReadonly<T[Key]> }
      : T

/** Most bytes that the data of one message may have as JSON. */
export const MAX_DATA_BYTES = 1_048_576

const MAX_DEPTH = 100

/** Counted as generously as `DataWalk` does, data of this size is too large for sure. */
const HOPELESS_SIZE = 25 * MAX_DATA_BYTES

/** Most bytes that parts of data have as JSON, with what parts them from the next; `null` counts as brackets. */
const MOST_BYTES = { number: 25, boolean: 6, brackets: 5 } as const

/** The same of a text, or of a key. No character takes more than six (an escaped control character). */
function mostBytes(text: string): number {
  return text.length * 6 + 3
}

/** Thrown by `toData`; the caller knows what the data was for and says so. */
export class NotJsonError extends TerminalError {
  readonly #path: (string | number)[] = []

  constructor(message: string) {
    super(message, { code: 'not_json' })
  }

  get issue(): Issue {
    return { path: this.#path.join('.'), message: this.message }
  }

  /** Says that what is wrong is inside this entry of what was looked at. */
  inside(key: string | number): this {
    this.#path.unshift(key)
    return this
  }
}

/**
 * A deeply frozen copy of JSON data with secrets in it. Entries that are `undefined` are left out,
 * as JSON does. Throws a `NotJsonError` for anything that JSON would change or lose, and for data
 * over 1 MiB. `onSecret` is called for each secret in the order of the data.
 */
export function toData<T>(value: T, onSecret?: (secret: Secret) => void): DeepReadonly<T>
export function toData(value: unknown, onSecret: (secret: Secret) => void = () => {}): unknown {
  const walk = new DataWalk(onSecret)
  const data = walk.copy(value, 0)
  // The running count is an upper bound that needs no encoding; only large data is measured exactly.
  if (walk.size > MAX_DATA_BYTES) {
    const bytes = Buffer.byteLength(JSON.stringify(data))
    if (bytes > MAX_DATA_BYTES) {
      throw new NotJsonError(`data has ${bytes} bytes, at most ${MAX_DATA_BYTES} are allowed`)
    }
  }
  return data
}

/**
 * The same data, deeply frozen where it is. For what a schema has just made, of which nobody else
 * holds a part: numbers are finite, there is nothing but plain objects, arrays and primitives in it.
 * Gives what `toData` gives.
 */
export function freezeData<T>(value: T): DeepReadonly<T>
export function freezeData(value: unknown): unknown {
  const size = freezeDeep(value)
  // An entry that JSON leaves out or changes, or data that may be too large: both are rare.
  return size <= MAX_DATA_BYTES ? value : toData(value)
}

/**
 * Freezes everything in the value, and gives the most bytes that it can have as JSON, counted as
 * `DataWalk` does; `NaN` where JSON would change it.
 */
function freezeDeep(value: unknown): number {
  if (typeof value === 'string') return mostBytes(value)
  if (typeof value === 'number') {
    return Number.isFinite(value) && !Object.is(value, -0) ? MOST_BYTES.number : Number.NaN
  }
  if (typeof value === 'boolean') return MOST_BYTES.boolean
  if (typeof value !== 'object') return Number.NaN
  let size: number = MOST_BYTES.brackets
  if (value === null) return size
  if (Array.isArray(value)) for (const item of value) size += freezeDeep(item)
  else if (isPlain(value)) {
    for (const key in value) size += mostBytes(key) + freezeDeep(value[key])
  } else return Number.NaN
  Object.freeze(value)
  return size
}

class DataWalk {
  size = 0
  readonly #onSecret: (secret: Secret) => void

  constructor(onSecret: (secret: Secret) => void) {
    this.#onSecret = onSecret
  }

  copy(value: unknown, depth: number): unknown {
    switch (typeof value) {
      case 'string':
        this.size += mostBytes(value)
        return value
      case 'number':
        if (!Number.isFinite(value)) throw new NotJsonError(`${value} is no JSON number`)
        this.size += MOST_BYTES.number
        return value === 0 ? 0 : value
      case 'boolean':
        this.size += MOST_BYTES.boolean
        return value
      case 'object':
        this.size += MOST_BYTES.brackets
        return value === null ? null : this.#copyObject(value, depth)
      case 'undefined':
        throw new NotJsonError('undefined is no JSON')
      default:
        throw new NotJsonError(`a ${typeof value} is no JSON`)
    }
  }

  #copyObject(value: object, depth: number): unknown {
    if (value instanceof Secret) {
      this.size += 200
      this.#onSecret(value)
      return value
    }
    if (this.size > HOPELESS_SIZE) {
      throw new NotJsonError(`data has far more than the ${MAX_DATA_BYTES} bytes that are allowed`)
    }
    if (depth >= MAX_DEPTH) {
      throw new NotJsonError(`data is nested deeper than ${MAX_DEPTH} levels, or contains itself`)
    }
    if (Array.isArray(value)) return this.#copyArray(value, depth)
    if (isPlain(value)) return this.#copyEntries(value, depth)
    throw new NotJsonError(`a ${value.constructor?.name ?? 'object with a prototype'} is no JSON`)
  }

  #copyArray(items: readonly unknown[], depth: number): unknown {
    // Exactly as long as what it copies: an array that grows by pushes takes room for sixteen more.
    const copy = items.slice()
    let index = 0
    try {
      for (; index < copy.length; index++) copy[index] = this.copy(items[index], depth + 1)
    } catch (error) {
      throw error instanceof NotJsonError ? error.inside(index) : error
    }
    return Object.freeze(copy)
  }

  #copyEntries(entries: Readonly<Record<string, unknown>>, depth: number): unknown {
    const copy: Record<string, unknown> = {}
    let at = ''
    try {
      for (const key of Object.keys(entries)) {
        at = key
        const entry = entries[key]
        if (entry === undefined) continue
        if (key === '__proto__') throw new NotJsonError('a key must not be named __proto__')
        this.size += mostBytes(key)
        copy[key] = this.copy(entry, depth + 1)
      }
    } catch (error) {
      throw error instanceof NotJsonError ? error.inside(at) : error
    }
    return Object.freeze(copy)
  }
}

function isPlain(value: object): value is Readonly<Record<string, unknown>> {
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === Object.prototype || prototype === null
}
