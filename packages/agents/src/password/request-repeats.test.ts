import { describe, expect, it } from 'vitest'
import { planProblems } from './plan.ts'
import { readRequest } from './request.ts'

describe('that no character may occur twice', () => {
  it.for([
    '12 characters, no character twice',
    'a 12 character password with no character appearing twice',
    '12 chars without repeating characters',
    '12 characters, no repeated characters',
    '12 characters without duplicate characters',
    '12 characters without any repeated letters or digits',
    'a password of 12 non-repeating characters',
    '12 characters, all characters different',
    '12 characters, all different characters',
    '12 unique characters',
    'a 12-character password with only unique characters',
    '12 characters, all characters must be unique',
    '12 characters, each character at most once',
    '12 characters, every character only once',
    '12 characters; use each character only once',
    '12 characters, no character more than once',
    '12 characters, characters must not repeat',
    '12 characters and the characters may not be repeated',
    "12 characters, don't repeat any character",
    '12 characters, never use a character twice',
    '12 characters, no two characters the same',
    '12 characters, no repeats',
    '12 characters without repetition',
    '12 CHARACTERS, NO CHARACTER TWICE',
    '12 different characters',
    'a password of twelve different characters',
    '12 characters, all different',
    '12 characters; all of them different',
    '12 characters and every one is different',
    '12 characters, nothing twice',
    '12 characters, none of them repeated',
    '12 characters, no two alike',
    '12 characters, not a single character twice',
    '12 characters, no character should be there twice',
    '12 nonrepeating characters',
    '12 characters, exclude duplicate characters',
    '12 characters, avoid duplicates',
    'a 12-character password that never repeats a character',
  ])('is understood: %s', (text) => {
    const plan = readRequest(text)

    expect(plan).toMatchObject({ kind: 'password', length: 12, noRepeats: true, count: 1 })
    expect(plan.why).toContain('no character twice')
    expect(plan.why).not.toContain('Not understood')
  })

  it.for([
    '5 different passwords',
    'a unique password',
    'a passphrase without repeated words',
    'a passphrase of 6 words, no repeats',
    'no repeated characters in a row',
    "a password with 'no character twice' in it",
    '20 characters',
    '5 passwords of 12 characters, all different',
    '3 passwords, no two alike',
    '20 characters, at least 5 different characters',
    '16 characters with at least 8 unique characters',
    'a password with different kinds of characters',
    'my old one was used twice',
  ])('is not read into: %s', (text) => {
    expect(readRequest(text).noRepeats).toBe(false)
  })

  it('is no wish of a PIN with more digits than there are', () => {
    expect(readRequest('a 6-digit PIN, no digit twice')).toMatchObject({
      kind: 'pin',
      length: 6,
      noRepeats: true,
    })
    const plan = readRequest('a 12-digit PIN, no digit twice')
    expect(plan).toMatchObject({ length: 12, noRepeats: false })
    expect(plan.why).toContain('cannot have so many characters')
  })

  it.for([
    ['100 characters, no character twice', 'cannot have so many characters'],
    ["20 characters containing 'hello', no character twice", 'cannot have so many characters'],
    ['a passphrase, no character twice', 'repeat letters'],
  ] as const)('gives way where it cannot be: %s', ([text, note]) => {
    const plan = readRequest(text)

    expect(plan.noRepeats).toBe(false)
    expect(plan.why).toContain(note)
  })

  it('is refused in a plan that cannot have it', () => {
    const plan = { ...readRequest('a password of 20 characters'), noRepeats: true }

    expect(planProblems(plan)).toEqual([])
    expect(planProblems({ ...plan, length: 100 })).toEqual([
      expect.stringMatching(/^noRepeats leaves \d+ characters, but length is 100: make it at most/),
    ])
    expect(planProblems({ ...plan, mustContain: ['aa'] })).toEqual([
      "mustContain has 'a' twice, but noRepeats forbids that: drop one of the two.",
    ])
    expect(planProblems({ ...plan, kind: 'passphrase', length: 6 })).toEqual([
      'words repeat letters: set noRepeats false for a passphrase.',
    ])
  })
})
