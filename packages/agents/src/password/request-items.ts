import type { CharacterClass } from './characters.ts'
import type { Token } from './request-tokens.ts'
import { isOrdinary } from './vocabulary.ts'

/** One thing that a request names as part of a password, or as not part of it. */
export interface Item {
  readonly classes: readonly CharacterClass[]
  /** Single characters. */
  readonly characters: string
  /** A string that was quoted or introduced by 'the word'. */
  readonly piece: string
  readonly lookAlikes: boolean
  /** The index of the token behind it. */
  readonly end: number
}

const nothing = { classes: [], characters: '', piece: '', lookAlikes: false }
const letters: readonly CharacterClass[] = ['uppercase', 'lowercase']

// Longer names first: 'exclamation mark' before 'exclamation'.
const symbolNames: readonly (readonly [RegExp, string])[] = [
  [/^dollars?(?: signs?| symbols?)?\b/, '$'],
  [/^at (?:signs?|symbols?)\b/, '@'],
  [
    /^(?:hash(?:tags?| signs?| marks?| symbols?|es)?|pound signs?|number signs?|octothorpes?)\b/,
    '#',
  ],
  [/^under ?scores?\b/, '_'],
  [/^(?:dash(?:es)?|hyphens?|minus signs?)\b/, '-'],
  [/^percent(?:age)?s?(?: signs?| symbols?)?\b/, '%'],
  [/^ampersands?\b/, '&'],
  [/^(?:asterisks?|stars?|star signs?)\b/, '*'],
  [/^exclamations?(?: marks?| points?| signs?)?\b/, '!'],
  [/^question marks?\b/, '?'],
  [/^plus signs?\b/, '+'],
  [/^equals? signs?\b/, '='],
  [/^(?:full stops?|periods?|dots?)\b/, '.'],
  [/^commas?\b/, ','],
  [/^semi ?colons?\b/, ';'],
  [/^colons?\b/, ':'],
  [/^(?:back slash(?:es)?|backslash(?:es)?)\b/, '\\'],
  [/^(?:forward )?slash(?:es)?\b/, '/'],
  [/^(?:pipes?|vertical bars?)\b/, '|'],
  [/^tildes?\b/, '~'],
  [/^(?:carets?|circumflex(?:es)?)\b/, '^'],
  [/^square brackets?\b/, '[]'],
  [/^(?:curly brackets?|curly braces?|braces?)\b/, '{}'],
  [/^angle brackets?\b/, '<>'],
  [/^(?:round brackets?|parenthes[ei]s|parens?)\b/, '()'],
  [/^brackets?\b/, '()[]{}<>'],
  [/^less than (?:signs?|symbols?)\b/, '<'],
  [/^greater than (?:signs?|symbols?)\b/, '>'],
  [/^(?:double quotes?|double quotation marks?)\b/, '"'],
  [/^(?:single quotes?|apostrophes?)\b/, "'"],
  [/^(?:back ?ticks?|back ?quotes?)\b/, '`'],
  [/^(?:quotes?|quotation marks?)\b/, '"\'`'],
  [/^vowels\b/, 'aeiouAEIOU'],
]

const classNames: readonly (readonly [RegExp, readonly CharacterClass[]])[] = [
  [/^(?:special|non alphanumeric)s?(?: (?:chars?|characters?|symbols?|signs?))?\b/, ['symbols']],
  [/^(?:symbols?|punctuation)(?: (?:chars?|characters?|marks?|signs?))?\b/, ['symbols']],
  [
    /^(?:upper case|uppercase|upper|capitals?|caps|capitalized|capitalised)(?: (?:letters?|chars?|characters?|ones))?\b/,
    ['uppercase'],
  ],
  [
    /^(?:lower case|lowercase|lower|small (?=letters?))(?: ?(?:letters?|chars?|characters?|ones))?\b/,
    ['lowercase'],
  ],
  [/^(?:alphanumerics?|alpha numerics?)(?: (?:chars?|characters?))?\b/, [...letters, 'numbers']],
  [/^(?:numbers?|numerals?|digits?|numerics?)(?: (?:chars?|characters?|digits?))?\b/, ['numbers']],
  [
    /^(?:mixed case|letters?|alphabetic(?:al)?|alphabets?|alpha)(?: (?:letters?|chars?|characters?))?\b/,
    letters,
  ],
]

const lookAlikeName =
  /^(?:(?:visually )?(?:look alikes?|look alike|lookalikes?|ambiguous|ambiguity|confusing|confusable|similar looking|similar(?= (?:chars?|characters?|letters?|symbols?))|easily confused)(?: (?:chars?|characters?|letters?|symbols?|ones))?)\b/

/** Reads the item that starts at a token, or undefined when none does. */
export function readItem(tokens: readonly Token[], at: number): Item | undefined {
  const token = tokens[at]
  if (token === undefined) return undefined
  if (token.kind === 'quoted') return { ...nothing, piece: token.text, end: at + 1 }
  if (token.kind === 'symbols') return symbolRun(token, at)
  if (token.kind === 'number') return undefined
  return introduced(tokens, at) ?? named(tokens, at)
}

/** Free-standing symbols, without the punctuation of the sentence at their end. */
function symbolRun(token: Token, at: number): Item | undefined {
  if (!token.free) return undefined
  const meant = /^[.,;:!?]+$/.test(token.text) ? token.text : token.text.replace(/[.,;:]$/, '')
  return { ...nothing, characters: meant, end: at + 1 }
}

/** 'the letter x', 'the number 7', 'the characters {}', 'the word rex'. */
function introduced(tokens: readonly Token[], at: number): Item | undefined {
  const noun = tokens[at]?.text ?? ''
  const next = tokens[at + 1]
  if (next === undefined) return undefined
  if (/^(?:words?|strings?|text|phrases?|names?)$/.test(noun)) {
    const given = next.kind === 'quoted' || (next.kind === 'word' && !isOrdinary(next.text))
    if (!given) return undefined
    return { ...nothing, piece: next.raw, end: at + 2 }
  }
  if (/^letters?$/.test(noun) && /^\p{L}$/u.test(next.raw)) {
    const both = next.raw.toLowerCase() + next.raw.toUpperCase()
    return { ...nothing, characters: both, piece: next.raw, end: at + 2 }
  }
  if (
    /^(?:numbers?|digits?)$/.test(noun) &&
    /^\d+$/.test(next.raw) &&
    !countsSomething(tokens, at + 1)
  ) {
    return { ...nothing, characters: next.raw, piece: next.raw, end: at + 2 }
  }
  if (/^(?:symbols?|characters?|chars?|signs?)$/.test(noun)) {
    const shown = next.kind === 'quoted' || next.kind === 'symbols'
    const item = shown ? readItem(tokens, at + 1) : undefined
    if (item !== undefined) return item
    if (/^[\p{L}\p{N}]$/u.test(next.raw) && noun !== 'numbers') {
      return { ...nothing, characters: next.raw, piece: next.raw, end: at + 2 }
    }
  }
  return undefined
}

/** Whether a noun follows the number, which then is a quantity. */
export function countsSomething(tokens: readonly Token[], at: number): boolean {
  const next = tokens[at + 1]
  return next?.kind === 'word' && !/^(?:and|or|nor|in|but|at|with|for)$/.test(next.text)
}

function named(tokens: readonly Token[], at: number): Item | undefined {
  const words: string[] = []
  for (const token of tokens.slice(at, at + 4)) {
    if (token.kind !== 'word') break
    words.push(token.text)
  }
  const text = words.join(' ')
  const endOf = (match: RegExpExecArray): number => at + match[0].trim().split(' ').length
  const alike = lookAlikeName.exec(text)
  if (alike) return { ...nothing, lookAlikes: true, end: endOf(alike) }
  for (const [name, characters] of symbolNames) {
    const match = name.exec(text)
    if (match) return { ...nothing, characters, piece: characters.charAt(0), end: endOf(match) }
  }
  for (const [name, classes] of classNames) {
    const match = name.exec(text)
    if (match) return { ...nothing, classes, end: endOf(match) }
  }
  return undefined
}
