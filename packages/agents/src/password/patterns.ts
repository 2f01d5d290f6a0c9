/** A stretch of a password that can be told from a part of it. */
export interface Pattern {
  readonly kind: 'repetition' | 'keyboard run' | 'sequence'
  /** Index of its first character. */
  readonly at: number
  /** How many characters it has. */
  readonly length: number
  /** How many of them follow from the others. */
  readonly predictable: number
}

const sequences = ['abcdefghijklmnopqrstuvwxyz', '01234567890']

/** Keys in a line: rows of QWERTY, QWERTZ and AZERTY, with and without Shift, and slanted columns. */
const keyLines = `
  1234567890 !@#$%^&*() qwertyuiop asdfghjkl;' zxcvbnm,./
  qwertzuiop yxcvbnm azertyuiop qsdfghjklm wxcvbn
  1qaz 2wsx 3edc 4rfv 5tgb 6yhn 7ujm 8ik, 9ol. 0p;/
`
  .trim()
  .split(/\s+/)

/** Three neighbours come by chance in one of twenty random passwords, four hardly ever. */
const minRun = 4

/** One character three times, or two groups: 'aaa', 'abcabc', 'abab' with two more. */
const repetition = /(.)\1{2,}|(.{2,}?)\2{2,}|(.{3,}?)\3+/gsu

/**
 * Finds repetitions, runs of keys next to each other and sequences of letters and digits, forwards and
 * backwards, in capitals or not. Where two of them overlap the longer one counts.
 */
export function findPatterns(text: string): Pattern[] {
  const lower = text.toLowerCase()
  const found = [
    ...repetitions(lower),
    ...sequences.flatMap((line) => runs(lower, line, 'sequence')),
    ...keyLines.flatMap((line) => runs(lower, line, 'keyboard run')),
  ].sort((a, b) => b.length - a.length)
  const kept: Pattern[] = []
  for (const pattern of found) {
    const overlaps = kept.some(
      ({ at, length }) => pattern.at < at + length && at < pattern.at + pattern.length,
    )
    if (!overlaps) kept.push(pattern)
  }
  return kept.sort((a, b) => a.at - b.at)
}

function repetitions(text: string): Pattern[] {
  return Array.from(text.matchAll(repetition), ({ index: at, 0: all, 2: two, 3: three }) => {
    const unit = two ?? three ?? all.charAt(0)
    return { kind: 'repetition', at, length: all.length, predictable: all.length - unit.length }
  })
}

function runs(text: string, line: string, kind: Pattern['kind']): Pattern[] {
  const lines = [line, Array.from(line).reverse().join('')]
  return lines.flatMap((keys) => {
    const found: Pattern[] = []
    for (let at = 0; at < text.length; ) {
      const length = runLength(text, at, keys)
      if (length >= minRun) found.push({ kind, at, length, predictable: length - 1 })
      at += Math.max(1, length)
    }
    return found
  })
}

/** How many characters from here on are next to each other in the line. */
function runLength(text: string, at: number, line: string): number {
  const from = line.indexOf(text.charAt(at))
  if (from < 0) return 0
  let length = 0
  while (at + length < text.length && line[from + length] === text[at + length]) length += 1
  return length
}
