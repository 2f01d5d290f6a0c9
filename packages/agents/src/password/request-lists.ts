import { countsSomething, type Item, readItem } from './request-items.ts'
import type { Token } from './request-tokens.ts'
import { isOrdinary } from './vocabulary.ts'

/** What a directive does with its list. */
export type Mode = 'without' | 'only' | 'including'

/** Items that a directive takes, and the index of the token behind them. */
export interface List {
  readonly items: readonly Item[]
  readonly end: number
}

const maxItems = 40

/** A list of nothing. */
export const empty: List = { items: [], end: 0 }

const fillers =
  /^(?:any|a|an|the|some|of|both|either|also|at|least|minimum|exactly|use|using|used|contain|containing|contains|include|includes|including|have|having|allow|allowing|accept|support|permit|like|want|need|be|in|with|it|its|plain|standard|ascii|english|simple|all|from|made|up|consist|consisting|possible|such|following|single|random|every|each|other)$/

/**
 * Reads a list of items: 'any symbols, numbers or the letter x'. A list of what is not wanted ends
 * before what the next clause claims: 'no symbols, letters and numbers only'.
 */
export function readList(tokens: readonly Token[], from: number, mode: Mode, skip = true): List {
  const groups: { items: Item[]; end: number }[] = []
  let at = skip ? skipFillers(tokens, from, mode) : from
  let alternatives = false
  while (groups.length < maxItems) {
    const item = readItem(tokens, at) ?? bareItem(tokens, at, mode, from, groups.length)
    if (item === undefined || isOutOfPlace(item, mode, groups.length)) break
    groups.push({ items: [item], end: item.end })
    const joint = skipJoint(tokens, item.end)
    if (joint.alternative) alternatives = true
    if (!joint.joined) break
    at = skipFillers(tokens, joint.next, mode)
  }
  const first = groups[0]
  if (first === undefined) return { items: [], end: from }
  const items = groups.flatMap((group) => group.items)
  const end = groups.at(-1)?.end ?? first.end
  const claimed = /^(?:only|alone|exclusively|solely|allowed|ok|okay|fine)$/.test(
    tokens[end]?.text ?? '',
  )
  const named = new Set(items.flatMap((item) => item.classes))
  const letters = named.has('uppercase') && named.has('lowercase') && !alternatives
  const mixed = items.length > 1 && first.items.every((item) => !item.classes.includes('lowercase'))
  if (mode === 'without' && items.length > 1 && (claimed || (letters && mixed && named.size > 2))) {
    return { items: first.items, end: first.end }
  }
  return { items, end }
}

function skipFillers(tokens: readonly Token[], from: number, mode: Mode): number {
  let at = from
  const most = Math.min(tokens.length, from + 8)
  while (at < most && readItem(tokens, at) === undefined) {
    const token = tokens[at]
    const count = token?.kind === 'number' && takesCount(readItem(tokens, at + 1), mode)
    const colon = token?.kind === 'symbols' && token.text === ':'
    if (!count && !colon && !(token?.kind === 'word' && fillers.test(token.text))) break
    at += 1
  }
  return at
}

/** 'of 18 lowercase letters' limits the classes, 'of 18 letters' is a mere length. */
function takesCount(item: Item | undefined, mode: Mode): boolean {
  if (item === undefined || mode === 'without') return false
  return mode === 'including' || item.classes.length === 1
}

/** What only a list gives a meaning: a single letter or digit, or a word that must be contained. */
function bareItem(
  tokens: readonly Token[],
  at: number,
  mode: Mode,
  from: number,
  position: number,
): Item | undefined {
  const token = tokens[at]
  if (token === undefined || mode === 'only') return undefined
  const trigger = tokens[from - 1]?.text ?? ''
  const single = { classes: [], characters: token.raw, piece: '', lookAlikes: false, end: at + 1 }
  const strong = mode === 'without' || /^(?:contain|include)/.test(trigger)
  if (token.kind === 'number') {
    if (!strong || !/^\d+$/.test(token.raw) || countsSomething(tokens, at)) return undefined
    if (mode === 'including') return { ...single, characters: '', piece: token.raw }
    return token.raw.length === 1 ? single : undefined
  }
  if (token.kind !== 'word' || !strong || countsSomething(tokens, at)) return undefined
  if (/^\p{L}$/u.test(token.raw)) {
    const article = position === 0 && /^[aAiI]$/.test(token.raw)
    return article ? undefined : single
  }
  const word = /^contain/.test(trigger) && token.raw.length <= 20 && !isOrdinary(token.raw)
  return word ? { ...single, characters: '', piece: token.raw } : undefined
}

/** Among the only ones a symbol may follow classes: 'letters, numbers and underscores only'. */
function isOutOfPlace(item: Item, mode: Mode, position: number): boolean {
  if (mode !== 'only' || item.classes.length > 0) return false
  return position === 0 || item.characters === ''
}

interface Joint {
  readonly next: number
  readonly joined: boolean
  readonly alternative: boolean
}

/** Skips 'and', ', or', '&' between two items. In '#, %' the comma is part of the run before. */
function skipJoint(tokens: readonly Token[], from: number): Joint {
  const run = tokens[from - 1]
  const closed = run?.kind === 'symbols' && /^.+[,;]$/u.test(run.text)
  let at = from
  let alternative = false
  const comma = tokens[at]
  if (comma?.kind === 'symbols' && /^(?:,|;|&|\+)$/.test(comma.text)) at += 1
  for (let joints = 0; joints < 3; joints += 1, at += 1) {
    const word = tokens[at]?.text ?? ''
    if (!/^(?:and|or|nor|plus)$/.test(word)) break
    if (/^n?or$/.test(word)) alternative = true
  }
  return { next: at, joined: closed || at > from, alternative }
}
