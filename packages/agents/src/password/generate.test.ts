import { fc, test as property } from '@fast-check/vitest'
import { describe, expect, test } from 'vitest'
import { characterClasses, characters, countCharacters, hasClass } from './characters.ts'
import { type Constraints, constraintProblems } from './constraints.ts'
import { generatePassword, ImpossibleOptionsError, planOptions } from './generate.ts'
import { checkPin } from './pin.ts'
import { missingClasses, planChecks } from './plan-checks.ts'

/** A linear congruential generator: the same numbers in every run. */
function seeded(seed: number): (max: number) => number {
  let state = seed >>> 0
  return (max) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor((state / 2 ** 32) * max)
  }
}

describe('a password', () => {
  test('has 16 characters of all classes by default', async () => {
    const password = await generatePassword({})
    expect(password).toHaveLength(16)
    expect(characterClasses.every((name) => hasClass(password, name))).toBe(true)
  })

  test('is the same for the same random numbers', async () => {
    expect(await generatePassword({}, seeded(1))).toBe(await generatePassword({}, seeded(1)))
    expect(await generatePassword({}, seeded(1))).not.toBe(await generatePassword({}, seeded(2)))
  })

  test('keeps a piece whole and fits the rest around it', async () => {
    for (let seed = 0; seed < 50; seed += 1) {
      const password = await generatePassword({ length: 8, mustContain: ['hello'] }, seeded(seed))
      expect(password).toHaveLength(8)
      expect(password).toContain('hello')
      expect(characterClasses.every((name) => hasClass(password, name))).toBe(true)
    }
  })

  test('puts a piece anywhere', async () => {
    const places = new Set<number>()
    for (let seed = 0; seed < 200; seed += 1) {
      const password = await generatePassword({ length: 8, mustContain: ['ab1'] }, seeded(seed))
      places.add(password.indexOf('ab1'))
    }
    expect(places.size).toBe(6)
  })

  test('draws every allowed string equally often', async () => {
    // Left are a, 0 and 1: every string of eight of them with a letter and a digit.
    const exclude = `23456789${characters.lowercase.slice(1)}`
    const options = { length: 8, uppercase: false, symbols: false, exclude }
    const random = seeded(7)
    let letters = 0
    const draws = 3000
    for (let at = 0; at < draws; at += 1) {
      letters += (await generatePassword(options, random)).split('a').length - 1
    }
    // The a's of all 3^8 - 2^8 - 1 strings, over their number.
    const mean = (8 * (3 ** 7 - 1)) / (3 ** 8 - 2 ** 8 - 1)
    expect(letters / draws).toBeCloseTo(mean, 1)
  })

  test('is found in the tightest case', async () => {
    const classes = characters.uppercase + characters.lowercase + characters.numbers
    const exclude = classes.replace(/[Ab3]/g, '')
    const password = await generatePassword({ length: 8, exclude, mustContain: ['....'] })
    expect(password).toMatch(/(?=.*A)(?=.*b)(?=.*3)(?=.*\.{4})/)
  })

  test('counts an emoji as one character', async () => {
    expect(countCharacters(await generatePassword({ mustContain: ['😀'] }))).toBe(16)
  })
})

describe('a passphrase', () => {
  test('is six words joined with hyphens by default', async () => {
    expect(await generatePassword({ kind: 'passphrase' })).toMatch(/^[a-z]{3,9}(-[a-z]{3,9}){5}$/)
  })

  test('ends words with what it must contain', async () => {
    const options = { kind: 'passphrase' as const, length: 4, mustContain: ['$', '42'] }
    const made = await generatePassword(options)
    expect(made.split('-')).toHaveLength(4)
    expect(made).toMatch(/[a-z](?:42)?\$/)
    expect(made).toMatch(/[a-z]\$?42/)
  })

  test('takes in a word between its words', async () => {
    const options = { kind: 'passphrase' as const, length: 4, mustContain: ['Zebraic'] }
    expect((await generatePassword(options)).split('-')).toContain('Zebraic')
  })

  test('has capitals and a digit when they are wanted', async () => {
    const options = { kind: 'passphrase', length: 4, uppercase: true, numbers: true } as const
    for (let seed = 0; seed < 20; seed += 1) {
      const made = await generatePassword(options, seeded(seed))
      expect(made).toMatch(/^(?=\D*\d\D*$)[A-Z][a-z]+\d?(-[A-Z][a-z]+\d?){3}$/)
    }
  })

  test('is in capitals without small letters', async () => {
    const options = { kind: 'passphrase', length: 3, uppercase: true, lowercase: false } as const
    expect(await generatePassword(options)).toMatch(/^[A-Z]+(-[A-Z]+){2}$/)
  })

  test('is separated by what it must contain', async () => {
    const options = { kind: 'passphrase' as const, length: 3, mustContain: [' '] }
    expect(await generatePassword(options)).toMatch(/^\w+( \w+){2}$/)
  })

  test('is parted by capitals when nothing may separate', async () => {
    const options = { kind: 'passphrase', length: 3, uppercase: true, exclude: '-._ ' } as const
    expect(await generatePassword(options)).toMatch(/^([A-Z][a-z]+){3}$/)
  })

  test('needs no hyphen of its own for a hyphen', async () => {
    const options = { kind: 'passphrase' as const, length: 4, mustContain: ['-'] }
    expect(await generatePassword(options)).toMatch(/^[a-z]+(-[a-z]+){3}$/)
  })

  test('changes its separator when the hyphen is excluded', async () => {
    const options = { kind: 'passphrase', length: 3, exclude: '-' } as const
    expect(await generatePassword(options)).toMatch(/^[a-z]+(\.[a-z]+){2}$/)
  })

  test('has no words with excluded letters or look-alikes', async () => {
    const options = {
      kind: 'passphrase',
      length: 20,
      exclude: 'ea',
      excludeLookAlikes: true,
    } as const
    expect(await generatePassword(options)).not.toMatch(/[eaol]/)
  })
})

describe('a PIN', () => {
  test('is six digits by default', async () => {
    expect(await generatePassword({ kind: 'pin' })).toMatch(/^\d{6}$/)
  })

  test('is never one that the policy fails', async () => {
    const random = seeded(3)
    for (let at = 0; at < 500; at += 1) {
      const pin = await generatePassword({ kind: 'pin', length: 4 }, random)
      expect(checkPin(pin).passed).toBe(true)
    }
  })

  test('is drawn again while it has a pattern', async () => {
    const script = [1, 2, 3, 4, 3, 2, 1, 7, 3, 9, 1, 3, 2, 1]
    const drawn = await generatePassword({ kind: 'pin', length: 4 }, () => script.shift() ?? 0)
    expect(Array.from(drawn).sort().join('')).toBe('1379')
  })
})

describe('impossible options', () => {
  test('are refused with the option, its value and the mend', async () => {
    const refused = generatePassword({ kind: 'passphrase', length: 25 })
    await expect(refused).rejects.toThrow(ImpossibleOptionsError)
    await expect(refused).rejects.toThrow('length is 25, but a passphrase has 3 to 20 words')
  })

  test('carry every problem', async () => {
    const refused = generatePassword({ length: 8, exclude: '$', mustContain: ['$'.repeat(9)] })
    await expect(refused).rejects.toMatchObject({
      code: 'impossible_options',
      problems: [
        expect.stringContaining("exclude forbids its '$'"),
        expect.stringContaining('length is 8'),
      ],
    })
  })

  test('include a random source that is not random', async () => {
    await expect(generatePassword({}, () => 0)).rejects.toThrow(/draws had nothing that fits/)
  })
})

const constraints: fc.Arbitrary<Constraints> = fc.record({
  kind: fc.constantFrom('password', 'passphrase', 'pin'),
  length: fc.integer({ min: 3, max: 40 }),
  classes: fc.record({
    uppercase: fc.boolean(),
    lowercase: fc.boolean(),
    numbers: fc.boolean(),
    symbols: fc.boolean(),
  }),
  excludeLookAlikes: fc.boolean(),
  exclude: fc.string({ maxLength: 8 }),
  mustContain: fc.array(
    fc.oneof(fc.string({ minLength: 1, maxLength: 4 }), fc.stringMatching(/^[0-9]{1,3}$/)),
    { maxLength: 3 },
  ),
})

property.prop([constraints.filter((some) => constraintProblems(some).length === 0)], {
  numRuns: 300,
})('whatever has no problems is made and fulfils its plan', async (some) => {
  const made = await generatePassword(planOptions(some))
  expect(planChecks(made, some).filter((check) => !check.passed)).toEqual([])
  expect(missingClasses(made, some)).toEqual([])
  if (some.kind === 'pin') expect(checkPin(made).passed).toBe(true)
})
