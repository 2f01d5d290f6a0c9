import { fc, test as property } from '@fast-check/vitest'
import { expect, test } from 'vitest'
import { checkPin } from './pin.ts'

test.each([
  ['0000', /repeats/],
  ['1212', /repeats/],
  ['112233', /repeats/],
  ['123123', /repeats/],
  ['7747777', /repeats/],
  ['1234', /runs/],
  ['9876', /runs/],
  ['7890', /runs/],
  ['2468', /runs/],
  ['45678921', /runs/],
  ['5225', /backwards/],
  ['2580', /keypad/],
  ['0852', /keypad/],
  ['147369', /keypad/],
  ['1593', /keypad/],
  ['3112', /date/],
  ['1231', /date/],
  ['2902', /date/],
  ['1987', /date/],
  ['140387', /date/],
  ['870314', /date/],
  ['14031987', /date/],
  ['19870314', /date/],
  ['1004', /common/],
  ['5683', /common/],
  ['314159', /common/],
])('%s is guessable', (pin, reason) => {
  const report = checkPin(pin)
  expect(report.passed).toBe(false)
  expect(report.score).toBeLessThanOrEqual(2)
  expect(report.reasons.join()).toMatch(reason)
})

test.each(['7391', '8046', '4907', '3185', '6274'])('%s passes with 4/5', (pin) => {
  expect(checkPin(pin)).toEqual({ score: 4, passed: true, reasons: [] })
})

test.each(['739146', '80461937', '490713852604'])('%s passes with 5/5', (pin) => {
  expect(checkPin(pin)).toEqual({ score: 5, passed: true, reasons: [] })
})

test.each(['', '123', '12a4', '７３９１'])('%j is no PIN', (pin) => {
  expect(checkPin(pin)).toMatchObject({ score: 1, passed: false })
})

test('a date that does not exist is none', () => {
  expect(checkPin('3004').passed).toBe(false)
  expect(checkPin('3104').passed).toBe(true)
})

property.prop([fc.stringMatching(/^[0-9]{4,12}$/)])('reasons never quote the PIN', (pin) => {
  expect(checkPin(pin).reasons.join()).not.toContain(pin)
})

test('most PINs of four digits pass', () => {
  const all = Array.from({ length: 10_000 }, (_, at) => String(at).padStart(4, '0'))
  const passed = all.filter((pin) => checkPin(pin).passed).length
  expect(passed).toBeGreaterThan(7500)
  expect(passed).toBeLessThan(9000)
})
