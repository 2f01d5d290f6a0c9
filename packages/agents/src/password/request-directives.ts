import { bracketed, nothing, readItem } from './request-items.ts'
import { empty, type List, type Mode, readList } from './request-lists.ts'
import type { Token } from './request-tokens.ts'

/** A word that says what is to become of the list behind it. */
export interface Directive {
  readonly mode: Mode
  /** Where its list may start. */
  readonly next: number
}

const includes =
  /^(?:contain|contains|containing|include|includes|including|with|have|has|having|need|needs|require|requires|requiring|add|adding|featuring|plus|use|using|either)$/
const withouts =
  /^(?:without|excluding|exclude|excludes|avoid|avoiding|avoids|omit|omitting|skip|sans|except|lacking|forbid|forbids|forbidding|drop|remove|minus)$/
const bounds = /^(?:only|just|necessarily|more|less|longer|shorter|fewer|at|exceed|need|have)$/
const made =
  /^(?:made|consisting|consists|consist|composed|comprised|up|passwords?|string|built|drawn|chars?|characters?|out|mix|mixture|combination|combo|blend)$/

/** The directive that starts at a token. */
export function directiveAt(tokens: readonly Token[], at: number): Directive | undefined {
  const token = tokens[at]
  if (token === undefined) return undefined
  const [word, next, before] = [token.text, tokens[at + 1]?.text ?? '', tokens[at - 1]?.text ?? '']
  const directive = (mode: Mode, length: number): Directive => ({ mode, next: at + length })
  if (token.kind === 'number') {
    if (token.value === 0) return directive('without', 1)
    return countsAll(tokens, at) ? directive('only', 1) : undefined
  }
  if (token.kind !== 'word') return undefined
  const pair = `${word} ${next}`
  if (/^(?:w o|free of|leave out|none of)$/.test(pair)) return directive('without', 2)
  if (/^(?:nothing but|restricted to|limited to|confined to)$/.test(pair)) {
    return directive('only', 2)
  }
  if (word === 'non' && !/^alpha/.test(next)) return directive('without', 1)
  if (/^(?:not|no|never)$/.test(word)) {
    const bounded = bounds.test(next) && !(/^(?:have|need)$/.test(next) && word === 'not')
    return bounded ? undefined : directive('without', 1)
  }
  if (withouts.test(word)) return /^signs?$/.test(next) ? undefined : directive('without', 1)
  if (/^(?:only|just|solely|exclusively|purely|all)$/.test(word)) return directive('only', 1)
  if (word === 'in') return writtenIn(tokens, at + 1) ? directive('only', 1) : undefined
  if (word === 'of' || word === 'from') {
    return made.test(before) ? directive('only', 1) : undefined
  }
  if (word === 'there' && /^(?:must|should|has|have|needs?|shall)$/.test(next)) {
    const be = tokens[at + 2]?.text === 'to' ? at + 3 : at + 2
    return tokens[be]?.text === 'be' ? { mode: 'including', next: be + 1 } : undefined
  }
  if (!includes.test(word)) return undefined
  if (/^us(?:e|ing)$/.test(word) && listsLetters(tokens, at + 1)) return directive('only', 1)
  // 'with 20 letters' are all that there is, too.
  const count = tokens[at + 1]
  const all = count?.kind === 'number' && countsAll(tokens, at + 1) && namesLetters(tokens, at + 2)
  return directive(all ? 'only' : 'including', 1)
}

/** '20 letters and digits' name all there is, unless other characters are counted. */
function countsAll(tokens: readonly Token[], at: number): boolean {
  if ((tokens[at]?.value ?? 0) < 6) return false
  if (/^(?:least|most|than|minimum|min|over)$/.test(tokens[at - 1]?.text ?? '')) return false
  const item = readItem(tokens, at + 1)
  if (item === undefined || item.classes.length === 0 || item.classes.includes('symbols')) {
    return false
  }
  const near = tokens.slice(Math.max(0, at - 60), at + 60)
  return !near.some(
    (token, where) =>
      /^(?:chars?|characters?|ch)$/.test(token.text) && near[where - 1]?.kind === 'number',
  )
}

function namesLetters(tokens: readonly Token[], at: number): boolean {
  return readItem(tokens, at)?.classes.includes('lowercase') ?? false
}

/** 'in capitals', 'in lower case'; 'in upper and lower case' limits nothing. */
function writtenIn(tokens: readonly Token[], at: number): boolean {
  const { items } = readList(tokens, at, 'only')
  const named = new Set(items.flatMap((item) => item.classes))
  const cases = named.size === 2 && named.has('uppercase') && named.has('lowercase')
  return named.size > 0 && !cases && items.every((item) => item.classes.length > 0)
}

/** 'using letters and numbers' names all there is; 'using numbers' asks for numbers among others. */
function listsLetters(tokens: readonly Token[], at: number): boolean {
  const named = new Set(readList(tokens, at, 'only').items.flatMap((item) => item.classes))
  return named.has('uppercase') && named.has('lowercase')
}

const modal = '(?:must|should|shall|may|can|will|could|would|has to|have to|needs? to|ought to)'
const present =
  '(?:included|contained|used|present|required|needed|mandatory|wanted|in (?:it|there|the|them|every|each)|part of|appear|occur|(?=$))'
const forbidden = new RegExp(
  `^(?:(?:that|which) )?(?:(?:${modal}|are|is|be|were) )?(?:be )?(?:not|never) (?:to )?(?:be )?(?:allowed|permitted|accepted|supported|valid|ok|okay|included|contained|used|present|wanted|in it|in there|in the|appear|occur|part of)\\b` +
    `|^(?:(?:that|which) )?(?:(?:${modal}|are|is|were) )?(?:be )?(?:forbidden|disallowed|excluded|prohibited|banned|avoided|omitted|left out|off|disabled)\\b` +
    '|^(?::|=) (?:no|off|false|none|not|never|excluded|disabled)(?! more\\b)\\b|^free(?! of\\b)\\b',
)
const required = new RegExp(
  `^(?:(?:must|should|shall|has to|have to|needs? to|ought to) (?:also )?(?:be )?${present}|(?:is|are) (?:required|mandatory|needed|a must))` +
    '|^(?::|=) (?:yes|on|true|required|included)\\b',
)
const solely =
  /^(?:only|alone|exclusively|solely)\b|^(?:[,;] )?(?:and |but )?(?:nothing (?:else|more|other)\b|no others?(?: characters?| chars?| symbols?)?(?= [.,;!]|$))/
const spares = /^(?:except(?: for)?|besides|but for|other than|apart from)\b/
const spelled =
  /^(?:(?:allowed|permitted|accepted|supported|that|which|may|can|be|used|is|are|to|use|only|limited|from) )*(?:is|are|from|:|=|to)(?: only)? /

/** What the words behind a list say of it, and the index of the token behind them. */
export function saidBehind(
  tokens: readonly Token[],
  end: number,
): { readonly mode: Mode; readonly end: number } {
  const text = textFrom(tokens, end, 6)
  for (const [mode, words] of [
    ['without', forbidden],
    ['including', required],
    ['only', solely],
  ] as const) {
    const match = words.exec(text)
    if (match) return { mode, end: end + countWords(match[0]) }
  }
  return { mode: 'plain', end }
}

/** 'no symbols except - and _': the symbols that stay. */
export function sparedBehind(tokens: readonly Token[], end: number): List {
  const match = spares.exec(textFrom(tokens, end, 2))
  if (match === null) return empty
  const list = readList(tokens, end + countWords(match[0]), 'without')
  return list.items.every((item) => item.characters !== '') ? list : empty
}

/** 'the only symbols allowed are !@#', 'symbols: $': the symbols that are meant by the name before. */
export function spelledBehind(tokens: readonly Token[], list: List): List {
  const last = list.items.at(-1)
  if (last === undefined || last.classes.join() !== 'symbols') return empty
  const inside = bracketed.exec(tokens[list.end]?.text ?? '')?.[1]
  if (inside !== undefined) {
    const end = list.end + 1
    return { ...empty, items: [{ ...nothing, characters: inside, end }], start: list.end, end }
  }
  const match = spelled.exec(`${textFrom(tokens, list.end, 6)} `)
  if (match === null) return empty
  const behind = readList(tokens, list.end + countWords(match[0]), 'only')
  const characters = behind.items.every((item) => item.characters !== '')
  return characters && behind.items.length > 0 ? behind : empty
}

function textFrom(tokens: readonly Token[], from: number, count: number): string {
  return tokens
    .slice(from, from + count)
    .map((token) => token.text)
    .join(' ')
}

function countWords(text: string): number {
  const trimmed = text.trim()
  return trimmed === '' ? 0 : trimmed.split(' ').length
}

/** 'an alphanumeric password', 'a numeric PIN', 'lowercase password': one class before the noun. */
export function isAdjective(tokens: readonly Token[], at: number, list: List): boolean {
  if (list.items.length !== 1) return false
  const word = tokens[at]?.text ?? ''
  if (/^(?:alphanumerics?|alphanumericals?|hex|hexadecimal)$/.test(word)) return true
  if (word === 'alpha' && list.end > at + 1) return true
  const noun = tokens[list.end]?.text ?? ''
  return (
    /^(?:numeric|lowercase|uppercase|alphabetic|digits|letters)$/.test(word) &&
    /^(?:passwords?|string|code|key|passcode)$/.test(noun)
  )
}
