import { expect, it } from 'vitest'
import { seconds } from './seconds.ts'

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
