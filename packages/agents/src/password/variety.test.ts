import { describe, expect, test } from 'vitest'
import type { Constraints } from './constraints.ts'
import { countDifferent } from './variety.ts'

const all = { uppercase: true, lowercase: true, numbers: true, symbols: true }
const lowercase = { uppercase: false, lowercase: true, numbers: false, symbols: false }
const password: Constraints = {
  kind: 'password',
  length: 8,
  classes: all,
  excludeLookAlikes: false,
  exclude: '',
  mustContain: [],
}

describe('counts the different passwords', () => {
  const rows: [string, Partial<Constraints>, number][] = [
    ['that anything allows', {}, 20],
    ['that one piece fills', { mustContain: ['Abcdef1!'] }, 1],
    ['that two pieces fill', { mustContain: ['Abcd', 'ef1!'] }, 2],
    ['that equal pieces fill', { mustContain: ['aB1!', 'aB1!'] }, 1],
    ['that have one place free', { mustContain: ['Abcdef1'] }, 20],
    [
      'that have one place free for one character',
      { classes: lowercase, mustContain: ['aaaaaaa'], exclude: 'cdefghijklmnopqrstuvwxyz' },
      3,
    ],
    [
      'that have one character only',
      { classes: lowercase, exclude: 'bcdefghijklmnopqrstuvwxyz', length: 128 },
      1,
    ],
    ['that are passphrases', { kind: 'passphrase', mustContain: ['x'.repeat(8)] }, 20],
    ['that are PINs', { kind: 'pin', length: 4 }, 20],
  ]
  test.each(rows)('%s', (_name, change, count) => {
    expect(countDifferent({ ...password, ...change }, 20)).toBe(count)
  })
})
