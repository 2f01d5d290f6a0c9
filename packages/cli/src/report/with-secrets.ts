import { Secret } from '@nanoagent/bus'

/** The same data with each of its secrets as it may be seen. */
export function withSecrets(value: unknown, show: (secret: Secret) => string): unknown {
  if (value instanceof Secret) return show(value)
  if (Array.isArray(value)) return value.map((entry) => withSecrets(entry, show))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value).map(([key, entry]) => [key, withSecrets(entry, show)]),
  )
}
