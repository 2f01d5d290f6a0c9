import type { Secret } from '@nanoagent/bus'

/** JSON in which handles of secrets have become the secrets themselves. */
export type Resolved =
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly problem: string }

/**
 * Puts the secrets of a run in the place of their handles, anywhere in JSON that a model wrote.
 * A handle that nobody knows is a problem to tell the model.
 */
export function resolveHandles(
  json: unknown,
  secretOf: (handle: string) => Secret | undefined,
): Resolved {
  const unknown: string[] = []
  const resolve = (value: unknown): unknown => {
    if (typeof value === 'string' && value.startsWith('secret:')) {
      const secret = secretOf(value)
      if (secret === undefined) unknown.push(value)
      return secret
    }
    if (Array.isArray(value)) return value.map(resolve)
    if (typeof value !== 'object' || value === null) return value
    return Object.fromEntries(Object.entries(value).map(([key, entry]) => [key, resolve(entry)]))
  }
  const value = resolve(json)
  if (unknown.length === 0) return { ok: true, value }
  return {
    ok: false,
    problem: `no secret has the handle ${unknown.join(', ')}: copy handles exactly as they were given`,
  }
}
