import { alphabets, characterClasses, countCharacters, hasClass } from './characters.ts'
import { type Constraints, pinDigits } from './constraints.ts'
import { checkPin } from './pin.ts'

/** Arrangements that are looked at before so many of them are taken to be different enough. */
const mostLooks = 5_000

/**
 * How many different passwords the constraints allow, counted up to `enough`. Only constraints that
 * leave next to nothing free come to fewer; the words of a passphrase never do.
 */
export function countDifferent(constraints: Constraints, enough: number): number {
  const { kind, length, mustContain } = constraints
  if (kind === 'passphrase') return enough
  const free = length - countCharacters(mustContain.join(''))
  const alphabet = drawnFrom(constraints)
  if (free > 3 && alphabet.length > 1) return enough
  const found = new Set<string>()
  let looks = 0
  for (const arrangement of arrangements(mustContain, alphabet, free)) {
    looks += 1
    if (looks > mostLooks) return enough
    if (fits(arrangement, constraints)) found.add(arrangement)
    if (found.size >= enough) break
  }
  return found.size
}

function drawnFrom(constraints: Constraints): readonly string[] {
  if (constraints.kind === 'pin') return pinDigits(constraints)
  const left = alphabets(constraints)
  return characterClasses.flatMap((name) => left[name])
}

function fits(text: string, { kind, classes }: Constraints): boolean {
  if (kind === 'pin') return checkPin(text).passed
  return characterClasses.every((name) => !classes[name] || hasClass(text, name))
}

/** Every order of the pieces with `free` drawn characters before, between and behind them. */
function* arrangements(
  pieces: readonly string[],
  alphabet: readonly string[],
  free: number,
): Generator<string> {
  if (pieces.length === 0 && free <= 0) {
    yield ''
    return
  }
  for (const piece of new Set(pieces)) {
    const at = pieces.indexOf(piece)
    for (const rest of arrangements(pieces.toSpliced(at, 1), alphabet, free)) yield piece + rest
  }
  if (free <= 0) return
  for (const rest of arrangements(pieces, alphabet, free - 1)) {
    for (const one of alphabet) yield one + rest
  }
}
