import type { PasswordKind } from './constraints.ts'
import { readKind } from './request-kind.ts'
import { type Quantities, type Quantity, readQuantities } from './request-quantities.ts'
import { readRepeats } from './request-repeats.ts'
import { readTokens, type Token } from './request-tokens.ts'
import { readWishes, type Wishes } from './request-wishes.ts'

/** What a text says of a password, before anything is settled. */
export interface Said {
  /** Without those that say that no character may occur twice. */
  readonly tokens: readonly Token[]
  readonly wishes: Wishes
  readonly quantities: Quantities
  /** Whether no character may occur twice. */
  readonly noRepeats: boolean
}

/** Reads what a text says. */
export function readSaid(text: string): Said {
  const { noRepeats, rest: tokens } = readRepeats(readTokens(text))
  const wishes = readWishes(tokens)
  return { tokens, wishes, quantities: readQuantities(tokens, wishes.literal), noRepeats }
}

/** What is to be made, by what is said; notes where that is not what it was called. */
export function kindIn({ tokens, quantities, wishes }: Said, notes: string[] = []): PasswordKind {
  return readKind(tokens, quantities.all, wishes, notes)
}

/** The numbers that say how long it is to be. */
export function lengthsIn({ quantities }: Said): readonly Quantity[] {
  return quantities.all.filter(({ unit }) => unit !== 'items' && unit !== 'class')
}

/** Whether a kind is named, or follows from the rest: '24 characters' are a password's. */
export function saysKind(said: Said): boolean {
  return (
    kindIn(said) !== 'password' ||
    said.wishes.only.size > 0 ||
    /\bpasswords? (?:over|not|no|rather than|instead of)\b/.test(textOf(said.tokens)) ||
    said.quantities.all.some(({ unit }) => unit === 'characters')
  )
}

function textOf(tokens: readonly Token[]): string {
  return tokens.map(({ text }) => text).join(' ')
}
