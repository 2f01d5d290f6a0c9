import {
  bothCases,
  countsSomething,
  type Item,
  isMixedRun,
  isTimes,
  nothing,
  readItem,
} from './request-items.ts'
import type { Token } from './request-tokens.ts'
import { isOrdinary } from './vocabulary.ts'

/** What a directive does with its list; a `plain` list stands alone until something behind it says. */
export type Mode = 'without' | 'only' | 'including' | 'plain'

/** Items that a directive takes, and where they stand. */
export interface List {
  readonly items: readonly Item[]
  /** Whether one of them is enough: 'a ! or a ?', 'one of !@#'. */
  readonly oneOf: boolean
  /** The index of the first item's token. */
  readonly start: number
  /** The index of the token behind the last one. */
  readonly end: number
}

const maxItems = 40
const maxRepeats = 8

/** A list of nothing. */
export const empty: List = { items: [], oneOf: false, start: 0, end: 0 }

const fillers =
  /^(?:use|using|used|contain|containing|contains|include|includes|including|have|having|allow|allowing|accept|support|permit|like|want|need|be|in|with|it|its|my|our|from|made|up|consist|consisting|possible|mix|mixing|confuse|being|occurrences?|instances?)$/
const smallFillers =
  /^(?:any|a|an|the|some|of|both|either|also|at|least|minimum|exactly|plain|standard|ascii|english|simple|such|following|single|random|every|each|other|all)$/

/**
 * Reads a list of items: 'any symbols, numbers or the letter x'. A list of what is not wanted ends
 * before what the next clause claims: 'no symbols, letters and numbers only'.
 */
export function readList(tokens: readonly Token[], from: number, mode: Mode): List {
  const items: Item[] = []
  let at = mode === 'plain' ? from : skipFillers(tokens, from, mode, true)
  const start = at
  const opening = tokens.slice(from, at).map((token) => token.text)
  let alternatives = false
  while (items.length < maxItems) {
    const read = readItem(tokens, at) ?? bareItem(tokens, at, mode, from, items.at(-1))
    if (read === undefined || isOutOfPlace(tokens, read, mode, at, items.length)) break
    items.push(repeated(read, tokens[at - 1], mode))
    const joint = skipJoint(tokens, read, mode)
    if (joint.alternative) alternatives = true
    if (!joint.joined) break
    at = skipFillers(tokens, joint.next, mode, false)
  }
  const first = items[0]
  if (first === undefined) return { ...empty, start: from, end: from }
  const end = items.at(-1)?.end ?? first.end
  const claimed = /^(?:only|alone|exclusively|solely|allowed|ok|okay|fine)$/.test(
    tokens[end]?.text ?? '',
  )
  const named = new Set(items.flatMap((item) => item.classes))
  const letters = named.has('uppercase') && named.has('lowercase') && !alternatives
  const mixed = items.length > 1 && !first.classes.includes('lowercase')
  if (mode === 'without' && items.length > 1 && (claimed || (letters && mixed && named.size > 2))) {
    return { items: [first], oneOf: false, start, end: first.end }
  }
  const choice = /(?:^| )(?:(?:one|any) of|either)(?: |$)/.test(opening.join(' '))
  return { items, oneOf: alternatives || choice, start, end }
}

function skipFillers(tokens: readonly Token[], from: number, mode: Mode, opening: boolean): number {
  let at = from
  const most = Math.min(tokens.length, from + 8)
  while (at < most && readItem(tokens, at) === undefined) {
    const token = tokens[at]
    const next = tokens[at + 1]?.text ?? ''
    const word = token?.kind === 'word' ? token.text : ''
    const count = token?.kind === 'number' && takesCount(tokens, at, mode)
    const colon = opening && token?.kind === 'symbols' && token.text === ':'
    const noun = /^(?:characters?|chars)$/.test(word) && /^(?:like|such|:)$/.test(next)
    const filler = smallFillers.test(word) || (opening && fillers.test(word))
    if (!count && !colon && !noun && !filler && !(word === 'as' && at > from)) break
    at += 1
  }
  return at
}

/** 'of 18 lowercase letters' limits the classes, 'of 4 letters' are some of the characters. */
function takesCount(tokens: readonly Token[], at: number, mode: Mode): boolean {
  if (mode === 'without' || mode === 'plain') return false
  if (mode === 'including' && tokens[at + 1]?.text === 'of') return true
  const item = readItem(tokens, at + 1)
  if (item === undefined || mode === 'including') return item !== undefined
  return item.classes.length === 1 || (item.classes.length > 1 && (tokens[at]?.value ?? 0) >= 6)
}

/** 'two $' are '$$'. */
function repeated(item: Item, before: Token | undefined, mode: Mode): Item {
  const one = item.piece || item.characters
  const count = before?.kind === 'number' ? before.value : 1
  if (mode !== 'including' || count < 2 || count > maxRepeats || !/^.$/u.test(one)) return item
  return { ...item, piece: one.repeat(count) }
}

/** What only a list gives a meaning: a single letter or digit, or a word that must be contained. */
function bareItem(
  tokens: readonly Token[],
  at: number,
  mode: Mode,
  from: number,
  before: Item | undefined,
): Item | undefined {
  const token = tokens[at]
  if (token === undefined || (mode === 'only' && before?.series === undefined)) return undefined
  if (countsSomething(tokens, at) || isTimes(tokens, at)) return undefined
  const trigger = tokens[from - 1]?.text ?? ''
  const named = before !== undefined || /^(?:a|an|the)$/.test(tokens[at - 1]?.text ?? '')
  if (mode === 'including' && !named && !/^(?:contain|includ)/.test(trigger)) return undefined
  const single = { ...nothing, characters: token.raw, series: before?.series, end: at + 1 }
  if (token.kind === 'number') {
    if (mode === 'without' && token.value < 10) return { ...single, characters: `${token.value}` }
    if (!/^\d+$/.test(token.raw)) return undefined
    if (mode === 'including') return { ...single, characters: '', piece: token.raw }
    const digits = new Set(token.raw).size === token.raw.length && /^0|^.$|^\d{4}/.test(token.raw)
    return digits ? { ...single, piece: token.raw } : undefined
  }
  if (token.kind !== 'word') return undefined
  if (/^\p{L}$/u.test(token.raw)) {
    const article = before === undefined && /^[aAiI]$/.test(token.raw)
    const characters = before?.series === 'letters' ? bothCases(token.raw) : token.raw
    return article ? undefined : { ...single, characters, piece: token.raw }
  }
  if (mode === 'without') return isMixedRun(token.raw) ? single : undefined
  const word = mode === 'including' && /^contain/.test(trigger) && token.raw.length <= 20
  if (!word || isOrdinary(token.raw)) return undefined
  return { ...single, characters: '', piece: token.raw, isWord: true }
}

/** Among the only ones characters may stand: 'letters and underscores only', 'only $ as symbol'. */
function isOutOfPlace(
  tokens: readonly Token[],
  item: Item,
  mode: Mode,
  at: number,
  position: number,
): boolean {
  if (mode !== 'only' || item.classes.length > 0) return false
  const next = tokens[item.end]?.text ?? ''
  const dash = /^[-–—…:.,;]+$/.test(item.characters) && !/^(?:and|or|as|,)$/.test(next)
  if (position === 0 && item.end === at + 1 && dash) return true
  return item.characters === '' || /\s/.test(item.characters)
}

interface Joint {
  readonly next: number
  readonly joined: boolean
  readonly alternative: boolean
}

/** Skips 'and', ', or', '&' between two items. In '#, %' the comma is part of the run before. */
function skipJoint(tokens: readonly Token[], item: Item, mode: Mode): Joint {
  const from = item.end
  const run = tokens[from - 1]
  const closed = run?.kind === 'symbols' && /^.+[,;]$/u.test(run.text)
  let at = from
  let alternative = false
  const comma = tokens[at]
  if (comma?.kind === 'symbols' && /^(?:,|;|&|\+)$/.test(comma.text)) at += 1
  for (let joints = 0; joints < 3; joints += 1, at += 1) {
    const word = tokens[at]?.text ?? ''
    const well = word === 'as' && tokens[at + 1]?.text === 'well' && tokens[at + 2]?.text === 'as'
    if (well) at += 2
    else if (!/^(?:and|or|nor|plus)$/.test(word)) break
    if (/^n?or$/.test(word)) alternative = true
  }
  // '1 2 3' and '0 O l' need no commas.
  const bare = /^[\p{L}\p{N}]$/u
  const next = tokens[at]?.raw ?? ''
  const listed = mode === 'without' && bare.test(run?.raw ?? '') && bare.test(next)
  const ranges = run?.kind === 'range' && tokens[at]?.kind === 'range'
  return { next: at, joined: closed || listed || ranges || at > from, alternative }
}
