import { InvalidMessageError, type Issue } from '../errors.ts'
import type { MessageType } from '../message-type.ts'
import type { JournalRecord } from '../records.ts'
import { Secret, secretsIn } from '../secret.ts'

/** What is known of the data that a message is to have in a fork. */
export interface GivenFor {
  readonly type: MessageType
  /** What the message holds in the run. */
  readonly original: unknown
  readonly runId: string
  /** Those of the run. */
  readonly records: readonly JournalRecord[]
  /** Those of them that the fork has as well. */
  readonly kept: readonly JournalRecord[]
}

/**
 * Data that was given for a message, parsed, where the handle of a secret of the run is that secret: in
 * JSON secrets are texts of their handles. A text that begins as one, `secret:`, is one where the type, or
 * the message as it is, has a secret; elsewhere it stays a text. Throws an `InvalidMessageError` for data that
 * does not fit the type, for an entry that the type does not have, and for a handle of a secret that the fork
 * does not have, which would else be a secret itself.
 */
export function givenData(data: unknown, { type, original, runId, ...of }: GivenFor): unknown {
  const known = new Map(secretsIn(of.kept).map((secret) => [secret.handle, secret]))
  const unknown: Issue[] = []
  const secretFor = (part: unknown, path: readonly string[]): Secret | undefined => {
    const handle = handleIn(part, () => partAt(original, path))
    if (handle === undefined) return undefined
    const secret = known.get(handle)
    if (secret === undefined) {
      const isLater = secretsIn(of.records).some((one) => one.handle === handle)
      const problem = isLater
        ? `this message has led to ${handle}, so the fork does not have it`
        : `run ${runId} has no secret ${handle}`
      const message = `${problem}: copy a handle of what comes before exactly, or give a new value`
      unknown.push({ path: path.join('.'), message })
    }
    return secret
  }
  const parsed = type.parse(data)
  const message = `${type.name} has no such entry: leave it out`
  for (const path of entriesLost(data, parsed)) unknown.push({ path: path.join('.'), message })
  const given = withSecrets(parsed, secretFor)
  if (unknown.length > 0) throw new InvalidMessageError(type.name, unknown)
  return given
}

/** The handle that stands where a secret is wanted: a schema has taken it for a value, or leaves open what it takes. */
function handleIn(part: unknown, original: () => unknown): string | undefined {
  if (part instanceof Secret) {
    if (part.isNamed) return undefined
    const value = part.reveal()
    return isHandle(value) ? value : undefined
  }
  return isHandle(part) && original() instanceof Secret ? part : undefined
}

function isHandle(value: unknown): value is string {
  return typeof value === 'string' && value.startsWith('secret:')
}

/** JSON data with secrets in the place of what they are found for. */
function withSecrets(
  data: unknown,
  secretFor: (part: unknown, path: readonly string[]) => Secret | undefined,
  path: readonly string[] = [],
): unknown {
  const secret = secretFor(data, path)
  if (secret !== undefined) return secret
  if (typeof data !== 'object' || data === null || data instanceof Secret) return data
  const inside = (part: unknown, name: string) => withSecrets(part, secretFor, [...path, name])
  if (Array.isArray(data)) return data.map((part, index) => inside(part, String(index)))
  return Object.fromEntries(Object.entries(data).map(([name, part]) => [name, inside(part, name)]))
}

/** The paths of entries that a schema has taken no notice of. */
function entriesLost(
  data: unknown,
  parsed: unknown,
  path: readonly string[] = [],
): readonly (readonly string[])[] {
  if (!isEntries(data) || !isEntries(parsed)) return []
  const kept = new Map(Object.entries(parsed))
  return Object.entries(data).flatMap(([name, part]) => {
    const inside = [...path, name]
    return kept.has(name) ? entriesLost(part, kept.get(name), inside) : [inside]
  })
}

function isEntries(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !(value instanceof Secret)
}

function partAt(data: unknown, path: readonly string[]): unknown {
  let part = data
  for (const name of path) {
    if (typeof part !== 'object' || part === null) return undefined
    part = new Map(Object.entries(part)).get(name)
  }
  return part
}
