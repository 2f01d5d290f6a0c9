import { stripVTControlCharacters } from 'node:util'

// Control characters, and those that reorder or break the line they are in.
const STEERING = /[\p{Cc}\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu

/**
 * Text of a model or a user as one line that cannot steer the terminal: no escape sequences, no
 * control characters, no overrides of direction. White space of any kind is a single space.
 */
export function oneLine(text: string): string {
  return stripVTControlCharacters(text)
    .replace(/[\s\u2028\u2029]+/gu, ' ')
    .replace(STEERING, '')
    .trim()
}

/** Text of a model as lines that cannot steer the terminal; white space in them stays. */
export function printableLines(text: string): readonly string[] {
  return stripVTControlCharacters(text)
    .split(/\r?\n/)
    .map((line) => line.replaceAll('\t', '  ').replace(STEERING, '').trimEnd())
}

/** JSON text with the same characters as escapes, so that nothing is lost. */
export function printableJson(value: unknown): string {
  return escaped(JSON.stringify(value, null, 2))
}

/** The same JSON in one line. */
export function printableJsonLine(value: unknown): string {
  return escaped(JSON.stringify(value) ?? 'null')
}

function escaped(json: string): string {
  return json.replace(STEERING, (character) =>
    character === '\n' ? character : `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}

/** The first characters of a text: whole ones, never half of a surrogate pair. */
export function firstCharacters(text: string, count: number): string {
  return Array.from(text).slice(0, count).join('')
}
