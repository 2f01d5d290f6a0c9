import { joinNumbers, numberWord } from './request-numbers.ts'

/** A word, a number, a quoted string, a range such as 'a-z' or a run of symbols of a request. */
export interface Token {
  readonly kind: 'word' | 'number' | 'ordinal' | 'quoted' | 'range' | 'symbols'
  /** In small letters; of a quoted string, what is between the quotes, as it was written. */
  readonly text: string
  /** As it was written. */
  readonly raw: string
  /** The number's value; 0 for other kinds. */
  readonly value: number
  /** Whether white space stands before it: an attached '?' is punctuation, a free one is meant. */
  readonly free: boolean
}

/** Characters of a request that are read; what follows is ignored. */
export const maxRequestLength = 8000

const quotes = new Map([
  ["'", "'"],
  ['"', '"'],
  ['`', '`'],
  ['‘', '’'],
  ['“', '”'],
])

const piece = /\s+|[\p{L}\p{N}\p{M}]+|[^\s\p{L}\p{N}\p{M}]+/gu

/**
 * Splits a request. A quote opens a quoted string where a word could begin and closes it before the
 * next end of a word, so apostrophes stay inside words; number words become numbers; a hyphen before
 * a word only separates ('16-character') and a slash is an 'and' ('letters/digits').
 */
export function readTokens(text: string): Token[] {
  const tokens: Token[] = []
  const read = text.slice(0, maxRequestLength)
  let free = true
  let at = 0
  while (at < read.length) {
    const end = free || /^[([:=,]$/.test(read.charAt(at - 1)) ? quoteEnd(read, at) : -1
    if (end > 0) {
      const inside = read.slice(at + 1, end)
      tokens.push({ kind: 'quoted', text: inside, raw: inside, value: 0, free })
      at = end + 1
      free = false
      continue
    }
    const ranges = free || /[([,:="'`]/.test(read.charAt(at - 1)) ? rangesAt(read, at) : []
    if (ranges.length > 0) {
      tokens.push(...ranges)
      at += ranges.length * 3
      free = false
      continue
    }
    piece.lastIndex = at
    const raw = piece.exec(read)?.[0] ?? read.charAt(at)
    const next = quoteStart(raw, free)
    const taken = next > 0 ? raw.slice(0, next) : raw
    at += taken.length
    if (/^\s/.test(taken)) {
      free = true
      continue
    }
    const before = tokens.at(-1)
    if (!isJoiner(taken, free, read.charAt(at))) tokens.push(...readToken(taken, free, before))
    else if (taken === '/' && before?.text !== 'w') tokens.push(and)
    free = false
  }
  return joinNumbers(joinApostrophes(tokens))
}

const rangeRun = /(?:[a-z][-–][a-z]|[A-Z][-–][A-Z]|[0-9][-–][0-9])+(?![\p{L}\p{N}])/uy

/** 'a-z', 'A-Za-z0-9', '0-9'; but '8-9 characters' and '1-2 passwords' are quantities. */
function rangesAt(text: string, at: number): Token[] {
  rangeRun.lastIndex = at
  const run = rangeRun.exec(text)?.[0] ?? ''
  const behind = text.slice(at + run.length, at + run.length + 12)
  const quantity =
    /^\d.\d$/.test(run) && !/^\s*(?:$|[^\s\p{L}]|(?:and|or|only|but|in)\b)/u.test(behind)
  const ranges = quantity ? [] : (run.match(/.[-–]./g) ?? [])
  if (ranges.some((one) => one.charAt(0) >= one.charAt(2))) return []
  return ranges.map((raw) => ({
    kind: 'range',
    text: raw.toLowerCase(),
    raw,
    value: 0,
    free: true,
  }))
}

/** Where the string that opens here closes, or -1: the closing quote ends a word or the text. */
function quoteEnd(text: string, at: number): number {
  const close = quotes.get(text.charAt(at))
  if (close === undefined) return -1
  const most = Math.min(text.length, at + 130)
  for (let end = at + 2; end < most; end += 1) {
    if (text.charAt(end) === close && /^[\s.,;:!?)\]]?$/.test(text.charAt(end + 1))) return end
  }
  return -1
}

/** Inside a run of symbols such as `('`, where a quote may open. */
function quoteStart(run: string, free: boolean): number {
  if (!free || run.length < 2 || !/^[([:=]/.test(run)) return -1
  return run.search(/['"`‘“]/)
}

const and: Token = { kind: 'word', text: 'and', raw: 'and', value: 0, free: true }

const not: Token = { kind: 'word', text: 'not', raw: 'not', value: 0, free: true }

function isJoiner(run: string, free: boolean, next: string): boolean {
  return !free && (run === '/' ? /^[\p{L}\p{N}]$/u : /^\p{L}$/u).test(next) && /^[-–‐‑/]$/.test(run)
}

function readToken(raw: string, free: boolean, before: Token | undefined): Token[] {
  const text = raw.toLowerCase()
  const base = { text, raw, free }
  if (/^\d+$/.test(raw)) return [{ ...base, kind: 'number', value: Number(raw) }]
  if (/^\d+(?:st|nd|rd|th)$/.test(text)) return [{ ...base, kind: 'ordinal', value: 0 }]
  const counted = /^(\d+)([a-z]+)$/.exec(text)
  if (counted?.[1] !== undefined && counted[2] !== undefined && isUnit(counted[2])) {
    const number = { ...base, kind: 'number' as const, text: counted[1], raw: counted[1] }
    const unit = { kind: 'word' as const, text: counted[2], raw: counted[2], value: 0, free: false }
    return [{ ...number, value: Number(counted[1]) }, unit]
  }
  const times = /^x(\d+)$/.exec(text)?.[1]
  if (times !== undefined) {
    const x: Token = { kind: 'word', text: 'x', raw: 'x', value: 0, free }
    return [x, { kind: 'number', text: times, raw: times, value: Number(times), free: false }]
  }
  const negated = /^(do|does|did|ca|wo|must|should|would|could|is|are|was|were|has|have)nt$/.exec(
    text,
  )
  if (negated?.[1] !== undefined)
    return [{ ...base, kind: 'word', text: negated[1], value: 0 }, not]
  if (text === 'cannot') return [{ ...base, kind: 'word', text: 'can', value: 0 }, not]
  if (!/^[\p{L}\p{N}\p{M}]/u.test(raw)) return [{ ...base, kind: 'symbols', value: 0 }]
  const value = before?.text === "'" && !before.free ? undefined : numberWord(text)
  if (value === undefined) return [{ ...base, kind: 'word', value: 0 }]
  return [{ ...base, kind: 'number', value }]
}

function isUnit(text: string): boolean {
  return /^(?:char(?:acter)?s?|ch|digits?|words?|letters?|x|pcs)$/.test(text)
}

/** "don't" is 'do', 'not'; "can't" is 'can', 'not'; "phone's" is 'phone'. */
function joinApostrophes(tokens: readonly Token[]): Token[] {
  const joined: Token[] = []
  for (let at = 0; at < tokens.length; at += 1) {
    const [token, mark, tail] = [tokens[at], tokens[at + 1], tokens[at + 2]]
    if (token === undefined) break
    const apostrophe = mark?.kind === 'symbols' && /^['’‘ʼ′´`]$/.test(mark.text) && !mark.free
    const owner = token.kind === 'word' || (token.kind === 'number' && tail?.text === 's')
    if (!owner || !apostrophe || tail?.kind !== 'word' || tail.free) {
      joined.push(token)
      continue
    }
    at += 2
    if (tail.text !== 't') joined.push(token)
    else {
      const stem = token.text.replace(/n$/, '')
      joined.push({ ...token, text: stem }, not)
    }
  }
  return joined
}
