import { type CharacterClass, characterClasses, characters, hasClass } from './characters.ts'
import { characterNames, classNames, lookAlikeName } from './request-names.ts'
import type { Token } from './request-tokens.ts'
import { isOrdinary } from './vocabulary.ts'

/** One thing that a request names as part of a password, or as not part of it. */
export interface Item {
  readonly classes: readonly CharacterClass[]
  /** Single characters. */
  readonly characters: string
  /** A string that was quoted or introduced by 'the word'. */
  readonly piece: string
  /** Whether `piece` is a word, so that its letters mean nothing one by one. */
  readonly isWord: boolean
  readonly lookAlikes: boolean
  /** 'letters' or 'digits' when the item was introduced so: what follows in the list is, too. */
  readonly series: 'letters' | 'digits' | undefined
  /** The index of the token behind it. */
  readonly end: number
}

/** An item of nothing, to be filled in. */
export const nothing: Omit<Item, 'end'> = {
  classes: [],
  characters: '',
  piece: '',
  isWord: false,
  lookAlikes: false,
  series: undefined,
}

/** Reads the item that starts at a token, or undefined when none does. */
export function readItem(tokens: readonly Token[], at: number): Item | undefined {
  const token = tokens[at]
  if (token === undefined) return undefined
  if (token.kind === 'quoted') {
    const isWord = /^[\p{L}\p{N}]{4,}$/u.test(token.text) || /\s\S/.test(token.text)
    return { ...nothing, piece: token.text, isWord, end: at + 1 }
  }
  if (token.kind === 'symbols') return symbolRun(tokens, at)
  if (token.kind === 'range') return range(token, at)
  if (token.kind === 'number') return undefined
  return introduced(tokens, at) ?? plural(token, at) ?? named(tokens, at)
}

/** Free-standing symbols, without the punctuation of the sentence at their end. */
function symbolRun(tokens: readonly Token[], at: number): Item | undefined {
  const token = tokens[at]
  if (token === undefined || !token.free) return undefined
  const meant = /^[.,;:!?]+$/.test(token.text) ? token.text : token.text.replace(/[.,;:]$/, '')
  // '$$' is wanted as it stands; '!@#' are three characters.
  const repeated = meant.length > 1 && /^(.)\1+$/u.test(meant)
  return { ...nothing, characters: meant, piece: repeated ? meant : '', end: at + 1 }
}

/** 'a-z' is a class, 'a-f' are characters of one. */
function range(token: Token, at: number): Item {
  const [first, last] = [token.raw.charAt(0), token.raw.charAt(2)]
  const name = characterClasses.find((one) => hasClass(first, one)) ?? 'lowercase'
  const all = characters[name]
  const part = all.slice(all.indexOf(first), all.indexOf(last) + 1)
  if (part === all) return { ...nothing, classes: [name], end: at + 1 }
  return { ...nothing, characters: part, end: at + 1 }
}

/** 'symbols (!@#)' are the class, of which the brackets tell more. */
export const bracketed = /^\((.{2,})\)[.,;:]?$/

/** 'the letter x', 'the number 7', 'the characters {}', 'the word rex', 'my name, Anna'. */
function introduced(tokens: readonly Token[], at: number): Item | undefined {
  const noun = tokens[at]?.text ?? ''
  if (/^(?:words?|strings?|text|phrases?|names?|emojis?)$/.test(noun)) return givenText(tokens, at)
  const next = tokens[at + 1]
  if (next === undefined || isTimes(tokens, at + 1)) return undefined
  const given = { ...nothing, characters: next.raw, end: at + 2 }
  if (/^letters?$/.test(noun) && /^\p{L}$/u.test(next.raw)) {
    return { ...given, characters: bothCases(next.raw), piece: next.raw, series: 'letters' }
  }
  if (/^(?:numbers?|digits?)$/.test(noun) && /^\d+$/.test(next.raw)) {
    if (countsSomething(tokens, at + 1)) return undefined
    return { ...given, piece: next.raw, series: 'digits' }
  }
  if (/^(?:symbols?|characters?|chars?|signs?|letters|digits)$/.test(noun)) {
    const dash = /^[-–—]$/.test(next.text) && tokens[at + 2] !== undefined
    const aside = dash || bracketed.test(next.text)
    const shown = next.kind === 'quoted' || (next.kind === 'symbols' && !aside)
    const item = shown ? readItem(tokens, at + 1) : undefined
    if (item !== undefined) return item
    if (/^[\p{L}\p{N}]$/u.test(next.raw)) return { ...given, piece: next.raw }
    if (isMixedRun(next.raw)) return given
  }
  return undefined
}

function givenText(tokens: readonly Token[], at: number): Item | undefined {
  const joint = /^(?:,|:|=|is|called|of)$/.test(tokens[at + 1]?.text ?? '')
  const where = joint ? at + 2 : at + 1
  const next = tokens[where]
  if (next === undefined) return undefined
  if (/^emojis?$/.test(tokens[at]?.text ?? '')) return symbolRun(tokens, where)
  const given = next.kind === 'quoted' || (next.kind === 'word' && !isOrdinary(next.text))
  if (!given || (joint && next.kind === 'word' && next.raw === next.text)) return undefined
  return { ...nothing, piece: next.raw, isWord: true, end: where + 1 }
}

/** A letter without a case means both. */
export function bothCases(letter: string): string {
  return letter.toLowerCase() + letter.toUpperCase()
}

/** '0O1lI' is no word: letters and digits, or small letters before capitals. */
export function isMixedRun(raw: string): boolean {
  if (!/^[a-z0-9]{2,40}$/i.test(raw) || /^\d+[a-z]{2,}$/.test(raw)) return false
  return (/\d/.test(raw) && /[a-z]/i.test(raw)) || /^[a-z]+[A-Z]+$/.test(raw)
}

/** '1s', 'ls' and 'Os': several of one character. */
function plural(token: Token, at: number): Item | undefined {
  const one = /^(\d|\p{L})s$/u.exec(token.raw)?.[1]
  if (one === undefined || /^(?:is|as|us|i|a)s?$/.test(token.raw)) return undefined
  return { ...nothing, characters: one, end: at + 1 }
}

/** 'x3' counts passwords. */
export function isTimes(tokens: readonly Token[], at: number): boolean {
  return tokens[at]?.text === 'x' && tokens[at + 1]?.kind === 'number'
}

/** Whether a noun follows the number, which then is a quantity. */
export function countsSomething(tokens: readonly Token[], at: number): boolean {
  const next = tokens[at + 1]
  return (
    next?.kind === 'word' &&
    !isTimes(tokens, at + 1) &&
    !/^(?:and|or|nor|in|but|at|with|for|as|must|should|may|can|is|are|has|have|please|only|anywhere|either|confusion|confusions|mix)$/.test(
      next.text,
    )
  )
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
  const hex = /^(?:hex|hexadecimal)(?: (?:digits?|chars?|characters?|symbols?))?\b/.exec(text)
  if (hex) return { ...nothing, classes: ['numbers'], characters: 'abcdef', end: endOf(hex) }
  for (const [name, meant] of characterNames) {
    const match = name.exec(text)
    if (match) return { ...nothing, characters: meant, piece: meant.charAt(0), end: endOf(match) }
  }
  for (const [name, classes] of classNames) {
    const match = name.exec(text)
    if (match) return { ...nothing, classes, end: endOf(match) }
  }
  return undefined
}
