import { describe, expect, expectTypeOf, test } from 'vitest'
import { z } from 'zod'
import { InvalidMessageError, MessageTypeError } from './errors.ts'
import { type DataOf, defineMessage, type InputOf } from './message-type.ts'
import { Secret, secret } from './secret.ts'

describe('the name of a message type', () => {
  test.each(['plan.ready', 'a', 'request.submitted', 'plan-b.ready2.now'])('may be %s', (name) => {
    expect(defineMessage(name, z.object({})).name).toBe(name)
  })

  test.each([
    '',
    'Plan',
    'plan ready',
    'plan..ready',
    '.plan',
    'plan.',
    '9.lives',
    'plan_ready',
    'plan.ready\n',
  ])('must not be %j', (name) => {
    expect(() => defineMessage(name, z.object({}))).toThrow(MessageTypeError)
  })
})

describe('the schema of a message type', () => {
  const refused: readonly (readonly [string, z.ZodType])[] = [
    ['dates', z.date()],
    ['maps', z.map(z.string(), z.number())],
    ['sets', z.set(z.string())],
    ['bigints', z.bigint()],
    ['symbols', z.symbol()],
    ['undefined', z.undefined()],
    ['NaN', z.nan()],
    ['functions', z.custom<() => void>()],
    ['one-way transforms', z.string().transform((text) => text.length)],
    ['one-way transforms that are checked', z.string().transform(Number).pipe(z.number())],
    ['preprocessing', z.preprocess(Number, z.number())],
    ['texts that become booleans', z.stringbool()],
    ['classes', z.instanceof(Date)],
    ['promises', z.promise(z.string())],
  ]
  test.each(refused)('must not have %s, at the top or deep inside', (_name, schema) => {
    expect(() => defineMessage('a.b', schema)).toThrow(MessageTypeError)
    const deep = z.object({ list: z.array(z.union([z.string(), z.object({ deep: schema })])) })
    expect(() => defineMessage('a.b', deep)).toThrow(/schema of 'a\.b' is more than JSON/)
  })

  const taken: readonly (readonly [string, z.ZodType, unknown])[] = [
    ['objects', z.object({ a: z.string() }), { a: 'x' }],
    ['lists and tuples', z.tuple([z.number(), z.array(z.boolean())]), [1, [true]]],
    ['unions', z.discriminatedUnion('t', [z.object({ t: z.literal('a') })]), { t: 'a' }],
    ['records', z.record(z.string(), z.number()), { a: 1 }],
    ['defaults', z.object({ a: z.string().default('x') }), {}],
    ['what may be absent', z.object({ a: z.string().optional(), b: z.null() }), { b: null }],
    ['formats', z.object({ mail: z.email(), id: z.uuid() }).partial(), {}],
    ['texts that are trimmed', z.string().trim().min(1), ' x '],
    ['recursion', z.lazy(() => z.array(z.string())), ['x']],
    ['any JSON', z.json(), { a: [1, null] }],
    ['piped checks', z.string().pipe(z.email()), 'a@b.org'],
    ['secrets', z.object({ key: secret() }), { key: 'hunter22' }],
  ]
  test.each(taken)('may have %s, and reads its own data again as it is', (_name, schema, input) => {
    const type = defineMessage('a.b', schema)
    const data = type.parse(input)
    expect(type.parse(data)).toEqual(data)
    expect(type.jsonSchema()).toBeTypeOf('object')
  })
})

describe('parse', () => {
  const Plan = defineMessage(
    'plan.ready',
    z.object({
      steps: z.array(z.object({ title: z.string(), minutes: z.number().int().default(5) })),
      key: secret().optional(),
    }),
  )

  test('gives frozen data with its defaults', () => {
    const data = Plan.parse({ steps: [{ title: 'x' }], unknown: 1 })
    expect(data).toEqual({ steps: [{ title: 'x', minutes: 5 }] })
    expect(Object.isFrozen(data.steps[0])).toBe(true)
  })

  test('names every place that is wrong, and what was expected there', () => {
    try {
      Plan.parse({ steps: [{ title: 'x' }, { title: 1, minutes: 1.5 }] })
      expect.unreachable()
    } catch (error) {
      if (!(error instanceof InvalidMessageError)) throw error
      expect(error.type).toBe('plan.ready')
      expect(error.code).toBe('invalid_message')
      expect(error.issues.map(({ path }) => path)).toEqual(['steps.1.title', 'steps.1.minutes'])
      expect(error.message).toContain('expected string')
    }
  })

  test('tells of the secrets in the data', () => {
    const seen: string[] = []
    Plan.parse({ steps: [], key: 'hunter22' }, (found) => seen.push(found.reveal()))
    expect(seen).toEqual(['hunter22'])
  })

  test('its types are inferred: what goes in may lack defaults, what comes out is read-only', () => {
    type Data = DataOf<typeof Plan>
    type Input = InputOf<typeof Plan>
    expectTypeOf(Plan.name).toEqualTypeOf<'plan.ready'>()
    expectTypeOf<Data['steps'][number]['minutes']>().toEqualTypeOf<number>()
    expectTypeOf<Input['steps'][number]['minutes']>().toEqualTypeOf<number | undefined>()
    expectTypeOf<Data['key']>().toEqualTypeOf<Secret | undefined>()
    expectTypeOf<Input['key']>().toEqualTypeOf<Secret | string | undefined>()
    expectTypeOf<Data['steps']>().toExtend<readonly unknown[]>()
    expectTypeOf<Data['steps']>().not.toExtend<unknown[]>()
    const data = Plan.parse({ steps: [{ title: 'x' }] })
    // @ts-expect-error the data is read-only
    expect(() => data.steps.push({ title: 'y', minutes: 1 })).toThrow(TypeError)
    expect(new Secret('x')).toBeInstanceOf(Secret)
  })
})
