import type { PasswordKind } from './constraints.ts'
import { asksFor, isBare, unitByPlace } from './request-bare-numbers.ts'
import { type Bound, boundOf, isRange, isRuledOut, strictness } from './request-bounds.ts'
import { isTimes } from './request-items.ts'
import type { Token } from './request-tokens.ts'

/** A number of a request and what it counts. */
export interface Quantity {
  readonly value: number
  /** `class` is a count of one class, as in 'at least 2 symbols'; `length` has no noun of its own. */
  readonly unit: 'characters' | 'digits' | 'words' | 'items' | 'class' | 'length'
  readonly bound: Bound
  /** The kind that the number stands with: 'PIN of 6', 'a 12-word passphrase'. */
  readonly kind?: PasswordKind | undefined
  /** The index of the number's token. */
  readonly at: number
}

const itemNouns =
  /^(?:passwords|passphrases|pins|options|choices|alternatives|candidates|variants|variations|suggestions|ones|passcodes|codes|versions|examples|samples)$/
const stops =
  /^(?:for|with|without|of|and|or|but|that|which|to|in|on|from|no|not|is|are|must|should|containing|including|excluding|my|our|the|if|so|please|as)$/
const classWords = /^(?:uppercase|upper|lowercase|lower|small|capital|special|case|alphanumeric)$/

/** What the numbers of a request say. */
export interface Quantities {
  readonly all: readonly Quantity[]
  /** The indices of the numbers that were told to be no wish. */
  readonly ruledOut: ReadonlySet<number>
}

/**
 * Reads what each number of a request counts, and leaves out those that count something else.
 * Numbers in `literal` are characters themselves.
 */
export function readQuantities(tokens: readonly Token[], literal: ReadonlySet<number>): Quantities {
  const all: Quantity[] = []
  const ruledOut = new Set<number>()
  const bare: number[] = []
  for (const [at, token] of tokens.entries()) {
    if (token.kind !== 'number' || literal.has(at)) continue
    if (isRuledOut(tokens, at)) {
      ruledOut.add(at)
      continue
    }
    const unit =
      unitByPlace(tokens, at) ??
      unitAfter(tokens, at) ??
      (follows(tokens, at) ? 'length' : undefined)
    if (unit === undefined) {
      if (isBare(tokens, at)) bare.push(at)
      continue
    }
    const value = token.value + strictness(tokens, at)
    const kind = unit === 'length' ? kindBefore(tokens, at) : undefined
    all.push({ value, unit, bound: boundOf(tokens, at), kind, at })
  }
  let measured = all.some((one) => one.unit !== 'items' && one.unit !== 'class')
  let counted = all.some((one) => one.unit === 'items')
  for (const at of bare) {
    const value = (tokens[at]?.value ?? 0) + strictness(tokens, at)
    const several = value < 8 && asksFor(tokens, at)
    if (several ? counted : measured || value < 4 || value > 999) continue
    if (several) counted = true
    else measured = true
    all.push({ value, unit: several ? 'items' : 'length', bound: boundOf(tokens, at), at })
  }
  return { all, ruledOut }
}

/** The kind that a noun names, or undefined for other words. */
export function kindOf(word: string): PasswordKind | undefined {
  if (/^(?:passphrases?|diceware)$/.test(word)) return 'passphrase'
  if (/^(?:pins?|pincodes?|passcodes?)$/.test(word)) return 'pin'
  return /^(?:passwords?|pwd|pw)$/.test(word) ? 'password' : undefined
}

/** The unit of the number: the first noun that can be one, past adjectives and inner quantities. */
function unitAfter(tokens: readonly Token[], at: number): Quantity['unit'] | undefined {
  const value = tokens[at]?.value ?? 0
  // 'two strong 20-character passwords': the first noun behind the 20 belongs to the 20.
  let inner: 'none' | 'open' | 'closed' = 'none'
  let ofClass = false
  for (let next = at + 1; next < Math.min(tokens.length, at + 8); next += 1) {
    const token = tokens[next]
    if (token === undefined) return undefined
    if (isRange(tokens, at, next + 1)) {
      next += 1
      continue
    }
    if (token.kind === 'number') {
      if (inner !== 'none') return undefined
      inner = 'open'
      continue
    }
    const word = token.text
    const behind = tokens[next + 1]?.text ?? ''
    if (word === '+' && next === at + 1) continue
    if (token.kind !== 'word') return undefined
    if (itemNouns.test(word)) return inner === 'open' ? undefined : 'items'
    if (word === 'in' && behind === 'length') return 'characters'
    if (/^(?:or|and)$/.test(word) && /^(?:more|less|fewer|above|up)$/.test(behind)) {
      next += 1
      continue
    }
    // 'a couple of passwords'
    if (word === 'of' && next === at + 1) continue
    if (stops.test(word)) return undefined
    if (classWords.test(word)) ofClass = true
    const before = ofClass && /^(?:letters?|characters?|chars?|case|numbers|symbols)$/.test(behind)
    const unit = before ? undefined : nounUnit(word, value, ofClass)
    if (unit === undefined) continue
    if (inner === 'none') return unit === 'digits' ? digitUnit(tokens, at, next) : unit
    if (inner === 'closed') return undefined
    inner = 'closed'
  }
  return undefined
}

/** What a noun counts. A few letters or symbols are some of the password's, many are all of it. */
function nounUnit(word: string, value: number, ofClass: boolean): Quantity['unit'] | undefined {
  const whole = value >= 6 ? 'characters' : 'class'
  if (/^(?:char|chars|character|characters|ch)$/.test(word)) return ofClass ? whole : 'characters'
  if (/^(?:long|length)$/.test(word)) return 'characters'
  if (/^(?:letters?|symbols|numbers|numerals)$/.test(word)) return whole
  if (/^(?:uppercase|lowercase|symbol|capitals?|number|numeral|punctuation)$/.test(word)) {
    return 'class'
  }
  if (/^words?$/.test(word)) return 'words'
  return /^digits?$/.test(word) ? 'digits' : undefined
}

/** '4-digit' and 'of 4 digits' are all there is, 'with 4 digits' are among other characters. */
function digitUnit(tokens: readonly Token[], at: number, noun: number): 'digits' | 'class' {
  if (kindBefore(tokens, at) === 'pin') return 'digits'
  const behind = tokens[noun + 1]
  const adjective = behind?.kind === 'word' && !stops.test(behind.text)
  if (tokens[noun]?.text === 'digit' && adjective) return 'digits'
  const exactly = tokens[at - 1]?.text === 'exactly' ? 2 : 1
  const before = tokens[at - exactly]?.text ?? 'of'
  if (/^(?:of|is|only|just|me|need|want|generate|create|exactly|:|=)$/.test(before)) return 'digits'
  if (adjective && /^(?:long|only|pin|code|please)$/.test(behind.text)) return 'digits'
  const nouns = tokens.slice(Math.max(0, at - 3), at).map((token) => token.text)
  return nouns.some((word) => /^codes?$/.test(word)) ? 'digits' : 'class'
}

/** 'length 20', 'length of at least 20', 'passwords of 20', 'PIN with 6', 'passphrase: 5'. */
function follows(tokens: readonly Token[], at: number): boolean {
  const noun = tokens[at + 1]
  if (noun?.kind === 'word' && !stops.test(noun.text) && !isTimes(tokens, at + 1)) return false
  for (let before = at - 1; before >= Math.max(0, at - 6); before -= 1) {
    const text = tokens[before]?.text ?? ''
    if (text === 'length') return true
    if (kindOf(text) !== undefined) return before < at - 1
    if (
      !/^(?:of|with|at|least|most|is|be|should|must|to|minimum|maximum|min|max|set|exactly|:|=|,|than|longer|more|up)$/.test(
        text,
      )
    ) {
      return false
    }
  }
  return false
}

function kindBefore(tokens: readonly Token[], at: number): PasswordKind | undefined {
  for (let before = at - 1; before >= Math.max(0, at - 4); before -= 1) {
    const kind = kindOf(tokens[before]?.text ?? '')
    if (kind !== undefined) return kind
  }
  return undefined
}
