import { NotJsonError } from '../data.ts'
import { Secret } from '../secret.ts'

/** Gives the sealed value of a secret; `undefined` where it is written by its handle alone. */
export type Seal = (secret: Secret) => string | undefined

/** Gives back the value of a secret that was sealed; `undefined` where it is left out. */
export type Unseal = (sealed: string, handle: string) => string | undefined

// In place of a secret stands { "$secret": handle, "sealed": … }. Keys that could be taken for it have one
// `$` more than in the data.
const MARK = '$secret'
const IS_ESCAPED = /^\$+secret$/

/** Deeper than any record: data has at most 100 levels. */
const MAX_DEPTH = 128

/** The data with objects in place of its secrets, to be written as JSON. */
export function toWritten(value: unknown, seal: Seal): unknown {
  if (typeof value !== 'object' || value === null) return value
  if (value instanceof Secret) {
    const sealed = seal(value)
    return { [MARK]: value.handle, ...(sealed === undefined ? {} : { sealed }) }
  }
  if (Array.isArray(value)) return value.map((entry) => toWritten(entry, seal))
  return Object.fromEntries(
    Object.entries(value).map(([key, entry]) => [
      IS_ESCAPED.test(key) ? `$${key}` : key,
      toWritten(entry, seal),
    ]),
  )
}

/**
 * The data that was written, with its secrets. Throws a `NotJsonError` for a key that would change an
 * object's prototype, for a secret that is none, and for data that is nested too deep.
 */
export function fromWritten(value: unknown, unseal: Unseal, depth = 0): unknown {
  if (typeof value !== 'object' || value === null) return value
  if (depth > MAX_DEPTH) throw new NotJsonError(`data is nested deeper than ${MAX_DEPTH} levels`)
  if (Array.isArray(value)) {
    return value.map((entry, index) => inside(index, () => fromWritten(entry, unseal, depth + 1)))
  }
  if (Object.hasOwn(value, MARK)) return readSecret(value, unseal)
  const data: Record<string, unknown> = {}
  for (const [key, entry] of Object.entries(value)) {
    if (key === '__proto__') throw new NotJsonError('a key must not be named __proto__')
    const name = IS_ESCAPED.test(key) ? key.slice(1) : key
    data[name] = inside(key, () => fromWritten(entry, unseal, depth + 1))
  }
  return data
}

function readSecret(value: object, unseal: Unseal): Secret {
  const { [MARK]: handle, sealed, ...others }: { [MARK]?: unknown; sealed?: unknown } = value
  if (typeof handle !== 'string' || !handle.startsWith('secret:')) {
    throw new NotJsonError(`${MARK} is no handle such as secret:…`)
  }
  if (Object.keys(others).length > 0 || (sealed !== undefined && typeof sealed !== 'string')) {
    throw new NotJsonError('a secret has its handle, and what is sealed of it, alone')
  }
  const opened = sealed === undefined ? undefined : unseal(sealed, handle)
  return opened === undefined ? Secret.withoutValue(handle) : new Secret(opened).name(handle)
}

function inside<T>(key: string | number, read: () => T): T {
  try {
    return read()
  } catch (error) {
    throw error instanceof NotJsonError ? error.inside(key) : error
  }
}
