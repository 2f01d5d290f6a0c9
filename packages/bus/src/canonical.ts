import { hash } from 'node:crypto'
import { withoutRunId } from './paths.ts'
import { Secret } from './secret.ts'

/**
 * JSON with its keys sorted, secrets as handles, and the run's own id replaced by a fixed token: the
 * form in which anything of a run is compared or hashed.
 */
export function canonicalJson(value: unknown, runId?: string): string {
  const text = JSON.stringify(value, sortKeys) ?? 'null'
  return runId === undefined ? text : withoutRunId(text, runId)
}

/** SHA-256 of the canonical JSON, in hexadecimal. */
export function canonicalHash(value: unknown, runId?: string): string {
  return hash('sha256', canonicalJson(value, runId))
}

function sortKeys(_key: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value) || value instanceof Secret) return value
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)))
}
