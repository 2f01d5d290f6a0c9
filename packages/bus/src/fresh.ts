import { z } from 'zod'

/** Kinds of schemas whose output is a primitive, or what another schema has made. */
const HARMLESS = new Set([
  'string',
  'number',
  'boolean',
  'null',
  'literal',
  'enum',
  'optional',
  'nullable',
  'union',
])

/**
 * Whether all that a schema makes is its own: objects and arrays that it has built anew from plain
 * JSON, so that nobody but the caller holds a part of them. Says no where it cannot tell. Looks at one
 * schema; ask for each of those inside it too.
 */
export function makesItsOwn(schema: z.core.$ZodType): boolean {
  const { def } = schema._zod
  if (HARMLESS.has(def.type)) return true
  if (def.checks?.some((check) => check._zod.def.check === 'overwrite') === true) return false
  if (schema instanceof z.core.$ZodArray) return true
  if (schema instanceof z.core.$ZodObject) {
    const { catchall } = schema._zod.def
    return catchall === undefined || catchall instanceof z.core.$ZodNever
  }
  return schema instanceof z.core.$ZodDefault && isFlat(schema._zod.def.defaultValue)
}

/** Of a default zod copies the first level only. */
function isFlat(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return true
  return Object.values(value).every((entry) => typeof entry !== 'object' || entry === null)
}
