import { fc, test as property } from '@fast-check/vitest'
import { secret, toJsonSchema } from '@nanoagent/bus'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { sampleOf } from './sample.ts'

const range = fc
  .tuple(fc.integer({ min: -20, max: 20 }), fc.integer({ min: 0, max: 20 }))
  .map(([min, size]) => ({ min, max: min + size }))

const strings = fc.oneof(
  fc.constant(z.string()),
  fc.nat(20).map((length) => z.string().length(length)),
  fc.nat(20).map((length) => z.string().min(length)),
  fc.nat(20).map((length) => z.string().max(length)),
)

const numbers = fc.oneof(
  fc.constantFrom(z.number(), z.int(), z.number().positive(), z.int().negative()),
  range.map(({ min, max }) => z.int().min(min).max(max)),
  range.map(({ min, max }) =>
    z
      .number()
      .gt(min)
      .lt(max + 1),
  ),
  range.map(({ min }) => z.int().gt(min)),
  range.map(({ max }) => z.int().lt(max)),
  range.map(({ max }) => z.number().max(max)),
  range.map(({ min }) => z.int().min(min + 0.5)),
  fc
    .tuple(range, fc.integer({ min: 1, max: 7 }))
    .map(([{ min }, step]) => z.int().min(min).multipleOf(step)),
)

const leaves = fc.oneof(
  strings,
  numbers,
  fc.constantFrom(z.boolean(), z.null(), z.unknown(), secret()),
  fc.constantFrom(z.literal('x'), z.literal([3, 4]), z.enum(['red', 'blue'])),
  fc.constant(z.string().default('d')),
)

const { schema: schemas } = fc.letrec<{ schema: z.ZodType }>((tie) => ({
  schema: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    leaves,
    fc.tuple(tie('schema'), fc.nat(3)).map(([item, length]) => z.array(item).min(length)),
    fc
      .dictionary(fc.constantFrom('a', 'b', 'c'), tie('schema'), { noNullPrototype: true })
      .map((shape) => z.object(shape)),
    fc.tuple(tie('schema'), tie('schema')).map(([a, b]) => z.object({ a, b }).partial({ b: true })),
    fc.tuple(tie('schema'), tie('schema')).map(([a, b]) => z.union([a, b])),
    fc.tuple(tie('schema'), tie('schema')).map(([a, b]) => z.tuple([a, b])),
    tie('schema').map((inner) => inner.nullable()),
    fc
      .tuple(tie('schema'), tie('schema'))
      .map(([a, b]) => z.intersection(z.object({ a }), z.object({ b }))),
    tie('schema').map((inner) => z.record(z.string(), inner)),
    tie('schema').map((inner) => z.record(z.enum(['k', 'l']), inner)),
  ),
}))

describe('a sample', () => {
  property.prop([schemas], { numRuns: 500 })(
    'parses by the schema that it was made for',
    (schema) => {
      const sample = sampleOf(toJsonSchema(schema, 'output'))

      expect(schema.safeParse(sample)).toMatchObject({ success: true })
    },
  )

  it.for([
    ['nothing where everything is optional', z.object({ a: z.string().optional() }), {}],
    ['the default', z.object({ a: z.number().default(4) }), { a: 4 }],
    ['the first of a choice', z.union([z.literal('x'), z.number()]), 'x'],
    ['the first of an enumeration', z.enum(['red', 'blue']), 'red'],
    ['zero where that fits', z.int(), 0],
    ['as few items as may be', z.array(z.boolean()).min(2), [false, false]],
    ['text of the length that is wanted', z.string().min(9).max(9), 'offline..'],
    ['short text', z.string().max(3), 'off'],
  ] as const)('is %s', ([, schema, sample]) => {
    expect(sampleOf(toJsonSchema(schema, 'output'))).toEqual(sample)
  })
})
