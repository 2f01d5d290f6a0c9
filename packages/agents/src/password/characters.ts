/** A class of characters, by the name of the option that asks for it. */
export type CharacterClass = 'uppercase' | 'lowercase' | 'numbers' | 'symbols'

/** The four classes, in the order in which they are reported. */
export const characterClasses: readonly CharacterClass[] = [
  'uppercase',
  'lowercase',
  'numbers',
  'symbols',
]

/**
 * What each class draws from.
 *
 * The symbols are ASCII's without quotes, backquote and backslash, which shells, configuration files
 * and sign-up forms most often spoil, and without the space.
 */
export const characters: Readonly<Record<CharacterClass, string>> = {
  uppercase: 'ABCDEFGHIJKLMNOPQRSTUVWXYZ',
  lowercase: 'abcdefghijklmnopqrstuvwxyz',
  numbers: '0123456789',
  symbols: '!#$%&()*+,-./:;<=>?@[]^_{|}~',
}

/**
 * Characters that people take for each other when they copy by eye: zero and the letter O in both
 * cases; one, small L, capital I and the bar; and the digits 5, 2, 8 with S, Z, B.
 */
export const lookAlikes = '0Oo1lI|5S2Z8B'

const members: Readonly<Record<CharacterClass, RegExp>> = {
  uppercase: /\p{Lu}/u,
  lowercase: /\p{Ll}/u,
  numbers: /\p{Nd}/u,
  symbols: /[^\p{L}\p{N}\s]/u,
}

/** Whether a text has a character of the class, in any script; a space is in no class. */
export function hasClass(text: string, name: CharacterClass): boolean {
  return members[name].test(text)
}

/** How many characters a person counts: code points, so that an emoji is one. */
export function countCharacters(text: string): number {
  return Array.from(text).length
}

/** Which characters a password may draw. */
export interface Choice {
  readonly classes: Readonly<Record<CharacterClass, boolean>>
  readonly excludeLookAlikes: boolean
  readonly exclude: string
}

/** The characters that the choice takes away, with the look-alikes when they are excluded. */
export function excludedCharacters(choice: Pick<Choice, 'excludeLookAlikes' | 'exclude'>): string {
  return choice.excludeLookAlikes ? lookAlikes + choice.exclude : choice.exclude
}

/**
 * The characters left of each class after the exclusions; nothing of a class that is not wanted.
 * A wanted class may come out empty: `constraintProblems` refuses that.
 */
export function alphabets(choice: Choice): Readonly<Record<CharacterClass, readonly string[]>> {
  const excluded = new Set(excludedCharacters(choice))
  const left = (name: CharacterClass): readonly string[] =>
    choice.classes[name] ? Array.from(characters[name]).filter((one) => !excluded.has(one)) : []
  return {
    uppercase: left('uppercase'),
    lowercase: left('lowercase'),
    numbers: left('numbers'),
    symbols: left('symbols'),
  }
}
