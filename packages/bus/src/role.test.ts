import { expect, test } from 'vitest'
import { DEFAULTS } from './defaults.ts'
import { InvalidOptionError } from './errors.ts'
import { Role } from './role.ts'

const subscriber = { accepts: [], handle: () => {} }

test('a role has the defaults of the table', () => {
  expect(new Role('worker', subscriber).options).toEqual({
    attempts: DEFAULTS.attempts,
    backoffMs: DEFAULTS.backoffMs,
    maxBackoffMs: DEFAULTS.maxBackoffMs,
    deliveryTimeoutMs: DEFAULTS.deliveryTimeoutMs,
    startsPerAttempt: DEFAULTS.startsPerAttempt,
    roleConcurrency: DEFAULTS.roleConcurrency,
    perRunConcurrency: 1,
  })
})

test.each([
  { attempts: 0 },
  { attempts: 1.5 },
  { startsPerAttempt: -1 },
  { roleConcurrency: 0 },
  { perRunConcurrency: Number.NaN },
  { backoffMs: -1 },
  { maxBackoffMs: Number.POSITIVE_INFINITY },
  { deliveryTimeoutMs: Number.NaN },
])('refuses %o, naming the option and the role', (options) => {
  const make = () => new Role('worker', { ...subscriber, ...options })
  expect(make).toThrow(InvalidOptionError)
  expect(make).toThrow(new RegExp(`${Object.keys(options)[0]} of 'worker'`))
})
