import { describe, expect, it } from 'vitest'
import { ageOf, clockText, momentOf, timeText } from './moment.ts'

const now = Date.parse('2026-05-04T12:00:00Z')

describe('a moment', () => {
  it.for([
    { text: '30s', ms: 30_000 },
    { text: '15m', ms: 900_000 },
    { text: '2h', ms: 7_200_000 },
    { text: '3 d', ms: 3 * 86_400_000 },
    { text: '1w', ms: 7 * 86_400_000 },
  ])('may be so long ago: $text', ({ text, ms }) => {
    expect(momentOf(text, now)).toBe(now - ms)
  })

  it.for([
    { text: '2026-01-31', moment: new Date(2026, 0, 31).getTime() },
    { text: '2026-01-31T18:30', moment: new Date(2026, 0, 31, 18, 30).getTime() },
    { text: '2026-01-31 18:30:05', moment: new Date(2026, 0, 31, 18, 30, 5).getTime() },
    { text: '2026-01-31T18:30Z', moment: Date.UTC(2026, 0, 31, 18, 30) },
    { text: '2026-01-31T18:30:05.250+02:00', moment: Date.UTC(2026, 0, 31, 16, 30, 5, 250) },
    { text: '2024-02-29', moment: new Date(2024, 1, 29).getTime() },
  ])('may be a date, which is local unless it says otherwise: $text', ({ text, moment }) => {
    expect(momentOf(text, now)).toBe(moment)
  })

  it.for([
    '',
    'never',
    '2',
    '-2h',
    '2y',
    '2026',
    '2026-13-01',
    '2026-02-30',
    '2026-01-31T25:00',
    '1',
  ])('is not %j', (text) => {
    expect(momentOf(text, now)).toBeUndefined()
  })

  it('is read back from what is shown of it', () => {
    const moment = new Date(2026, 0, 2, 3, 4, 5, 6).getTime()
    expect(timeText(moment)).toBe('2026-01-02 03:04:05.006')
    expect(clockText(moment)).toBe('03:04:05.006')
    expect(momentOf(timeText(moment), now)).toBe(moment)
  })
})

it.for([
  { ms: -5, age: '0s' },
  { ms: 59_999, age: '59s' },
  { ms: 60_000, age: '1m' },
  { ms: 86_399_999, age: '23h' },
  { ms: 400 * 86_400_000, age: '400d' },
  { ms: 800 * 86_400_000, age: '2y' },
])('the age of what is $ms ms old is $age', ({ ms, age }) => {
  expect(ageOf(now - ms, now)).toBe(age)
})
