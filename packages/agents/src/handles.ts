import { Secret } from '@nanoagent/bus'

type SecretOf = (handle: string) => Secret | undefined

/**
 * Puts the secrets of a run in the place of their handles, anywhere in JSON that a model wrote. What
 * only looks like a handle stays text.
 */
export function resolveHandles(json: unknown, secretOf: SecretOf): unknown {
  if (typeof json === 'string') return isHandle(json) ? (secretOf(json) ?? json) : json
  if (Array.isArray(json)) return json.map((item) => resolveHandles(item, secretOf))
  if (typeof json !== 'object' || json === null) return json
  return Object.fromEntries(
    Object.entries(json).map(([key, entry]) => [key, resolveHandles(entry, secretOf)]),
  )
}

/** Handles that nobody knows in places where a secret was wanted, so that a schema took them for values. */
export function unknownHandles(parsed: unknown, secretOf: SecretOf): readonly string[] {
  if (parsed instanceof Secret) {
    const value = parsed.reveal()
    return isHandle(value) && secretOf(parsed.handle) !== parsed ? [value] : []
  }
  if (typeof parsed !== 'object' || parsed === null) return []
  return Object.values(parsed).flatMap((entry) => unknownHandles(entry, secretOf))
}

function isHandle(text: string): boolean {
  return text.startsWith('secret:')
}
