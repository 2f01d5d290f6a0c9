import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Registry } from './registry.ts'

const CALL = fc.record({ key: fc.nat({ max: 99 }).map(String), adds: fc.boolean() })

test('has what was added and not removed, in the order in which it was added', () => {
  fc.assert(
    fc.property(fc.array(CALL, { maxLength: 800 }), (calls) => {
      const registry = new Registry<{ readonly at: number }>()
      const model = new Map<string, { readonly at: number }>()
      for (const [at, { key, adds }] of calls.entries()) {
        if (!adds) {
          registry.remove(key)
          model.delete(key)
        } else if (!model.has(key)) {
          registry.add(key, { at })
          model.set(key, { at })
        }
        expect(registry.size).toBe(model.size)
        expect(registry.get(key)).toEqual(model.get(key))
      }
      const byAge = (a: { readonly at: number }, b: { readonly at: number }) => a.at - b.at
      expect([...registry.values()].sort(byAge)).toEqual([...model.values()].sort(byAge))
    }),
  )
})

test('keeps the order of keys that were never there before', () => {
  const registry = new Registry<{ readonly n: number }>()
  for (let n = 0; n < 200; n++) {
    registry.add(`key ${n}`, { n })
    if (n >= 3) registry.remove(`key ${n - 3}`)
  }
  expect(registry.values().map(({ n }) => n)).toEqual([197, 198, 199])
})

test('is empty once it is cleared', () => {
  const registry = new Registry<object>()
  registry.add('a', {})
  registry.clear()
  expect([registry.size, registry.get('a'), registry.values()]).toEqual([0, undefined, []])
  registry.remove('a')
  expect(registry.size).toBe(0)
})
