import { InvalidOptionError, Secret } from '@nanoagent/bus'
import { expect, test } from 'vitest'
import { withChanges } from './with-changes.ts'

const key = new Secret('hunter2-hunter2')
const data = { name: 'cake', size: { wide: 2 }, list: [{ of: 'a' }, { of: 'b' }], key }

test.each<[string, unknown, unknown]>([
  ['name', 'pie', { ...data, name: 'pie' }],
  ['size.wide', 3, { ...data, size: { wide: 3 } }],
  ['size.tall', null, { ...data, size: { wide: 2, tall: null } }],
  ['list.1.of', 'c', { ...data, list: [{ of: 'a' }, { of: 'c' }] }],
  ['list.2', 5, { ...data, list: [{ of: 'a' }, { of: 'b' }, 5] }],
  ['key', 'other', { ...data, key: 'other' }],
])('changes %s, and nothing else', (path, value, expected) => {
  const before = structuredClone({ ...data, key: '' })
  expect(withChanges(data, [{ path, value }])).toEqual(expected)
  expect({ ...data, key: '' }).toEqual(before)
})

test('makes the changes in their order', () => {
  const changes = [
    { path: 'size', value: {} },
    { path: 'size.wide', value: 1 },
    { path: 'size.wide', value: 9 },
  ]
  expect(withChanges(data, changes)).toEqual({ ...data, size: { wide: 9 } })
  expect(withChanges(data, [])).toBe(data)
})

test.each([
  ['nope.a', "part 1 of the path 'nope.a' is 'nope': expected name, size, list, key"],
  ['list.2.of', "part 2 of the path 'list.2.of' is '2': expected a place from 0 to 1"],
  ['list.x', "part 2 of the path 'list.x' is 'x': expected a place from 0 to 2"],
  [
    'key.x',
    "part 2 of the path 'key.x' is 'x': expected nothing, since what is there has no parts",
  ],
])('says where the path %s leads nowhere', (path, message) => {
  const change = () => withChanges(data, [{ path, value: 1 }])
  expect(change).toThrow(InvalidOptionError)
  expect(change).toThrow(message)
})
