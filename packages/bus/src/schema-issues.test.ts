import { expect, test } from 'vitest'
import { z } from 'zod'
import { schemaIssues } from './schema-issues.ts'

const Done = z.object({ status: z.literal('done'), type: z.literal('told'), text: z.string() })
const Other = z.object({ status: z.literal('done'), type: z.literal('asked'), why: z.string() })
const Failed = z.object({ status: z.literal('failed'), reason: z.string(), error: z.string() })
const Branches = z.object({ branches: z.array(z.union([Done, Other, Failed])) })
const Sized = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('pin'), digits: z.number() }),
  z.object({ kind: z.literal('words'), count: z.number() }),
])

test.each<[string, z.ZodType, unknown, readonly string[]]>([
  [
    'the alternative whose fixed values are there',
    Branches,
    { branches: [{ status: 'failed', type: 'told', text: 'x' }] },
    [
      'branches.0.reason: Invalid input: expected string, received undefined',
      'branches.0.error: Invalid input: expected string, received undefined',
    ],
  ],
  [
    'the alternative that least is wrong for',
    z.object({ branches: z.array(z.union([Done, Other])) }),
    { branches: [{ status: 'failed', type: 'asked', why: 'x' }] },
    ['branches.0.status: Invalid input: expected "done"'],
  ],
  [
    'the alternative that a name tells',
    Sized,
    { kind: 'words', count: 'four' },
    ['count: Invalid input: expected number, received string'],
  ],
  [
    'the names that there are',
    Sized,
    { kind: 'x' },
    ["kind: Invalid discriminator value. Expected 'pin' | 'words'"],
  ],
  [
    'all alternatives of a whole',
    z.object({ size: z.union([z.string(), z.number()]) }),
    { size: true },
    [
      'size: Invalid input: expected string, received boolean, or Invalid input: expected number, received boolean',
    ],
  ],
  [
    'unions in unions',
    z.union([z.object({ a: z.union([Done, Failed]) }), z.object({ b: z.number() })]),
    { a: { status: 'failed', reason: 1, error: 'x' } },
    ['a.reason: Invalid input: expected string, received number'],
  ],
  [
    'no union',
    Failed,
    { status: 'failed' },
    [
      'reason: Invalid input: expected string, received undefined',
      'error: Invalid input: expected string, received undefined',
    ],
  ],
])('tells of %s', (_what, schema, data, expected) => {
  const issues = schemaIssues(schema.safeParse(data).error?.issues ?? [])
  expect(issues.map(({ path, message }) => `${path}: ${message}`)).toEqual(expected)
})
