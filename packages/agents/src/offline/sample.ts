import { z } from 'zod'

/** The part of JSON Schema that says what the smallest value is. */
const Schema = z.looseObject({
  type: z.string().optional(),
  const: z.unknown().optional(),
  enum: z.array(z.unknown()).optional(),
  default: z.unknown().optional(),
  anyOf: z.array(z.unknown()).optional(),
  oneOf: z.array(z.unknown()).optional(),
  allOf: z.array(z.unknown()).optional(),
  properties: z.record(z.string(), z.unknown()).optional(),
  required: z.array(z.string()).optional(),
  items: z.unknown().optional(),
  minItems: z.number().optional(),
  minLength: z.number().optional(),
  minimum: z.number().optional(),
  exclusiveMinimum: z.number().optional(),
})

/** The smallest value that fits a JSON Schema, as far as its keywords say: no patterns, no references. */
export function sampleOf(json: unknown): unknown {
  const schema = Schema.parse(json)
  if ('const' in schema) return schema.const
  if ('default' in schema) return schema.default
  if (schema.enum !== undefined) return schema.enum[0]
  const [choice] = schema.anyOf ?? schema.oneOf ?? schema.allOf ?? []
  if (choice !== undefined) return sampleOf(choice)
  switch (schema.type) {
    case 'object':
      return Object.fromEntries(
        (schema.required ?? []).map((key) => [key, sampleOf(schema.properties?.[key] ?? {})]),
      )
    case 'array':
      return Array.from({ length: schema.minItems ?? 0 }, () => sampleOf(schema.items ?? {}))
    case 'string':
      return 'offline'.padEnd(schema.minLength ?? 0, '.')
    case 'number':
    case 'integer':
      if (schema.exclusiveMinimum !== undefined) return Math.floor(schema.exclusiveMinimum) + 1
      // zod writes the bounds of safe integers where a schema has none of its own.
      return Math.max(schema.minimum ?? 0, Number.MIN_SAFE_INTEGER + 1) < 0
        ? 0
        : (schema.minimum ?? 0)
    case 'boolean':
      return false
    default:
      return null
  }
}
