import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { MAX_DATA_BYTES, NotJsonError, toData } from './data.ts'
import { Secret } from './secret.ts'

/** JSON as it comes out of a parser, without the one key that is refused. */
const JSON_VALUE = fc
  .jsonValue({ maxDepth: 6 })
  .map((value): unknown => JSON.parse(JSON.stringify(value)))
  .filter((value) => !JSON.stringify(value).includes('"__proto__"'))

function isDeeplyFrozen(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return true
  return Object.isFrozen(value) && Object.values(value).every(isDeeplyFrozen)
}

function issueOf(value: unknown) {
  try {
    toData(value)
  } catch (error) {
    if (error instanceof NotJsonError) return error.issue
    throw error
  }
  throw new Error('nothing was refused')
}

describe('toData', () => {
  test('gives what a trip through JSON would give, deeply frozen', () => {
    fc.assert(
      fc.property(JSON_VALUE, (value) => {
        const data = toData(value)
        expect(data).toEqual(JSON.parse(JSON.stringify(value)))
        expect(JSON.stringify(data)).toBe(JSON.stringify(value))
        expect(isDeeplyFrozen(data)).toBe(true)
      }),
    )
  })

  test('either refuses a value or loses nothing of it in JSON', () => {
    fc.assert(
      fc.property(fc.anything({ withDate: true, withMap: true, withBigInt: true }), (value) => {
        let data: unknown
        try {
          data = toData(value)
        } catch (error) {
          expect(error).toBeInstanceOf(NotJsonError)
          return
        }
        expect(data).toEqual(JSON.parse(JSON.stringify(data)))
      }),
      { numRuns: 1000 },
    )
  })

  test('changes nothing of what it is given', () => {
    const given = { list: [{ a: 1 }], none: undefined }
    const data = toData(given)
    given.list.push({ a: 2 })
    expect(Object.isFrozen(given)).toBe(false)
    expect(data).toEqual({ list: [{ a: 1 }] })
    expect('none' in data).toBe(false)
  })

  test('takes objects without a prototype, and gives 0 for -0', () => {
    const bare = Object.assign(Object.create(null), { n: -0 })
    const data: unknown = toData(bare)
    expect(JSON.stringify(data)).toBe('{"n":0}')
    expect(Object.is(toData(-0), 0)).toBe(true)
  })

  test.each([
    [{ a: [1, { b: Number.NaN }] }, 'a.1.b'],
    [[undefined], '0'],
    [new Array(3), '0'],
    [{ a: new Date() }, 'a'],
    [{ a: { b: new Map() } }, 'a.b'],
    [{ a: new Error('x') }, 'a'],
    [Object('boxed'), ''],
    [undefined, ''],
    [{ a: Promise.resolve() }, 'a'],
    [{ a: /x/ }, 'a'],
    [{ toJSON: () => 1 }, 'toJSON'],
    [JSON.parse('[{"__proto__":1}]'), '0.__proto__'],
  ])('refuses %o, saying where', (value, path) => {
    expect(issueOf(value).path).toBe(path)
  })

  test('refuses what is nested too deep, and takes what is just not', () => {
    const nest = (depth: number): unknown => (depth === 0 ? 1 : [nest(depth - 1)])
    expect(() => toData(nest(100))).not.toThrow()
    expect(issueOf(nest(101)).message).toContain('100 levels')
  })

  test('refuses data of more than 1 MiB, counted as JSON in UTF-8', () => {
    const room = MAX_DATA_BYTES - 2
    expect(() => toData('x'.repeat(room))).not.toThrow()
    expect(issueOf('x'.repeat(room + 1)).message).toContain(`${MAX_DATA_BYTES + 1} bytes`)
    expect(() => toData('ä'.repeat(room / 2))).not.toThrow()
    expect(() => toData('ä'.repeat(room / 2 + 1))).toThrow(NotJsonError)
    expect(() => toData('\u0000'.repeat(Math.floor(room / 6)))).not.toThrow()
    expect(() => toData('\u0000'.repeat(Math.ceil(room / 6)))).toThrow(NotJsonError)
  })

  test('takes a million small numbers where they are under the limit', () => {
    expect(() => toData(new Array(500_000).fill(1))).not.toThrow()
    expect(() => toData(new Array(600_000).fill(1))).toThrow(NotJsonError)
  })

  test('gives up soon on data that doubles with each level', () => {
    let value: unknown = 'x'.repeat(1000)
    for (let level = 0; level < 60; level++) value = [value, value]
    expect(issueOf(value).message).toContain('far more')
  })

  test('keeps secrets as they are and tells of each, in order', () => {
    const [a, b] = [new Secret('a'), new Secret('b')]
    const seen: Secret[] = []
    const data = toData({ first: a, list: [b, a] }, (secret) => seen.push(secret))
    expect(data.first).toBe(a)
    expect(seen).toEqual([a, b, a])
  })
})
