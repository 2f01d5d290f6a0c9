import { fc, test as property } from '@fast-check/vitest'
import { describe, expect, it } from 'vitest'
import { canPass } from './can-pass.ts'
import { generatePassword, planOptions } from './generate.ts'
import { readRequest } from './request.ts'
import { checkStrength } from './strength.ts'

describe('whether a plan can pass', () => {
  it.for([
    ['a password', true],
    ['12 characters', true],
    ['11 characters', false],
    ['12 characters, no character twice', true],
    ['a passphrase', true],
    ['a 4-digit PIN', true],
    ["12 lowercase letters containing 'passwordpass'", false],
    ['16 digits only password', true],
  ] as const)('%s: %s', async ([text, expected]) => {
    expect(await canPass(readRequest(text), [])).toBe(expected)
  })

  it('is no for one that cannot be made', async () => {
    expect(await canPass({ ...readRequest('a password'), length: 500 }, [])).toBe(false)
  })

  property.prop(
    [
      fc.record({
        kind: fc.constantFrom('password', 'passphrase', 'pin'),
        length: fc.integer({ min: 3, max: 30 }),
        digits: fc.boolean(),
      }),
    ],
    { numRuns: 30 },
  )('is never no where a password by the plan passes', async ({ kind, length, digits }) => {
    const plan = readRequest(
      `a ${kind} of ${length} ${kind === 'passphrase' ? 'words' : digits ? 'digits' : 'characters'}`,
    )
    const password = await generatePassword(planOptions(plan))
    const { verdict } = await checkStrength(password, { kind: plan.kind, personalWords: [], plan })

    if (verdict === 'PASS') expect(await canPass(plan, [])).toBe(true)
  })
})
