import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { canonicalHash, canonicalJson } from './canonical.ts'
import { Secret } from './secret.ts'

/** The same JSON with the keys of every object the other way round. */
function reversed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(reversed)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value)
      .reverse()
      .map(([key, entry]) => [key, reversed(entry)]),
  )
}

describe('canonical JSON', () => {
  test('is the same whatever the order of the keys, and reads back as the value', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (json) => {
        const value: unknown = JSON.parse(JSON.stringify(json))
        expect(canonicalJson(reversed(value), 'run-1')).toBe(canonicalJson(value, 'run-1'))
        expect(canonicalHash(reversed(value), 'run-1')).toBe(canonicalHash(value, 'run-1'))
        expect(JSON.parse(canonicalJson(value))).toEqual(value)
      }),
    )
  })

  test('tells values apart', () => {
    const values = [null, 0, '0', '', [], {}, [0], { a: 0 }, { a: '0' }, { a: null }, [[]], ['a']]
    expect(new Set(values.map((value) => canonicalHash(value, 'run-1'))).size).toBe(values.length)
  })

  test('keeps the order of lists', () => {
    expect(canonicalJson([2, 1])).not.toBe(canonicalJson([1, 2]))
  })

  test('sorts keys by their characters, numbers among them', () => {
    expect(canonicalJson({ b: 1, a: { d: 1, c: 2 }, B: 3 })).toBe('{"B":3,"a":{"c":2,"d":1},"b":1}')
  })

  test('has a token for the run and a handle for a secret', () => {
    const key = new Secret('hunter22').name('secret:run-7.h#1')
    expect(canonicalJson({ id: 'run-7.h', key }, 'run-7')).toBe('{"id":"~.h","key":"secret:~.h#1"}')
    expect(canonicalJson({ id: 'run-7.h' })).toBe('{"id":"run-7.h"}')
  })

  test('has the token only where the id of the run stands by itself', () => {
    expect(canonicalJson({ q: 'cat sat' }, 'a')).toBe('{"q":"cat sat"}')
    expect(canonicalJson({ q: 'x-a a_x a1 a.h /a/ a' }, 'a')).toBe('{"q":"x-a a_x a1 ~.h /~/ ~"}')
  })

  test('of nothing is null', () => {
    expect(canonicalJson(undefined)).toBe('null')
  })

  test('hashes with SHA-256, the same in every version', () => {
    expect(canonicalHash({ a: 1 })).toBe(
      '015abd7f5cc57a2dd94b7590f04ad8084273905ee33ec5cebeae62276a97f862',
    )
  })
})
