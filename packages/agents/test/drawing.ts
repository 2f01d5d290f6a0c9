import { characters } from '../src/password/characters.ts'
import type { RandomInt } from '../src/password/random.ts'

const alphabet = Object.values(characters).join('')

/** Chance that draws these passwords of all classes one after the other, without shuffling them. */
export function drawing(...passwords: readonly string[]): RandomInt {
  const places = passwords.flatMap((password) =>
    Array.from(password, (one) => alphabet.indexOf(one)),
  )
  return (max) => (max === alphabet.length ? (places.shift() ?? 0) : max - 1)
}
