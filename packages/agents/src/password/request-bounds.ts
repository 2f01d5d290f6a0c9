import type { Token } from './request-tokens.ts'

/** How a number limits what it counts. */
export type Bound = 'exactly' | 'atLeast' | 'atMost'

/** Whether two numbers are the ends of a range: '12-16', '12 to 16', 'between 12 and 16'. */
export function isRange(tokens: readonly Token[], at: number, end: number): boolean {
  const middle = tokens[at + 1]
  if (end !== at + 2 || middle === undefined) return false
  if (tokens[at]?.kind !== 'number' || tokens[end]?.kind !== 'number') return false
  if (/^(?:-|–|—)$/.test(middle.text) || middle.text === 'to') return true
  return middle.text === 'and' && tokens[at - 1]?.text === 'between'
}

function textAround(tokens: readonly Token[], at: number): { before: string; after: string } {
  const join = (some: readonly Token[]): string => some.map((token) => token.text).join(' ')
  return {
    before: join(tokens.slice(Math.max(0, at - 4), at)),
    after: join(tokens.slice(at + 1, at + 5)),
  }
}

const least =
  /(?:at least|minimum|min|(?:no|not) (?:less|fewer|shorter) than|(?<!(?:no|not) )(?:more|longer) than|over|above|between)(?: of| is| length)*$/
const most =
  /(?:at most|maximum|max|up to|(?:no|not) (?:more|longer) than|(?<!(?:no|not) )(?:less|fewer|shorter) than|under|below|not exceed)(?: of| is| length)*$/
const leastBehind =
  /^(?:\+|(?:[a-z]+ )?(?:or (?:more|longer|above|up)|and (?:up|more))\b|(?:[a-z]+ )?(?:at least|minimum|min)(?: [,.;)]|$))/
const mostBehind =
  /^(?:[a-z]+ )?(?:or (?:less|fewer|shorter)\b|(?:at most|maximum|max)(?: [,.;)]|$))/

/** How the number limits what it counts. */
export function boundOf(tokens: readonly Token[], at: number): Bound {
  const { before, after } = textAround(tokens, at)
  if (least.test(before)) return 'atLeast'
  if (most.test(before)) return 'atMost'
  if (mostBehind.test(after)) return 'atMost'
  if (leastBehind.test(after)) return 'atLeast'
  if (isRange(tokens, at, at + 2)) return 'atLeast'
  return isRange(tokens, at - 2, at) ? 'atMost' : 'exactly'
}

/** 'more than 12' starts at 13, 'fewer than 12' ends at 11. */
export function strictness(tokens: readonly Token[], at: number): -1 | 0 | 1 {
  const { before } = textAround(tokens, at)
  if (/(?:^| )(?:no|not) (?:more|less|longer|shorter|fewer) than$/.test(before)) return 0
  if (/(?:more than|longer than|over|above)$/.test(before)) return 1
  return /(?:less than|fewer than|shorter than|under|below)$/.test(before) ? -1 : 0
}

/** 'not 8 but 16', '16 instead of 8', 'my old password was 12': the number is told to be no wish. */
export function isRuledOut(tokens: readonly Token[], at: number): boolean {
  const clause: string[] = []
  for (let before = at - 1; before >= Math.max(0, at - 8); before -= 1) {
    const token = tokens[before]
    if (token === undefined || token.kind === 'symbols' || token.text === 'but') break
    clause.unshift(token.text)
  }
  const text = clause.join(' ')
  return (
    /\b(?:not|instead of|rather than)(?: an?| the)?$/.test(text) ||
    /\b(?:was|were|had|used to be|currently|(?:old|current|previous|existing) (?:passwords?|passphrase|pins?|one))\b/.test(
      text,
    )
  )
}
