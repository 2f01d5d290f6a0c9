import { format, inspect } from 'node:util'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { redact, Secret, secret, toJsonSchema } from './secret.ts'

const VALUE = 'Kj9#mPq2$vLx'

describe('a secret', () => {
  test('shows its handle wherever it is printed', () => {
    const password = new Secret(VALUE).name('secret:run.h#1')
    const shown = [
      String(password),
      `${password}`,
      JSON.stringify({ password }),
      inspect({ password }),
      inspect(password, { showHidden: true, depth: null }),
      inspect(password, { customInspect: false, showHidden: true }),
      format('%s %o %O %j', password, password, password, password),
      JSON.stringify(Object.entries(password)),
      JSON.stringify({ ...password }),
      new Error(`no ${password}`).message,
    ]
    for (const text of shown) expect(text).not.toContain(VALUE)
    expect(shown[0]).toBe('secret:run.h#1')
    expect(JSON.parse(shown[2] ?? '')).toEqual({ password: 'secret:run.h#1' })
  })

  test('is opened by reveal() alone', () => {
    expect(new Secret(VALUE).reveal()).toBe(VALUE)
  })

  test('keeps its first name', () => {
    const password = new Secret(VALUE)
    expect(password.handle).toBe('secret:unnamed')
    expect(password.name('secret:a#1').name('secret:b#1').handle).toBe('secret:a#1')
  })

  test('survives no structured clone', () => {
    expect(JSON.stringify(structuredClone({ key: new Secret(VALUE) }))).not.toContain(VALUE)
  })
})

describe('the mask', () => {
  test.each([
    ['Kj9#mPq2$vLxTz', 'Kj9***********'],
    ['Kj9#mPq2$vLxTzAbcdef', 'Kj9#****************'],
    ['abcdefgh', 'ab******'],
    ['abcdefg', '*******'],
    ['123456789012', '************'],
    ['', ''],
    ['😀😀😀😀😀😀😀😀', '😀😀******'],
  ])('of %s is %s', (value, mask) => {
    expect(new Secret(value).mask()).toBe(mask)
  })

  test('never shows more than a quarter, nor more than four characters', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 80 }), (value) => {
        const characters = [...value]
        const mask = [...new Secret(value).mask()]
        const shown = mask.length - mask.findLastIndex((letter) => letter !== '*') - 1
        expect(mask).toHaveLength(characters.length)
        expect(characters.length - shown).toBeLessThanOrEqual(
          Math.min(4, Math.floor(characters.length / 4)),
        )
      }),
    )
  })
})

describe('redact', () => {
  const named = (value: string, handle: string) => new Secret(value).name(handle)

  test('puts the handle where the value was, each time', () => {
    const text = `${VALUE}, (${VALUE})`
    expect(redact(text, [named(VALUE, 'secret:a#1')])).toBe('secret:a#1, (secret:a#1)')
  })

  test('leaves nothing of a longer value that begins with a shorter one', () => {
    const secrets = [named('pass', 'secret:a#1'), named('password123', 'secret:a#2')]
    expect(redact('password123 pass', secrets)).toBe('secret:a#2 secret:a#1')
  })

  test('does not touch the handles that it has put in', () => {
    const secrets = [named('hunter22', 'secret:a#1'), named('secret', 'secret:a#2')]
    expect(redact('hunter22', secrets)).toBe('secret:a#1')
  })

  test('leaves values of under four characters, which would be anywhere', () => {
    expect(redact('abc', [named('abc', 'secret:a#1'), named('', 'secret:a#2')])).toBe('abc')
  })

  test('hides any value, whatever its characters', () => {
    fc.assert(
      fc.property(
        fc.array(fc.string({ minLength: 4, maxLength: 20 }), { minLength: 1, maxLength: 5 }),
        (values) => {
          const secrets = values.map((value) => named(value, '~'))
          const text = values.map((value) => `<${value}>`).join(' ')
          expect(redact(text, secrets)).toBe(values.map(() => '<~>').join(' '))
        },
      ),
    )
  })
})

describe('the schema of a secret', () => {
  const Key = z.object({ key: secret() })

  test('takes a text and gives a secret, and takes that again', () => {
    const once = Key.parse({ key: VALUE })
    expect(once.key).toBeInstanceOf(Secret)
    expect(once.key.reveal()).toBe(VALUE)
    expect(Key.parse(once).key).toBe(once.key)
  })

  test.each([[1], [null], [undefined], [{}], [[VALUE]]])(
    'refuses %j, and does not repeat it',
    (key) => {
      expect(() => Key.parse({ key })).toThrow(/expected a secret or a string/)
    },
  )

  test('is a string in JSON Schema, where other transforms are refused', () => {
    expect(toJsonSchema(Key, 'output')).toMatchObject({
      properties: { key: { type: 'string' } },
      required: ['key'],
    })
    expect(() => toJsonSchema(z.object({ key: z.string().transform(Number) }), 'output')).toThrow()
  })
})
