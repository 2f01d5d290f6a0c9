import type { WordList } from './word-lists.ts'

/** Code units from here on are not looked at: a word with one of them counts as possible. */
const BEYOND_ASCII = 128

const QUOTE = '"'.charCodeAt(0)

/** Which character may follow which in what a password is read as, as a table of 128 times 128. */
export type Pairs = Uint8Array

/**
 * The pairs of characters in everything that a password may be read as: itself, itself backwards,
 * and itself with some signs taken for the letters that they imitate, all in small letters.
 */
export function pairsIn(
  password: string,
  imitations: Readonly<Record<string, readonly string[]>>,
): Pairs {
  const pairs = new Uint8Array(BEYOND_ASCII * BEYOND_ASCII)
  const add = (text: string) => {
    for (let at = 0; at < text.length; at++) {
      const code = text.charCodeAt(at)
      if (code >= BEYOND_ASCII) continue
      pairs[code] = 1
      const before = at === 0 ? 0 : text.charCodeAt(at - 1)
      if (before < BEYOND_ASCII) pairs[before * BEYOND_ASCII + code] = 1
    }
  }
  /** What may be read at an index, and where it goes on from there. */
  const readings = (at: number) => {
    const read = [{ text: password.charAt(at).toLowerCase(), end: at + 1 }]
    for (const [text, signs] of Object.entries(imitations)) {
      for (const sign of signs) {
        if (password.startsWith(sign, at)) read.push({ text, end: at + sign.length })
      }
    }
    return read
  }
  for (let at = 0; at < password.length; at++) {
    for (const { text, end } of readings(at)) {
      for (const next of readings(end)) add(text + next.text)
    }
  }
  add(password.split('').reverse().join('').toLowerCase())
  return pairs
}

/** Words by their places in a list, from 1. */
export type Ranks = Readonly<Record<string, number>>

/** The words of a list in which every pair of characters is possible: all that can be in the password. */
export function rankPossible(list: WordList, pairs: Pairs): Ranks {
  const ranks: Record<string, number> = {}
  let rank = 0
  for (let start = 2; start < list.length; ) {
    rank++
    let before = 0
    let end = start
    let code = list.charCodeAt(end)
    while (code !== QUOTE && isPossible(pairs, before, code)) {
      before = code
      code = list.charCodeAt(++end)
    }
    if (code === QUOTE) ranks[list.slice(start, end)] = rank
    else end = list.indexOf('"', end)
    // Over the quote, the comma and the next quote.
    start = end + 3
  }
  return ranks
}

function isPossible(pairs: Pairs, before: number, code: number): boolean {
  if (before >= BEYOND_ASCII || code >= BEYOND_ASCII) return true
  return pairs[before * BEYOND_ASCII + code] === 1
}
