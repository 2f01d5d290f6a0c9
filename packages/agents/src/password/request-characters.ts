import { type CharacterClass, characterClasses } from './characters.ts'
import { type Constraints, type PasswordKind, separators } from './constraints.ts'
import type { Quantity } from './request-quantities.ts'
import { mapClasses } from './request-settle.ts'
import type { Token } from './request-tokens.ts'
import type { Wishes } from './request-wishes.ts'

/** The constraints on characters, as wished. */
export type Characters = Pick<
  Constraints,
  'classes' | 'excludeLookAlikes' | 'exclude' | 'mustContain'
>

/** What the wishes come to in a password, a passphrase or a PIN. */
export function readCharacters(
  kind: PasswordKind,
  wishes: Wishes,
  tokens: readonly Token[],
  quantities: readonly Quantity[],
  notes: string[],
): Characters {
  const { excludeLookAlikes, exclude, mustContain } = wishes
  const characters = { excludeLookAlikes, exclude, mustContain }
  if (kind === 'pin') {
    const others = [...wishes.only, ...wishes.including].some((name) => name !== 'numbers')
    if (others) notes.push('a PIN has digits only')
    return { ...characters, classes: mapClasses((name) => name === 'numbers') }
  }
  if (kind === 'passphrase') {
    const classes = classesOfWords(wishes)
    if ((classes.uppercase && classes.lowercase) || classes.numbers) {
      notes.push('the words make it strong, what is added only meets the wish')
    }
    const unwanted = unwantedSeparators(tokens) + (isSymbolless(wishes) ? '-._' : '')
    return { ...characters, classes, exclude: exclude + unwanted }
  }
  // A password has no spaces anyway.
  const spaceless = exclude.replaceAll(' ', '')
  return { ...characters, exclude: spaceless, classes: classesOf(wishes, quantities, notes) }
}

function classesOf(
  { only, without, including }: Wishes,
  quantities: readonly Quantity[],
  notes: string[],
): Record<CharacterClass, boolean> {
  const torn = characterClasses.filter((name) => without.has(name) && including.has(name))
  if (torn.length > 0) notes.push(`${torn.join(' and ')} are both wanted and not, so they are in`)
  // '20 digits' are all there is, unless characters are counted, too.
  const counts = (unit: Quantity['unit']): boolean => quantities.some((one) => one.unit === unit)
  const digits = only.size === 0 && counts('digits') && !counts('characters')
  return mapClasses((name) => {
    if (including.has(name)) return true
    const wanted = digits ? name === 'numbers' : only.size === 0 || only.has(name)
    return wanted && !without.has(name)
  })
}

/** The words make it strong; capitals and a digit only please a form that asks for them. */
function classesOfWords({ only, including, without }: Wishes): Record<CharacterClass, boolean> {
  const capitals = (only.has('uppercase') && !only.has('lowercase')) || without.has('lowercase')
  return mapClasses((name) => {
    if (name === 'lowercase') return !capitals || including.has(name)
    if (name === 'uppercase') return capitals || including.has(name)
    return name === 'numbers' ? including.has(name) : true
  })
}

/** A space is no symbol, so it separates where no symbol may. */
function isSymbolless({ only, without, including }: Wishes): boolean {
  if (including.has('symbols')) return false
  return without.has('symbols') || (only.size > 0 && !only.has('symbols'))
}

/** 'separated by spaces': a passphrase takes the first separator that is not excluded. */
function unwantedSeparators(tokens: readonly Token[]): string {
  const text = tokens.map((token) => token.text).join(' ')
  const named =
    /\b(?:separated|joined|divided|delimited) (?:by|with) (?:an? )?(dot|period|underscore|space)/
  const word = named.exec(text)?.[1]
  if (word === undefined) return ''
  const wanted = word === 'space' ? ' ' : word === 'underscore' ? '_' : '.'
  return separators.slice(0, separators.indexOf(wanted))
}
