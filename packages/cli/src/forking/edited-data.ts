import { Secret, secretsIn } from '@nanoagent/bus'
import { UsageError } from '../errors.ts'
import { firstCharacters } from '../screen/printable.ts'

/** A change of one part of a message's data, as it was typed. */
export interface Change {
  /** Where in the data: names and places in lists, with dots between them. */
  readonly path: string
  /** JSON, or a text where it is none. */
  readonly value: string
}

/** Splits `path=value`. Throws a `UsageError` where there is no path. */
export function changeOf(typed: string): Change {
  const sign = typed.indexOf('=')
  if (sign > 0) return { path: typed.slice(0, sign).trim(), value: typed.slice(sign + 1) }
  throw new UsageError(
    `--set '${firstCharacters(typed, 80)}' is no change: write path=value, such as --set length=24`,
  )
}

/** The data as JSON text for a person, its secrets by their handles. */
export function dataText(data: unknown): string {
  return `${JSON.stringify(data, null, 2)}\n`
}

/** Data from JSON text; a handle of one of the original's secrets is that secret. Throws a `UsageError`. */
export function parseData(text: string, from: string, original: unknown): unknown {
  let parsed: unknown
  try {
    parsed = JSON.parse(text)
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    throw new UsageError(`${from} is no JSON: ${why}: give the message's data as JSON`)
  }
  return withSecrets(parsed, original)
}

/** The data with parts of it changed, in the order of the changes. Throws a `UsageError` for a path that leads nowhere. */
export function withChanges(data: unknown, changes: readonly Change[]): unknown {
  return changes.reduce((changed, change) => withChange(changed, change, data), data)
}

function withChange(data: unknown, { path, value }: Change, original: unknown): unknown {
  const set = (part: unknown, [name, ...rest]: readonly string[]): unknown => {
    if (name === undefined) return withSecrets(typedValue(value), original)
    if (Array.isArray(part)) {
      const at = /^\d+$/.test(name) ? Number(name) : -1
      if (at < 0 || at > part.length)
        throw noSuchPart(path, name, `a place from 0 to ${part.length}`)
      return part.toSpliced(at, 1, set(part[at], rest))
    }
    if (typeof part !== 'object' || part === null || part instanceof Secret) {
      throw noSuchPart(path, name, 'a part of an object or a list')
    }
    const parts = new Map(Object.entries(part))
    if (rest.length > 0 && !parts.has(name)) {
      throw noSuchPart(path, name, [...parts.keys()].join(', ') || 'nothing')
    }
    return Object.fromEntries(parts.set(name, set(parts.get(name), rest)))
  }
  return set(data, path.split('.'))
}

function noSuchPart(path: string, name: string, expected: string): UsageError {
  return new UsageError(`--set ${path}: there is no '${name}': expected ${expected}`)
}

function typedValue(typed: string): unknown {
  try {
    return JSON.parse(typed)
  } catch {
    return typed
  }
}

function withSecrets(data: unknown, original: unknown): unknown {
  const known = new Map(secretsIn(original).map((secret) => [secret.handle, secret]))
  const restore = (part: unknown): unknown => {
    if (typeof part === 'string') return known.get(part) ?? part
    if (Array.isArray(part)) return part.map(restore)
    if (typeof part !== 'object' || part === null) return part
    return Object.fromEntries(Object.entries(part).map(([name, inner]) => [name, restore(inner)]))
  }
  return known.size === 0 ? data : restore(data)
}
