import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { defineMessage } from './message-type.ts'

const Part = z.object({ name: z.string(), tags: z.array(z.string()).optional() })
const shared = { list: [{ a: 1 }] }
const anything = z.json()

/** Schemas that make all they give, and schemas that hand on what they were given. */
const schemas: Readonly<Record<string, z.ZodType>> = {
  object: z.object({
    part: Part,
    parts: z.array(Part),
    n: z.number(),
    maybe: z.string().optional(),
  }),
  strict: z.strictObject({ n: z.number().default(-0), flags: z.array(z.boolean()).default([]) }),
  union: z.union([Part, z.object({ n: z.number().nullable() })]),
  loose: z.looseObject({ n: z.number().optional() }),
  catchall: z.object({ n: z.number().optional() }).catchall(anything),
  record: z.record(z.string(), anything),
  json: anything,
  unknown: z.object({ any: z.unknown() }),
  default: z.object({
    shared: z.object({ list: z.array(z.object({ a: z.int() })) }).default(shared),
  }),
  overwrite: z.object({ list: z.array(z.int()).overwrite((list) => list) }),
  tuple: z.tuple([z.object({ a: z.int() }), z.string()]),
}

/** Something that a schema may take: JSON, with the keys that they look at. */
const INPUT = fc.oneof(
  fc.jsonValue({ maxDepth: 4 }),
  fc.record(
    {
      part: fc.constant({ name: 'x', tags: ['y'] }),
      parts: fc.constant([{ name: 'x' }, { name: 'y', tags: [] }]),
      n: fc.constantFrom(0, -0, 1.5),
      name: fc.string(),
      flags: fc.constant([true]),
      maybe: fc.constantFrom('x', undefined),
      any: fc.jsonValue({ maxDepth: 3 }),
      list: fc.array(fc.nat()),
    },
    { requiredKeys: [] },
  ),
  fc.constant([{ a: 1 }, 'x']),
)

function isDeeplyFrozen(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return true
  return Object.isFrozen(value) && Object.values(value).every(isDeeplyFrozen)
}

/** Whether anything of it is frozen: a publisher's own data never is. */
function isPartlyFrozen(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false
  return Object.isFrozen(value) || Object.values(value).some(isPartlyFrozen)
}

describe('the data of a message', () => {
  it.for(Object.entries(schemas))(
    'is frozen, plain JSON, and nothing of its publisher: %s',
    ([name, schema]) => {
      const type = defineMessage(name, schema)
      let taken = 0
      fc.assert(
        fc.property(INPUT, (input) => {
          if (JSON.stringify(input).includes('__proto__') || !schema.safeParse(input).success)
            return
          taken++
          const data = type.parse(input)
          expect(isDeeplyFrozen(data)).toBe(true)
          expect(isPartlyFrozen(input) || isPartlyFrozen(shared)).toBe(false)
          expect(data).toStrictEqual(JSON.parse(JSON.stringify(schema.parse(input))))
        }),
        { numRuns: 400, seed: 1 },
      )
      expect(taken).toBeGreaterThan(0)
    },
  )

  it('is refused where it is too large, whoever made it', () => {
    const type = defineMessage('text', z.object({ text: z.string() }))
    expect(() => type.parse({ text: 'x'.repeat(1_048_570) })).toThrow('data has')
    expect(type.parse({ text: 'x'.repeat(1_000_000) }).text).toHaveLength(1_000_000)
  })
})
