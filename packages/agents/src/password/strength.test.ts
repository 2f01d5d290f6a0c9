import { describe, expect, test } from 'vitest'
import type { Constraints } from './constraints.ts'
import { generatePassword } from './generate.ts'
import { checkStrength, StrengthReport } from './strength.ts'

const asPassword = { kind: 'password', personalWords: [] } as const
const asPassphrase = { kind: 'passphrase', personalWords: [] } as const
const asPin = { kind: 'pin', personalWords: [] } as const

const plan: Constraints = {
  kind: 'password',
  length: 16,
  classes: { uppercase: true, lowercase: true, numbers: true, symbols: true },
  excludeLookAlikes: false,
  exclude: '',
  mustContain: [],
}
const strong = 'Kj9#mPx3$vNq7&Lw'

const names = (report: StrengthReport): string[] => report.checks.map((check) => check.name)
const failed = (report: StrengthReport): string[] =>
  report.checks.filter((check) => !check.passed).map((check) => check.name)

describe('a password', () => {
  test('of 16 random characters is very strong', async () => {
    const report = await checkStrength(strong, asPassword)
    expect(report).toMatchObject({ strength: 'very_strong', score: 5, verdict: 'PASS' })
    expect(report.recommendations).toEqual([])
  })

  test('has the five basic checks first', async () => {
    const report = await checkStrength('kj9mpxvnqlw4hzrt', asPassword)
    expect(report.checks).toEqual([
      { name: 'length', passed: true, detail: '16 characters' },
      { name: 'uppercase', passed: false, detail: 'absent' },
      { name: 'lowercase', passed: true, detail: 'present' },
      { name: 'numbers', passed: true, detail: 'present' },
      { name: 'symbols', passed: false, detail: 'absent' },
    ])
    expect(report.verdict).toBe('PASS')
  })

  test.each(['zR7$qLw!', 'zR7$qLw!9k', 'zR7$qLw!9kT'])('%s is too short', async (short) => {
    const report = await checkStrength(short, asPassword)
    expect(report.score).toBeLessThanOrEqual(3)
    expect(report.verdict).toBe('FAIL')
    expect(report.recommendations.join()).toMatch(/at least 12 characters, better 16/)
  })

  test('is not told to choose other words', async () => {
    const report = await checkStrength('zR7$qLw!', asPassword)
    expect(report.recommendations).toEqual([
      'Use at least 12 characters, better 16: with fewer, as here with 8, it gets at most 3/5.',
    ])
  })

  test.each(['password', 'qwertyuiop12', 'myP@ssw0rd!', 'aaaaaaaaaaaaaaaa', 'Password1234'])(
    '%s is guessed early',
    async (weak) => {
      const report = await checkStrength(weak, asPassword)
      expect(report.verdict).toBe('FAIL')
      expect(report.recommendations.length).toBeGreaterThan(0)
      expect(report.recommendations.join('\n')).not.toContain(weak)
    },
  )

  test('made of personal words is weaker', async () => {
    const without = await checkStrength('ContosoBiscuitty', asPassword)
    const personalWords = ['Contoso', 'Biscuitty']
    const report = await checkStrength('ContosoBiscuitty', { ...asPassword, personalWords })
    expect(report.score).toBeLessThan(without.score)
    expect(report.verdict).toBe('FAIL')
    expect(report.recommendations).toContain('Leave out names and words of the request.')
  })

  test('that is one long personal word is as weak', async () => {
    const word = 'Llanfairpwllgwyngyllgogerychwyrndrobwllllantysiliogogogoch'
    const report = await checkStrength(word, { ...asPassword, personalWords: [word] })
    expect(report.verdict).toBe('FAIL')
  })

  test('may be of any length and any characters', async () => {
    const report = await checkStrength('😀Ж \u0000'.repeat(2000), asPassword)
    expect(StrengthReport.parse(report)).toEqual(report)
    expect((await checkStrength('', asPassword)).verdict).toBe('FAIL')
  })
})

describe('a plan', () => {
  test('that is met leaves the verdict to the strength', async () => {
    const report = await checkStrength(strong, { ...asPassword, plan })
    expect(names(report)).toEqual([
      'length',
      'uppercase',
      'lowercase',
      'numbers',
      'symbols',
      'planned length',
    ])
    expect(report.verdict).toBe('PASS')
  })

  test('has one check for each constraint, and each can fail', async () => {
    const classes = { ...plan.classes, symbols: false }
    const strict = {
      ...plan,
      length: 20,
      classes,
      excludeLookAlikes: true,
      exclude: 'K',
      mustContain: ['!'],
    }
    const report = await checkStrength('Kj9#mPx3$vNq7&L0', { ...asPassword, plan: strict })
    expect(failed(report)).toEqual([
      'planned length',
      'no symbols',
      'no look-alikes',
      'no excluded characters',
      "contains '!'",
    ])
    expect(report).toMatchObject({ score: 5, verdict: 'FAIL' })
  })

  test('that wants a class fails a password without it', async () => {
    const report = await checkStrength('kj9mpxvnqlw4hzrt', { ...asPassword, plan })
    expect(report.verdict).toBe('FAIL')
    expect(report.recommendations).toContain('Add uppercase: the plan wants at least one.')
  })

  test('may ask for a symbol by name and want no others', async () => {
    const only = { ...plan, classes: { ...plan.classes, symbols: false }, mustContain: ['$'] }
    const met = await checkStrength('Kj9tmPx3$vNq7aLw', { ...asPassword, plan: only })
    expect(met.verdict).toBe('PASS')
    const unmet = await checkStrength('Kj9#mPx3$vNq7aLw', { ...asPassword, plan: only })
    expect(failed(unmet)).toEqual(['no symbols'])
  })

  test('that wants capitals and a digit in a passphrase fails one without', async () => {
    const four = { ...plan, kind: 'passphrase', length: 4 } as const
    const unmet = await checkStrength('unzip-gravel-lemon-tidal', { ...asPassphrase, plan: four })
    expect(failed(unmet)).toEqual(['uppercase', 'numbers'])
    expect(unmet.verdict).toBe('FAIL')
  })

  test('that does without a class passes its check', async () => {
    const classes = { ...plan.classes, symbols: false }
    const met = await checkStrength('Kj9tmPx3zvNq7aLw', {
      ...asPassword,
      plan: { ...plan, classes },
    })
    expect(failed(met)).toEqual([])
    expect(met.checks).toContainEqual({
      name: 'symbols',
      passed: true,
      detail: 'absent, as planned',
    })
  })

  test('counts the words of a passphrase', async () => {
    const classes = { uppercase: false, lowercase: true, numbers: false, symbols: true }
    const four = { ...plan, kind: 'passphrase', length: 4, classes } as const
    const met = await checkStrength('unzip-gravelK-lemon-Rex-tidal', {
      ...asPassphrase,
      plan: { ...four, mustContain: ['K', 'Rex'] },
    })
    expect(met.verdict).toBe('PASS')
    expect(met.checks).toContainEqual({
      name: 'number of words',
      passed: true,
      detail: '4 of 4 words',
    })
    const unmet = await checkStrength('unzip-gravel-lemon', { ...asPassphrase, plan: four })
    expect(failed(unmet)).toContain('number of words')
  })

  test('allows digits only in a PIN', async () => {
    const report = await checkStrength('73x146', {
      ...asPin,
      plan: { ...plan, kind: 'pin', length: 6 },
    })
    expect(failed(report)).toContain('digits only')
    expect(report).toMatchObject({ score: 1, verdict: 'FAIL' })
  })
})

describe('a passphrase', () => {
  test('of four words passes without capitals, numbers or composition rules', async () => {
    for (let at = 0; at < 5; at += 1) {
      const made = await generatePassword({ kind: 'passphrase', length: 4 })
      expect(await checkStrength(made, asPassphrase)).toMatchObject({ score: 5, verdict: 'PASS' })
    }
  })

  test('of common words is told to use more', async () => {
    const report = await checkStrength('the you', asPassphrase)
    expect(report.verdict).toBe('FAIL')
    expect(report.recommendations).toContain('Use at least four words, drawn at random.')
  })
})

describe('a PIN', () => {
  test('of four digits without a pattern is strong', async () => {
    const report = await checkStrength('7391', asPin)
    expect(failed(report)).toEqual([])
    expect(report).toMatchObject({ strength: 'strong', score: 4, verdict: 'PASS' })
    expect(report.recommendations).toEqual([expect.stringContaining('six digits')])
  })

  test('of six digits without a pattern is very strong', async () => {
    expect(await checkStrength('739146', asPin)).toMatchObject({ score: 5, verdict: 'PASS' })
  })

  test('with a pattern is told which', async () => {
    const report = await checkStrength('140387', asPin)
    expect(report.verdict).toBe('FAIL')
    expect(report.recommendations).toEqual([
      'Choose other digits: this PIN can be read as a date or a year.',
    ])
  })
})
