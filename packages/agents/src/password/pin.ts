import { commonPins } from './common-pins.ts'

/** What the policy says of a PIN. */
export interface PinReport {
  /** Out of 5: 1 or 2 for a pattern, 4 for a PIN without one, 5 when it has six digits or more. */
  readonly score: 1 | 2 | 4 | 5
  /** Whether the score is 4 or 5. */
  readonly passed: boolean
  /** Why it did not pass: phrases that follow 'this PIN' and never quote it. */
  readonly reasons: readonly string[]
}

/**
 * Judges a PIN by the patterns that people choose and attackers try first: repeats, runs, lines on
 * the keypad, dates and the best-known ones (Bonneau, Preibusch, Anderson: "A birthday present every
 * eleven wallets?", 2012). How many digits there are matters less: a keypad locks after a few tries.
 */
export function checkPin(pin: string): PinReport {
  if (!/^\d{4,}$/.test(pin)) {
    return { score: 1, passed: false, reasons: ['is not made of at least four digits'] }
  }
  const guessable = [
    ...(commonPins.has(pin) ? ['is one of the most common ones'] : []),
    ...(isRepeat(pin) ? ['repeats one digit or one group of digits'] : []),
    ...(isRun(pin) ? ['runs up or down in even steps'] : []),
  ]
  const likely = [
    ...(isMirrored(pin) ? ['reads the same backwards'] : []),
    ...(isKeypadLine(pin) ? ['draws lines on the keypad'] : []),
    ...(isDate(pin) ? ['can be read as a date or a year'] : []),
  ]
  const reasons = [...guessable, ...likely]
  const score = guessable.length > 0 ? 1 : likely.length > 0 ? 2 : pin.length < 6 ? 4 : 5
  return { score, passed: reasons.length === 0, reasons }
}

/** 7777, 1212, 123123, 112233, or one digit for more than half of the PIN. */
function isRepeat(pin: string): boolean {
  return /^(\d+)\1+$/.test(pin) || /^(?:(\d)\1)+$/.test(pin) || longestRun(pin, 0) * 2 > pin.length
}

/** 1234 or 9876 for more than half of the PIN, or one step from end to end, as in 2468. */
function isRun(pin: string): boolean {
  const most = Math.max(longestRun(pin, 1), longestRun(pin, 9))
  if (most * 2 > pin.length) return true
  return [2, 3, 4, 6, 7, 8].some((step) => longestRun(pin, step) === pin.length)
}

/** The longest stretch in which each digit is the one before plus the step, modulo ten. */
function longestRun(pin: string, step: number): number {
  let longest = 1
  let current = 1
  for (let at = 1; at < pin.length; at += 1) {
    const follows = (Number(pin[at - 1]) + step) % 10 === Number(pin[at])
    current = follows ? current + 1 : 1
    longest = Math.max(longest, current)
  }
  return longest
}

function isMirrored(pin: string): boolean {
  return pin === Array.from(pin).reverse().join('')
}

const strokes = ['123', '456', '789', '147', '258', '369', '159', '357']
const stroke = [...strokes, ...strokes.map((line) => Array.from(line).reverse().join(''))].join('|')
const keypadLine = new RegExp(`^(?:\\d?(?:${stroke})+|(?:${stroke})+\\d)$`)

/** 2580, 147258, 1593: nothing but rows, columns and diagonals, with at most one digit beside them. */
function isKeypadLine(pin: string): boolean {
  return keypadLine.test(pin)
}

const dateLayouts: Readonly<Record<number, readonly string[]>> = {
  4: ['DDMM', 'MMDD', 'YYYY'],
  6: ['DDMMyy', 'MMDDyy', 'yyMMDD', 'YYYYMM', 'MMYYYY'],
  8: ['DDMMYYYY', 'MMDDYYYY', 'YYYYMMDD', 'YYYYDDMM'],
}

function isDate(pin: string): boolean {
  return (dateLayouts[pin.length] ?? []).some((layout) => fitsLayout(pin, layout))
}

function fitsLayout(pin: string, layout: string): boolean {
  const part = (letters: string, otherwise: number): number => {
    const at = layout.indexOf(letters)
    return at < 0 ? otherwise : Number(pin.slice(at, at + letters.length))
  }
  const year = part('YYYY', 2000)
  const month = part('MM', 1)
  const day = part('DD', 1)
  // The 29th of February always counts: nobody guesses by leap years.
  const lastDay = month === 2 ? 29 : [4, 6, 9, 11].includes(month) ? 30 : 31
  return year >= 1900 && year <= 2099 && month >= 1 && month <= 12 && day >= 1 && day <= lastDay
}
