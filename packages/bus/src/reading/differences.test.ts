import fc from 'fast-check'
import { describe, expect, it, test } from 'vitest'
import { canonicalJson } from '../canonical.ts'
import { Secret } from '../secret.ts'
import { type Difference, differences } from './differences.ts'

const kinds = (found: readonly Difference[]) =>
  Object.fromEntries(found.map(({ path, kind }) => [path, kind]))

const named = (handle: string) => new Secret('a value').name(handle)

describe('differences', () => {
  it('are found field by field, what was removed last', () => {
    const before = { kind: 'pin', length: 4, gone: true, checks: { digits: true, length: 1 } }
    const after = { kind: 'pin', length: 6, checks: { digits: true, length: 2 }, added: null }
    expect(differences(before, after)).toEqual([
      { path: 'kind', kind: 'same', before: 'pin', after: 'pin' },
      { path: 'length', kind: 'changed', before: 4, after: 6 },
      { path: 'checks.digits', kind: 'same', before: true, after: true },
      { path: 'checks.length', kind: 'changed', before: 1, after: 2 },
      { path: 'added', kind: 'added', after: null },
      { path: 'gone', kind: 'removed', before: true },
    ])
  })

  it('do not look into what is the same, or of another kind', () => {
    const same = { list: [1, { a: 2 }] }
    expect(kinds(differences(same, structuredClone(same)))).toEqual({ '': 'same' })
    expect(kinds(differences({ a: [1], b: {} }, { a: { 0: 1 }, b: [] }))).toEqual({
      a: 'changed',
      b: 'changed',
    })
    expect(differences('text', { a: 1 })).toEqual([
      { path: '', kind: 'changed', before: 'text', after: { a: 1 } },
    ])
  })

  it('compare lists place by place', () => {
    expect(kinds(differences({ a: [1, 2, 3] }, { a: [1, 5] }))).toEqual({
      'a.0': 'same',
      'a.1': 'changed',
      'a.2': 'removed',
    })
  })

  it('name every part differently, whatever its key', () => {
    const before = { 'a.b': 1, a: { b: 1 }, '': 1 }
    const after = { 'a.b': 2, a: { b: 2 }, '': 2 }
    expect(differences(before, after).map(({ path }) => path)).toEqual(['"a.b"', 'a.b', '""'])
  })

  it('compare secrets by their handles, and take the ids of the two runs for the same', () => {
    const before = { password: named('secret:one.h#1'), note: 'one.h', other: named('secret:x#1') }
    const after = { password: named('secret:two.h#1'), note: 'two.h', other: named('secret:x#2') }
    expect(kinds(differences(before, after, { before: 'one', after: 'two' }))).toEqual({
      password: 'same',
      note: 'same',
      other: 'changed',
    })
    expect(kinds(differences({ a: named('secret:one#1') }, { a: 'secret:one#1' }))).toEqual({
      a: 'changed',
    })
    expect(JSON.stringify(differences(before, after))).not.toContain('a value')
  })

  it('never reveal a secret that has no value here', () => {
    class Sealed extends Secret {
      override reveal(): string {
        throw new Error('there is no key')
      }
    }
    const sealed = () => new Sealed('').name('secret:one#1')
    expect(kinds(differences({ a: sealed() }, { a: sealed() }))).toEqual({ '': 'same' })
  })

  test('of equal data are none, and of any two are none exactly when their JSON is the same', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.jsonValue(), (one, other) => {
        const [before, after]: unknown[] = JSON.parse(JSON.stringify([one, other]))
        const isSame = differences(before, after).every(({ kind }) => kind === 'same')
        expect(isSame).toBe(canonicalJson(before) === canonicalJson(after))
        expect(kinds(differences(before, structuredClone(before)))).toEqual({ '': 'same' })
      }),
    )
  })

  test('have every path once, and turn around when the two change places', () => {
    const turned = { same: 'same', changed: 'changed', added: 'removed', removed: 'added' }
    fc.assert(
      fc.property(fc.jsonValue(), fc.jsonValue(), (one, other) => {
        const [before, after]: unknown[] = JSON.parse(JSON.stringify([one, other]))
        const found = differences(before, after)
        expect(new Set(found.map(({ path }) => path)).size).toBe(found.length)
        const back = kinds(differences(after, before))
        for (const { path, kind } of found) expect(back[path]).toBe(turned[kind])
      }),
    )
  })
})
