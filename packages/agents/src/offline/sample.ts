import { z } from 'zod'

/** The part of JSON Schema that says what the smallest value is. */
const Schema = z.looseObject({
  type: z.union([z.string(), z.array(z.string()).transform(([type]) => type)]).optional(),
  const: z.unknown().optional(),
  enum: z.array(z.unknown()).optional(),
  default: z.unknown().optional(),
  anyOf: z.array(z.unknown()).optional(),
  oneOf: z.array(z.unknown()).optional(),
  allOf: z.array(z.unknown()).optional(),
  properties: z.record(z.string(), z.unknown()).optional(),
  additionalProperties: z.unknown().optional(),
  required: z.array(z.string()).optional(),
  prefixItems: z.array(z.unknown()).optional(),
  items: z.unknown().optional(),
  minItems: z.number().optional(),
  minLength: z.number().optional(),
  maxLength: z.number().optional(),
  minimum: z.number().optional(),
  exclusiveMinimum: z.number().optional(),
  maximum: z.number().optional(),
  exclusiveMaximum: z.number().optional(),
  multipleOf: z.number().optional(),
})
type Schema = z.infer<typeof Schema>

/** The smallest value that fits a JSON Schema, as far as its keywords say: no patterns, no references. */
export function sampleOf(json: unknown): unknown {
  const schema = Schema.parse(json)
  if ('const' in schema) return schema.const
  if ('default' in schema) return schema.default
  if (schema.enum !== undefined) return schema.enum[0]
  const [choice] = schema.anyOf ?? schema.oneOf ?? []
  if (choice !== undefined) return sampleOf(choice)
  if (schema.allOf !== undefined) return Object.assign({}, ...schema.allOf.map(sampleOf))
  switch (schema.type) {
    case 'object':
      return Object.fromEntries(
        (schema.required ?? []).map((key) => [
          key,
          sampleOf(schema.properties?.[key] ?? schema.additionalProperties ?? {}),
        ]),
      )
    case 'array': {
      const { prefixItems = [], minItems = 0, items = {} } = schema
      const more = Math.max(0, minItems - prefixItems.length)
      return [...prefixItems.map(sampleOf), ...Array.from({ length: more }, () => sampleOf(items))]
    }
    case 'string':
      return 'offline'.padEnd(schema.minLength ?? 0, '.').slice(0, schema.maxLength)
    case 'number':
    case 'integer':
      return sampleNumber(schema)
    case 'boolean':
      return false
    default:
      return null
  }
}

/** Zero where it fits, and otherwise the nearest that does. */
function sampleNumber(schema: Schema): number {
  const { minimum = -Infinity, exclusiveMinimum = -Infinity } = schema
  const { maximum = Infinity, exclusiveMaximum = Infinity } = schema
  const { type, multipleOf: step = type === 'integer' ? 1 : undefined } = schema
  const least = Math.max(minimum, exclusiveMinimum)
  const most = Math.min(maximum, exclusiveMaximum)
  const unit = step ?? 1
  const candidates = [
    0,
    Math.ceil(least / unit) * unit,
    (Math.floor(least / unit) + 1) * unit,
    Math.floor(most / unit) * unit,
    (Math.ceil(most / unit) - 1) * unit,
    least,
    most,
    (least + most) / 2,
  ]
  const fits = (value: number) =>
    Number.isFinite(value) &&
    value >= minimum &&
    value > exclusiveMinimum &&
    value <= maximum &&
    value < exclusiveMaximum &&
    (step === undefined || value % step === 0)
  return candidates.find(fits) ?? 0
}
