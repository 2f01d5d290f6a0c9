import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { strictSchema } from './strict-schema.ts'

const schemaOf = (schema: z.ZodType) => z.toJSONSchema(schema, { io: 'output' })

const closed = (properties: object) => ({
  type: 'object',
  properties,
  required: Object.keys(properties),
  additionalProperties: false,
})

describe('a schema in strict mode', () => {
  it('keeps what strict mode knows', () => {
    const schema = z.object({
      kind: z.enum(['a', 'b']).describe('which'),
      size: z.int().min(3).max(9),
      list: z.array(z.object({ on: z.boolean() })).length(2),
      maybe: z.string().nullable(),
      fixed: z.literal('x'),
    })

    expect(strictSchema(schemaOf(schema))).toEqual(
      closed({
        kind: { type: 'string', enum: ['a', 'b'], description: 'which' },
        size: { type: 'integer', minimum: 3, maximum: 9 },
        list: {
          type: 'array',
          items: closed({ on: { type: 'boolean' } }),
          minItems: 2,
          maxItems: 2,
        },
        maybe: { type: ['string', 'null'] },
        fixed: { type: 'string', const: 'x' },
      }),
    )
  })

  it('says in words what strict mode does not know', () => {
    const schema = z.object({
      name: z.string().min(2).max(5).describe('Its name'),
      site: z.url(),
      day: z.iso.date(),
      code: z.string().regex(/^[A-Z]+$/),
      flag: z.boolean().default(false),
    })

    expect(strictSchema(schemaOf(schema))?.properties).toMatchObject({
      name: { type: 'string', description: 'Its name (minLength: 2, maxLength: 5)' },
      site: { type: 'string', description: '(format: uri)' },
      day: { type: 'string', format: 'date' },
      code: { type: 'string', description: '(pattern: ^[A-Z]+$)' },
      flag: { type: 'boolean' },
    })
    expect(JSON.stringify(strictSchema(schemaOf(schema)))).not.toMatch(
      /"(minLength|default|pattern)"/,
    )
  })

  it('takes alternatives and references', () => {
    const Shape = z.discriminatedUnion('kind', [
      z.object({ kind: z.literal('dot') }),
      z.object({ kind: z.literal('box'), size: z.number() }),
    ])
    const Tree = z.object({
      shape: Shape,
      get children() {
        return z.array(Tree)
      },
    })

    const strict = strictSchema(schemaOf(z.object({ tree: Tree, spare: Tree.describe('a spare') })))

    expect(strict).toMatchObject({ type: 'object' })
    const text = JSON.stringify(strict)
    expect(text).toContain('"anyOf":[{"type":"object"')
    expect(text).not.toContain('oneOf')
    expect(text).not.toMatch(/\{"\$ref":"[^"]+",/)
  })

  it.for([
    { name: 'an optional key', schema: z.object({ a: z.string().optional() }) },
    { name: 'an open object', schema: z.looseObject({ a: z.string() }) },
    { name: 'an object that may be null', schema: z.object({ a: z.looseObject({}).nullable() }) },
    { name: 'an open object within', schema: z.object({ a: z.array(z.looseObject({})) }) },
    { name: 'a record', schema: z.object({ a: z.record(z.string(), z.number()) }) },
    { name: 'a tuple', schema: z.object({ a: z.tuple([z.string(), z.number()]) }) },
    { name: 'anything', schema: z.object({ a: z.unknown() }) },
    {
      name: 'an alternative that is open',
      schema: z.object({ a: z.union([z.string(), z.unknown()]) }),
    },
    { name: 'a root that is a list', schema: z.array(z.string()) },
    {
      name: 'a root of alternatives',
      schema: z.union([z.object({}), z.object({ a: z.string() })]),
    },
  ])('is none for $name', ({ schema }) => {
    expect(strictSchema(schemaOf(schema))).toBeUndefined()
  })

  it('is none for parts that all count', () => {
    const parts = [{ type: 'string' }, { type: 'string', minLength: 1 }]

    expect(strictSchema(closed({ a: { type: 'string', allOf: parts } }))).toBeUndefined()
  })
})
