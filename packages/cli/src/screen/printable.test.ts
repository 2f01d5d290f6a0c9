import { describe, expect, it } from 'vitest'
import { firstCharacters, oneLine, printableJson } from './printable.ts'

const steering = [
  { what: 'colours', text: 'a\u001b[31mb' },
  { what: 'a title', text: 'a\u001b]0;owned\u0007b' },
  { what: 'bells and backspaces', text: 'a\u0007\u0008b' },
  { what: 'single-byte control sequences', text: 'a\u009b2Jb' },
  { what: 'overrides of direction', text: 'a\u202e\u2066b' },
  { what: 'nested escapes', text: 'a\u001b\u001b[31m[31mb' },
]

describe('oneLine', () => {
  it.for(steering)('takes out $what', ({ text }) => {
    expect(oneLine(text)).toMatch(/^a[[\]0-9mJ]*b$/)
  })

  it.for(['a\nb', 'a\r\nb', 'a\r\r b', 'a\tb', 'a\u2028b', '  a b\n'])(
    'puts %j on one line',
    (text) => {
      expect(oneLine(text)).toBe('a b')
    },
  )

  it('leaves other scripts, accents and emoji as they are', () => {
    const text = 'Schl\u00fcssel e\u0301 \u05d0\u05d1 \u{1f469}\u200d\u{1f4bb}'

    expect(oneLine(text)).toBe(text)
  })
})

describe('printableJson', () => {
  it.for(steering)('escapes $what and loses nothing', ({ text }) => {
    const json = printableJson({ text })

    expect(json).not.toMatch(/(?!\n)[\p{Cc}\u202e\u2066]/u)
    expect(JSON.parse(json)).toEqual({ text })
  })
})

it('never cuts a character in half', () => {
  expect(firstCharacters('\u{1f511}\u{1f512}x', 2)).toBe('\u{1f511}\u{1f512}')
  expect(firstCharacters('ab', 100)).toBe('ab')
})
