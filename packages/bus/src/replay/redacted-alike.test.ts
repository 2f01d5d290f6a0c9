import { expect, it } from 'vitest'
import { Secret } from '../secret.ts'
import { areRedactedAlike } from './redacted-alike.ts'

const named = (value: string, handle: string) => new Secret(value).name(handle)
const one = named('hunter22', 'secret:run#1')
const same = named('hunter22', 'secret:run/1.1#1')
const other = named('letmein0', 'secret:run/1.1#a10')

it('takes texts for one that differ in what was secret, and by which name', () => {
  const alike = (before: string, after: string) =>
    areRedactedAlike(before, after, [one, same, other, Secret.withoutValue('secret:run/2#1')])

  expect(alike('it is hunter22', `it is ${one.handle}`)).toBe(true)
  expect(alike(`it is ${same.handle}`, `it is ${one.handle}`)).toBe(true)
  expect(alike(`${same.handle}, ${other.handle}`, 'hunter22, letmein0')).toBe(true)
  expect(alike(`it is ${other.handle}`, `it is ${one.handle}`)).toBe(false)
  expect(alike('it is hunter22', 'it was hunter22')).toBe(false)
  expect(alike('secret:run/2#1', 'secret:run/3#1')).toBe(false)
})
