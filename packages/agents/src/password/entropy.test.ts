import { describe, expect, test } from 'vitest'
import type { Constraints } from './constraints.ts'
import { generatedEntropy } from './entropy.ts'
import { GenerateOptions, optionConstraints } from './generate.ts'
import { checkPin } from './pin.ts'
import { loadWords } from './words.ts'

const words = await loadWords()

const made = (options: object): Constraints => optionConstraints(GenerateOptions.parse(options))
const bitsOf = (options: object) => generatedEntropy(made(options), words).bits
const only = { uppercase: false, lowercase: false, numbers: false, symbols: false }

describe('a password', () => {
  test('of one class has its characters to the power of its length', () => {
    expect(bitsOf({ ...only, lowercase: true, length: 16 })).toBeCloseTo(16 * Math.log2(26), 9)
    expect(bitsOf({ ...only, numbers: true, length: 12 })).toBeCloseTo(12 * Math.log2(10), 9)
  })

  test('has a little less for each class that must be there, counted one by one', () => {
    const choice = { ...only, numbers: true, lowercase: true, length: 8 }
    const exclude = 'abcdefghijklmnopqrstuvwxy12345678'
    // Of z, 0 and 9: strings of eight with a z and a digit.
    expect(bitsOf({ ...choice, exclude })).toBeCloseTo(Math.log2(3 ** 8 - 2 ** 8 - 1), 9)
  })

  test('has no more for what it must contain', () => {
    const contained = bitsOf({ length: 16, mustContain: ['Kiwi7!'] })
    expect(contained).toBeCloseTo(10 * Math.log2(90), 9)
    expect(bitsOf({ length: 8, mustContain: ['Abcdef1!'] })).toBe(0)
  })

  test('of the greatest length has a finite number', () => {
    expect(bitsOf({ length: 128 })).toBeCloseTo(128 * Math.log2(90), 2)
  })

  test('says what was drawn', () => {
    expect(generatedEntropy(made({}), words).drawn).toBe('16 characters of 90')
  })
})

describe('a passphrase', () => {
  test('has its words, and where it is wanted the digit and its place', () => {
    const six = bitsOf({ kind: 'passphrase' })
    expect(six).toBeCloseTo(6 * Math.log2(words.length), 9)
    expect(bitsOf({ kind: 'passphrase', numbers: true })).toBeCloseTo(six + Math.log2(60), 9)
  })

  test('has fewer words where letters are excluded', () => {
    expect(bitsOf({ kind: 'passphrase', exclude: 'e' })).toBeLessThan(6 * 12)
  })
})

test('a PIN has at most its digits, and hardly less', () => {
  const four = Array.from({ length: 10_000 }, (_, pin) => String(pin).padStart(4, '0'))
  const possible = Math.log2(four.filter((pin) => checkPin(pin).passed).length)

  expect(bitsOf({ kind: 'pin', length: 4 })).toBeGreaterThan(possible)
  expect(bitsOf({ kind: 'pin', length: 4 })).toBeLessThan(possible + 0.3)
})
