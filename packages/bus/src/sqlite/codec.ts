import { hash } from 'node:crypto'
import { Secret } from '../secret.ts'

/** Seals the values of secrets, and opens them again. */
export interface Sealer {
  seal(secret: Secret): string
  /** The secret of this handle; without its value where the key is not at hand. */
  open(handle: string, sealed: string): Secret
}

/** Large pieces of JSON that are stored once: their text, by its hash. */
export type Parts = ReadonlyMap<string, string>

/** What decoding needs. */
export interface Decoding {
  readonly sealer: Sealer
  /** The text of a part. Throws where there is none. */
  part(hash: string): string
}

/**
 * A secret is `{"$secret": [handle, sealed]}`, one that was imported without its value
 * `{"$secret": [handle]}`, a part `{"$part": hash}`.
 */
const SECRET = '$secret'
const PART = '$part'

/** Characters of a piece of JSON from which on it is a part. */
const LEAST_PART = 1_024

/**
 * JSON with secrets as text. Keys of the data that begin with `$` get another one, so that no data looks
 * like a secret or a part.
 */
export function encode(value: unknown, sealer: Sealer): string {
  const text = JSON.stringify(value)
  return isPlain(text) ? text : JSON.stringify(mark(value, sealer))
}

/** Whether a text has neither secrets nor keys that could be taken for them. What is searched is found fast. */
export function isPlain(text: string): boolean {
  return !text.includes('$') && !text.includes('secret:')
}

/** The same data with its secrets sealed, and keys that look like ours as they are stored. */
export function mark(value: unknown, sealer: Sealer): unknown {
  if (value instanceof Secret) {
    return { [SECRET]: value.hasValue ? [value.handle, sealer.seal(value)] : [value.handle] }
  }
  if (Array.isArray(value)) return value.map((item) => mark(item, sealer))
  if (!isEntries(value)) return value
  const marked: Record<string, unknown> = {}
  for (const key of Object.keys(value)) {
    marked[key.startsWith('$') ? `$${key}` : key] = mark(value[key], sealer)
  }
  return marked
}

/**
 * Marked data with every large text in it, and every large entry of its own, as a part: what a model is
 * sent again and again is stored once.
 */
export function takeParts(value: unknown, parts: Map<string, string>, depth = 0): unknown {
  if (typeof value === 'string') return value.length < LEAST_PART ? value : part(value, parts)
  if (Array.isArray(value)) {
    const rest = value.map((item) => takeParts(item, parts, depth + 1))
    return depth === 1 ? ifLarge(rest, parts) : rest
  }
  if (!isEntries(value)) return value
  const rest: Record<string, unknown> = {}
  for (const key of Object.keys(value)) rest[key] = takeParts(value[key], parts, depth + 1)
  return depth === 1 ? ifLarge(rest, parts) : rest
}

function ifLarge(value: unknown, parts: Map<string, string>): unknown {
  return JSON.stringify(value).length < LEAST_PART ? value : part(value, parts)
}

/** What a part is known by: its content. */
export function partName(text: string): string {
  return hash('sha256', text, 'base64url')
}

function part(value: unknown, parts: Map<string, string>): unknown {
  const text = JSON.stringify(value)
  const name = partName(text)
  parts.set(name, text)
  return { [PART]: name }
}

/** What a text stands for, deeply frozen. Throws a `SyntaxError` where nothing here has written it. */
export function decode(text: string, decoding: Decoding): unknown {
  return revive(JSON.parse(text), decoding)
}

/** Data as it was before it was marked, deeply frozen. May change what it is given. */
export function revive(value: unknown, decoding: Decoding): unknown {
  if (Array.isArray(value)) {
    for (let index = 0; index < value.length; index++) value[index] = revive(value[index], decoding)
    return Object.freeze(value)
  }
  if (!isEntries(value)) return value
  let isMarked = false
  for (const key of Object.keys(value)) {
    if (key === '__proto__') throw new SyntaxError('a key is named __proto__')
    if (key.startsWith('$')) isMarked = true
    else value[key] = revive(value[key], decoding)
  }
  return isMarked ? reviveMarked(value, decoding) : Object.freeze(value)
}

function reviveMarked(value: Readonly<Record<string, unknown>>, decoding: Decoding): unknown {
  const { [SECRET]: secret, [PART]: name } = value
  if (Array.isArray(secret)) {
    const [handle, sealed]: readonly unknown[] = secret
    if (typeof handle === 'string' && sealed === undefined) return Secret.withoutValue(handle)
    if (typeof handle === 'string' && typeof sealed === 'string') {
      return decoding.sealer.open(handle, sealed)
    }
  }
  if (typeof name === 'string') return decode(decoding.part(name), decoding)
  const entries: Record<string, unknown> = {}
  for (const key of Object.keys(value)) {
    if (!key.startsWith('$')) entries[key] = value[key]
    else if (key.startsWith('$$')) entries[key.slice(1)] = revive(value[key], decoding)
    else throw new SyntaxError(`the key ${key} means nothing here`)
  }
  return Object.freeze(entries)
}

/** Whether it is an object with entries. */
export function isEntries(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null
}
