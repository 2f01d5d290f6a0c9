import { fc, test } from '@fast-check/vitest'
import { describe, expect } from 'vitest'
import { Secret, secretsIn } from '../secret.ts'
import { decode, encode, takeParts } from './codec.ts'
import { JournalKey, SEALED } from './key-file.ts'

const key = new JournalKey('test.key', new Uint8Array(32).fill(7))

/** Words that the encoding gives a meaning to. */
const word = fc.oneof(
  fc.string(),
  fc.constantFrom('$secret', '$part', '$$secret', '$', 'secret:a#1', '"$secret"', 'constructor'),
)

const secret = fc
  .tuple(fc.string(), fc.constantFrom('secret:run.h#1', 'secret:run/1.2#a10', 'secret:unnamed'))
  .map(([value, handle]) => new Secret(value).name(handle))

const json = fc.letrec((tie) => ({
  value: fc.oneof(
    { depthSize: 'small' },
    word,
    fc.double({ noNaN: true, noDefaultInfinity: true }).filter((value) => !Object.is(value, -0)),
    fc.boolean(),
    fc.constant(null),
    secret,
    fc.array(tie('value')),
    fc.dictionary(
      word.filter((name) => name !== '__proto__'),
      tie('value'),
      { noNullPrototype: true },
    ),
  ),
})).value

/** Data in which the values of secrets can be compared. */
function revealed(value: unknown): unknown {
  if (value instanceof Secret) return ['revealed', value.handle, value.reveal()]
  if (Array.isArray(value)) return value.map(revealed)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([name, entry]) => [name, revealed(entry)]))
}

function isDeeplyFrozen(value: unknown): boolean {
  if (typeof value !== 'object' || value === null || value instanceof Secret) return true
  return Object.isFrozen(value) && Object.values(value).every(isDeeplyFrozen)
}

const noParts = (name: string): string => {
  throw new Error(`no part ${name}`)
}

describe('the encoding of records', () => {
  test.prop([json])('gives back all data with its secrets, deeply frozen', (value) => {
    const back = decode(encode(value, key), { sealer: key, part: noParts })
    expect(revealed(back)).toEqual(revealed(value))
    expect(isDeeplyFrozen(back)).toBe(true)
  })

  test.prop([fc.string({ minLength: 8 })])('has no value of a secret in it', (value) => {
    const text = encode({ key: new Secret(value).name('secret:run#1') }, key)
    expect(text).not.toContain(JSON.stringify(value).slice(1, -1))
    expect(text).not.toContain(Buffer.from(value).toString('base64').slice(0, 10))
  })

  test.prop([json])('gives all but the values of secrets without the key', (value) => {
    const back = decode(encode(value, key), { sealer: SEALED, part: noParts })
    const handles = secretsIn(back).map(({ handle }) => handle)
    expect(handles).toEqual(secretsIn(value).map(({ handle }) => handle))
    expect(secretsIn(back).every(({ hasValue }) => !hasValue)).toBe(true)
  })

  test.prop([fc.array(fc.oneof(json, fc.string({ minLength: 1_024 })))])(
    'takes large pieces apart and puts them together',
    (value) => {
      const marked: unknown = JSON.parse(encode({ value }, key))
      const parts = new Map<string, string>()
      const rest = JSON.stringify(takeParts(marked, parts))
      const part = (name: string) => parts.get(name) ?? noParts(name)
      expect(revealed(decode(rest, { sealer: key, part }))).toEqual(revealed({ value }))
    },
  )

  test('takes the same large piece apart once', () => {
    const instructions = 'Be brief. '.repeat(200)
    const parts = new Map<string, string>()
    for (const prompt of ['a', 'b']) takeParts({ instructions, prompt }, parts)
    expect(parts.size).toBe(1)
  })

  test.each([
    ['{"__proto__": {"isAdmin": true}}', 'a key is named __proto__'],
    ['[{"a": {"__proto__": 1}}]', 'a key is named __proto__'],
    ['{"$secret": "x"}', 'the key $secret means nothing here'],
    ['{"$unknown": 1}', 'the key $unknown means nothing here'],
    ['{', 'JSON'],
  ])('refuses %s', (text, problem) => {
    expect(() => decode(text, { sealer: key, part: noParts })).toThrow(problem)
  })
})

describe('a sealed secret', () => {
  test('opens under its own handle alone', () => {
    const sealed = key.seal(new Secret('opensesame').name('secret:a#1'))
    expect(key.open('secret:a#1', sealed).reveal()).toBe('opensesame')
    expect(() => key.open('secret:b#1', sealed)).toThrow('does not open')
  })

  test('does not open with another key, or where it was changed', () => {
    const sealed = key.seal(new Secret('opensesame').name('secret:a#1'))
    const other = new JournalKey('other.key', new Uint8Array(32).fill(8))
    expect(() => other.open('secret:a#1', sealed)).toThrow('does not open')
    const bytes = Buffer.from(sealed, 'base64')
    for (let index = 0; index < bytes.length; index++) {
      const changed = Buffer.from(bytes)
      changed.writeUInt8(changed.readUInt8(index) ^ 1, index)
      expect(() => key.open('secret:a#1', changed.toString('base64'))).toThrow('does not open')
    }
    expect(() => key.open('secret:a#1', sealed.slice(0, 20))).toThrow('does not open')
  })

  test('looks different each time that a secret is made, and the same for one secret', () => {
    const make = () => new Secret('opensesame').name('secret:a#1')
    expect(key.seal(make())).not.toBe(key.seal(make()))
    const one = make()
    expect(key.seal(one)).toBe(key.seal(one))
  })

  test('is sealed anew once it has its name', () => {
    const secret = new Secret('opensesame')
    key.seal(secret)
    const sealed = key.seal(secret.name('secret:a#1'))
    expect(key.open('secret:a#1', sealed).reveal()).toBe('opensesame')
  })
})
