import type { PasswordKind } from './constraints.ts'
import type { Purpose } from './request-purpose.ts'
import type { Quantities, Quantity } from './request-quantities.ts'
import type { Token } from './request-tokens.ts'
import type { Wishes } from './request-wishes.ts'

const mostPhrases = 5
const mostLetters = 60

const triggers =
  /^(?:with|without|must|should|shall|no|not|never|only|least|most|starting|starts?|begin|begins|beginning|end|ends|ending|contain|contains|containing|include|includes|including|avoid|avoiding|exclude|excludes|excluding|omit|unique|repeats?|repeated|repeating|consecutive|sequential)$/
const openers =
  /^(?:starting|beginning|ending|that|which|without|containing|including|excluding|avoiding)$/
/** Wishes that no rule grants, each a phrase of its own. */
const unknowns =
  /^(?:pronounceable|pronouncable|speakable|phonetic|rhyming|base64|base32|uuid|binary|leet|leetspeak|bip39)$/
/** Words that constrain nothing, or that are granted by the way every password is made. */
const idle = new Set(
  `a able about again alike all an avoid and any anyone anything are as at be being best better brute bit by can
  cannot change characters chars clue code complex complicated confuse confused confusing could crack
  cracked create difficult do does doubt easily easy else enough entropy every extremely fairly for
  force forget from fuss general generate get give good great guess guessed guessable hack hacked
  had hard has have high highly i idea if impossible in is it just least like long look looking looks
  make maximum me memorable memorise memorize minimum mistaken mixed most must my need never no not
  of on one only or passphrase passphrases password passwords pin pins please possible problem
  problems random randomly read readable really remember robust safe same secure security separated shall should
  similar so spaces special strength strong stronger sure that the them these they thing this to
  together too type typing unambiguous up upmost use used user very want we what which with without work works
  would write you your words letters digits joined hyphens dots underscores between`.split(/\s+/),
)

/** Phrases that clearly state a wish which no rule has used, as they were written. */
export function readLeftovers(
  tokens: readonly Token[],
  kind: PasswordKind,
  wishes: Wishes,
  { all, ruledOut }: Quantities,
  purpose: Purpose,
): string[] {
  const firstOf = (unit: Quantity['unit']): Quantity | undefined =>
    all.find((one) => one.unit === unit)
  const [items, words] = [firstOf('items'), firstOf('words')]
  const counted = new Set<number>()
  const unused = new Set<number>()
  for (const one of all) {
    const used = one.unit === 'items' ? one === items : isUsed(one, kind, words !== undefined)
    const target = used ? counted : unused
    target.add(one.at)
  }
  const isTaken = (at: number): boolean =>
    wishes.used.has(at) || counted.has(at) || ruledOut.has(at) || purpose.used.has(at)
  const phrases: string[] = []
  for (let at = 0; at < tokens.length && phrases.length < mostPhrases; ) {
    const token = tokens[at]
    const end = clauseEnd(tokens, at)
    const clause = tokens.slice(at, end)
    const word = token?.kind === 'word' ? token.text : ''
    const idly = clause.every((one) => idle.has(one.text) || one.kind === 'symbols')
    const free = clause.every((_one, offset) => !isTaken(at + offset))
    if (triggers.test(word) && ((free && !idly) || isPlace(clause))) {
      const from = /^(?:least|most)$/.test(word) && tokens[at - 1]?.text === 'at' ? at - 1 : at
      phrases.push(asWritten(tokens.slice(from, end)))
      at = end
      continue
    }
    if (unknowns.test(word) && !isTaken(at)) phrases.push(word)
    const counts = token?.kind === 'number' && token.value > 1
    if (counts && (unused.has(at) || !isTaken(at))) phrases.push(asWritten(counting(tokens, at)))
    at += 1
  }
  return Array.from(new Set(phrases))
}

/** 'starting with a letter': whatever is named, the place is not in the plan. */
function isPlace(clause: readonly Token[]): boolean {
  return clause.some(
    (token, at) =>
      /^(?:starts?|starting|begins?|beginning|ends?|ending)$/.test(token.text) &&
      /^(?:with|in|by)$/.test(clause[at + 1]?.text ?? ''),
  )
}

/** Whether a quantity went into the plan; a passphrase takes characters when no words are counted. */
function isUsed({ unit, value }: Quantity, kind: PasswordKind, words: boolean): boolean {
  if (unit === 'class') return value < 2
  if (unit === 'words') return kind === 'passphrase'
  if (kind !== 'passphrase' || unit === 'length') return true
  return unit === 'characters' && !words
}

/** The index behind the clause: at punctuation, 'but', 'for', or where another wish begins. */
function clauseEnd(tokens: readonly Token[], from: number): number {
  let end = from + 1
  for (; end < tokens.length && end < from + 12; end += 1) {
    const token = tokens[end]
    if (token === undefined || /^(?:but|for|because|so)$/.test(token.text)) break
    if (token.kind === 'symbols' && (!token.free || /^[-–—,;.]$/.test(token.text))) break
    if (openers.test(token.text) || /^.+[,;]$/.test(tokens[end - 1]?.text ?? '')) break
    const next = tokens[end + 1]?.text ?? ''
    if (token.text === 'and' && (triggers.test(next) || openers.test(next) || next === 'at')) break
    const before = tokens[end - 1]?.text ?? ''
    if (/^(?:with|no)$/.test(token.text) && !triggers.test(before)) break
  }
  return end
}

/** A number and the words that it counts: '90 days'. */
function counting(tokens: readonly Token[], at: number): readonly Token[] {
  let end = at + 1
  while (
    end < at + 4 &&
    tokens[end]?.kind === 'word' &&
    !/^(?:for|with|without|and|or|but|in|on|that|which|to|of|is|are|from)$/.test(
      tokens[end]?.text ?? '',
    )
  ) {
    end += 1
  }
  return tokens.slice(at, end)
}

function asWritten(tokens: readonly Token[]): string {
  const written = tokens.map((token, at) => {
    const raw = token.kind === 'quoted' ? `'${token.raw}'` : token.raw
    return at > 0 && (token.free || token.kind !== 'symbols') ? ` ${raw}` : raw
  })
  return written.join('').replace(/[,;]$/, '').slice(0, mostLetters)
}
