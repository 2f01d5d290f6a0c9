import { describe, expect, test } from 'vitest'
import { seededRandomInt } from '../testing/seeded-random-int.ts'
import { audit, canPassAudit, mergedResult } from './audit.ts'
import { requirements } from './audit-finding.ts'
import { GenerateOptions, generatePassword, optionConstraints } from './generate.ts'
import { draw } from './random.ts'

interface About {
  readonly request?: string
  readonly options?: object
}

function auditOf(password: string, { request = 'a password', options = {} }: About = {}) {
  const made = optionConstraints(GenerateOptions.parse(options))
  return audit(password, { kind: made.kind, made, request })
}

async function foundIn(password: string, check: string, about?: About) {
  const { findings } = await auditOf(password, about)
  return findings.find((finding) => finding.check === check)
}

const strong = 'Kj9#mPx3$vNq7&Lw'
const pin = { kind: 'pin', length: 6 }
const passphrase = { kind: 'passphrase', length: 6 }

describe('a password made at random', () => {
  test('passes with nothing but good findings, each with its requirements', async () => {
    const { verdict, findings } = await auditOf(strong)

    expect(verdict).toBe('PASS')
    expect(findings.map(({ check, severity }) => `${check}: ${severity}`)).toEqual([
      'length: none',
      'characters: none',
      'common passwords: none',
      'personal words: none',
      'patterns: none',
      'entropy: none',
    ])
    for (const { requirements: held, advice } of findings) {
      expect(held.length).toBeGreaterThan(0)
      expect(advice).toBeUndefined()
    }
  })

  test.each([
    ['password', {}],
    ['password', { length: 12 }],
    ['password', { length: 128 }],
    ['passphrase', { length: 4 }],
    ['passphrase', { length: 20, uppercase: true, numbers: true }],
    ['pin', { length: 4 }],
    ['pin', { length: 12 }],
  ])('passes: %s %j', async (kind, options) => {
    const random = seededRandomInt(7)
    const made = GenerateOptions.parse({ kind, ...options })
    for (let times = 0; times < 10; times += 1) {
      const password = await generatePassword(made, random)
      expect(await auditOf(password, { options: made })).toMatchObject({ verdict: 'PASS' })
    }
  })
})

describe('the length', () => {
  test.each([
    [7, 'high', /too few even beside a second factor/],
    [8, 'low', /only factor it needs 15/],
    [14, 'low', /only factor it needs 15/],
    [15, 'none', /15 characters are enough/],
    [128, 'none', /128 characters are enough/],
  ])('of %d characters is %s', async (length, severity, detail) => {
    const password = draw([...strong], length, seededRandomInt(1)).join('')
    expect(await foundIn(password, 'length')).toMatchObject({
      severity,
      detail: expect.stringMatching(detail),
      requirements: ['NIST SP 800-63B-4 §3.1.1.2 (1)', 'OWASP ASVS 5.0.0 V6.2.1'],
    })
  })

  test('beyond 64 characters may be cut off', async () => {
    expect(await foundIn(strong.repeat(4), 'maximum length')).toBeUndefined()
    expect(await foundIn(`${strong.repeat(4)}!`, 'maximum length')).toMatchObject({
      severity: 'low',
      detail: expect.stringContaining('65 characters'),
    })
  })

  test('counts characters as people do', async () => {
    expect(await foundIn('🔑'.repeat(15), 'length')).toMatchObject({ severity: 'none' })
    expect(await foundIn('Kj9#mPx3ñvNq7&Lw', 'characters')).toMatchObject({
      severity: 'low',
      requirements: expect.arrayContaining(['NIST SP 800-63B-4 §3.1.1.2 (4)']),
    })
  })
})

describe('a common password', () => {
  test.each([
    ['password', /is on the list/],
    ['PASSWORD', /is on the list/],
    ['password"', /variant/],
    ['iloveyou', /is on the list/],
    ['1qaz2wsx', /is on the list/],
    ['P@ssw0rd!', /variant/],
    ['drowssap99', /variant/],
    ['5un5h1n3', /variant/],
    ['...monkey2024', /variant/],
    ['Encyclopedia', /word or name/],
    ['3ncyclop3d1a!!', /word or name/],
  ])('is %s', async (password, detail) => {
    expect(await foundIn(password, 'common passwords')).toMatchObject({
      severity: 'high',
      detail: expect.stringMatching(detail),
      advice: expect.any(String),
      requirements: expect.arrayContaining(['OWASP ASVS 5.0.0 V6.2.4']),
    })
    expect(await auditOf(password)).toMatchObject({ verdict: 'FAIL' })
  })

  test.each([strong, 'correct-horse-battery-staple', '","', 'xpasswordx9!'])(
    'is not %s',
    async (password) => {
      expect(await foundIn(password, 'common passwords')).toMatchObject({ severity: 'none' })
    },
  )
})

describe('a word of the request', () => {
  const request = 'A password for Anna Miller at Acme-Bank, born on 14.05.1987'

  test.each([
    'xK9#millerpQ2$vTn',
    'xK9#MILLERpQ2$vTn',
    'xK9#m1||3rpQ2$vTn',
    'xK9#rellimpQ2$vTn',
    'xK9#4cmepQ2$vTnzW',
    'xK9#1987pQ2$vTnzW',
    'xK9#7891pQ2$vTnzW',
    'x14051987pQ2$vTnz',
  ])('is found in %s', async (password) => {
    expect(await foundIn(password, 'personal words', { request })).toMatchObject({
      severity: 'medium',
      requirements: expect.arrayContaining(['OWASP ASVS 5.0.0 V6.2.11']),
    })
    expect(await foundIn(password, 'personal words')).toMatchObject({ severity: 'none' })
  })

  test('counts in a passphrase as a whole word alone', async () => {
    const about = { request: 'a passphrase for the port wine club', options: passphrase }
    const found = (text: string) => foundIn(text, 'personal words', about)

    expect(await found('ample-airport-tusk-vivid-dome-yoga')).toMatchObject({ severity: 'none' })
    expect(await found('ample-port-tusk-vivid-dome-yoga')).toMatchObject({ severity: 'medium' })
    expect(await found('AmpleTrop1TuskVividDomeYoga')).toMatchObject({ severity: 'medium' })
  })

  test('is good to know where it was asked for', async () => {
    const about = { request: "must contain 'Miller'", options: { mustContain: ['Miller'] } }

    expect(await foundIn('xK9#MillerpQ2$vTn', 'personal words', about)).toMatchObject({
      severity: 'low',
      detail: expect.stringContaining('what the request asks for'),
    })
    expect(await foundIn('xMiller#millerQ2$', 'personal words', about)).toMatchObject({
      severity: 'medium',
    })
  })

  test('is a birthday in a PIN', async () => {
    const about = { request: 'a PIN, not my birthday 140587', options: pin }
    expect(await foundIn('140587', 'personal words', about)).toMatchObject({ severity: 'medium' })
  })
})

describe('a pattern', () => {
  test('does no harm where enough is left', async () => {
    expect(await foundIn('aaa8Gj#k!lP0dFzQ', 'patterns')).toMatchObject({
      severity: 'low',
      detail: 'It has a repetition of 3 characters in it; 14 do not follow from others.',
    })
    expect(await auditOf('aaa8Gj#k!lP0dFzQ')).toMatchObject({ verdict: 'PASS' })
  })

  test.each([
    ['qwertGj#k!lP0dFz', 'low'],
    ['qwertyGj#k!lP0dF', 'medium'],
    ['qwertyuiopasdfgh', 'high'],
    ['abcabcabcabcabc1', 'high'],
  ])('of %s is %s', async (password, severity) => {
    expect(await foundIn(password, 'patterns')).toMatchObject({ severity })
  })

  test('is not looked for in what must be contained', async () => {
    const about = { options: { mustContain: ['12345', '999'] } }
    expect(await foundIn('x12345K#mP999xvN', 'patterns', about)).toMatchObject({ severity: 'none' })
  })

  test('in a passphrase is a word that comes again or is one from end to end', async () => {
    const found = (text: string) => foundIn(text, 'patterns', { options: passphrase })

    expect(await found('ample-property-tusk-vivid-dome-yoga')).toMatchObject({ severity: 'none' })
    expect(await found('ample-tusk-tusk-vivid-dome-yoga')).toMatchObject({ severity: 'low' })
    expect(await found('tusk-tusk-tusk-tusk-tusk-yoga')).toMatchObject({ severity: 'high' })
    expect(await found('qwerty-asdf-zxcv-abcd-dome-yoga')).toMatchObject({ severity: 'high' })
  })

  test('of a PIN is whatever people choose', async () => {
    const found = (text: string) => foundIn(text, 'patterns', { options: pin })

    expect(await found('739146')).toMatchObject({ severity: 'none' })
    expect(await found('147258')).toMatchObject({ severity: 'high' })
    expect(await found('140387')).toMatchObject({ detail: expect.stringContaining('a date') })
  })
})

describe('the entropy', () => {
  test.each([
    ['none', { length: 16 }, 103],
    ['low', { length: 8 }, 50],
    ['medium', { length: 12, uppercase: false, lowercase: false, symbols: false }, 39],
    ['none', { kind: 'passphrase', length: 5 }, 64],
    ['low', { kind: 'passphrase', length: 4 }, 51],
    ['medium', { kind: 'passphrase', length: 3 }, 38],
    ['none', { kind: 'pin', length: 4 }, 13],
    ['medium', { kind: 'pin', length: 4, mustContain: ['73'] }, 6],
  ])('is %s: %j', async (severity, options, bits) => {
    const parsed = GenerateOptions.parse(options)
    const password = await generatePassword(parsed, seededRandomInt(3))

    const found = await foundIn(password, 'entropy', { options })
    expect(found).toMatchObject({
      severity,
      detail: expect.stringContaining(`About ${bits} bits by how it was made`),
      requirements: ['NIST SP 800-63B-4 §A.2'],
    })
    expect(await canPassAudit(optionConstraints(parsed))).toBe(severity !== 'medium')
  })

  test('counts for nothing where words and patterns give it away', async () => {
    const found = await foundIn('passwordqwerty12', 'entropy')
    expect(found).toMatchObject({ severity: 'medium', advice: expect.stringContaining('random') })
  })
})

test('a PIN is fit only where tries are limited, and says so', async () => {
  const { verdict, findings } = await auditOf('739146', { options: pin })

  expect(verdict).toBe('PASS')
  expect(findings).toContainEqual(
    expect.objectContaining({
      check: 'use as a PIN',
      severity: 'low',
      detail: expect.stringContaining('at most 10 wrong tries'),
      requirements: expect.arrayContaining(['NIST SP 800-63B-4 §3.2.10']),
    }),
  )
})

test.each([
  ['password', {}, 'for password'],
  ['qwertyuiop', {}, 'qwertyuiop'],
  ['miller1987', {}, 'for Miller, 1987'],
  ['12345678', pin, '12345678'],
  ['characters', {}, 'characters'],
  ['passwords, words and names', {}, ''],
])('no finding quotes %s', async (password, options, request) => {
  const { findings } = await auditOf(password, { options, request })
  const said = findings.map(({ detail, advice = '' }) => `${detail} ${advice}`).join(' ')
  expect(said.toLowerCase()).not.toContain(password)
})

test('several passwords are told of together: of each check the gravest finding', async () => {
  const results = await Promise.all([strong, 'P@ssw0rd1!', 'drowssap'].map((one) => auditOf(one)))
  const { verdict, findings } = mergedResult(results)

  expect(verdict).toBe('FAIL')
  expect(findings.map(({ check, severity }) => `${check}: ${severity}`)).toEqual([
    'length: low',
    'characters: none',
    'common passwords: high',
    'personal words: none',
    'patterns: none',
    'entropy: medium',
  ])
  expect(findings[2]?.detail).toMatch(/^2 of 3 passwords: It is /)
})

test('every requirement is named by standard, edition and number', () => {
  for (const named of Object.values(requirements).flat()) {
    expect(named).toMatch(
      /^(NIST SP 800-63B-4 §[\dA]\S*( \(\d\))?|OWASP ASVS 5\.0\.0 V6\.\d\.\d+)$/,
    )
  }
})
