import { expect, it } from 'vitest'
import { seconds, shortTime } from './seconds.ts'

it.for([
  [0, '0 ms'],
  [999.4, '999 ms'],
  [999.6, '1.0 s'],
  [59_949, '59.9 s'],
  [59_951, '1 min 0 s'],
  [119_600, '2 min 0 s'],
  [3_661_000, '61 min 1 s'],
] as const)('%d ms are %s', ([ms, text]) => {
  expect(seconds(ms)).toBe(text)
})

it.for([
  [12, '12 ms'],
  [59_949, '59.9 s'],
  [59_951, '1m 0s'],
  [3_599_000, '59m 59s'],
  [3_661_000, '1h 1m'],
  [90_000_000, '1d 1h'],
] as const)('%d ms are %s in few cells', ([ms, text]) => {
  expect(shortTime(ms)).toBe(text)
})
