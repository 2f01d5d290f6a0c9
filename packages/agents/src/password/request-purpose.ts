import type { Token } from './request-tokens.ts'
import { isOrdinary } from './vocabulary.ts'

/** The purpose when a request names none. */
export const generalPurpose = 'general use'

const maxWords = 5
const skipped =
  /^(?:to|a|an|the|my|our|his|her|their|its|your|use|using|on|in|with|some|this|that|new|another|use|me|us|you|him|them|of|at|logging|into|access|accessing|all)$/
const ends =
  /^(?:with|without|that|which|who|no|not|must|should|and|or|but|containing|including|excluding|having|has|have|contains|include|includes|of|at|so|please|using|made|to|only|it|is|are|use|from|in|on|as|i|we|they|can|cannot|does|do|needs|where|because|since|w|avoid|if|than|consisting)$/
const empty =
  /^(?:each|every|everyone|both|one|days|weeks|months|years|example|instance|now|free|security|safety|sure|real|everything|anything|something|least|most|long|once|good|fun|later|today|reference)$/

/** What a password is for. */
export interface Purpose {
  /** As it was written, without an article: 'email account', 'banking', 'windows 11'. */
  readonly text: string
  /** With an article, as an answer says it: 'your email account', 'a banking app'. */
  readonly phrase: string
  /** The indices of the tokens that say so. */
  readonly used: ReadonlySet<number>
}

/** Reads what the password is for. */
export function readPurpose(tokens: readonly Token[]): Purpose {
  for (const [at, token] of tokens.entries()) {
    const leads = token.text === 'for' || (token.text === 'to' && isTask(tokens[at + 1]?.text))
    if (!leads) continue
    const purpose = readPhrase(tokens, token.text === 'for' ? at + 1 : at + 2)
    if (purpose !== undefined) return purpose
  }
  const text = readAdjective(tokens) ?? generalPurpose
  return { text, phrase: text, used: new Set() }
}

function isTask(word: string | undefined): boolean {
  return /^(?:protect|unlock|secure|open|encrypt|access|log|sign)$/.test(word ?? '')
}

function readPhrase(tokens: readonly Token[], from: number): Purpose | undefined {
  let at = from
  let article = ''
  for (; at < from + 6 && skipped.test(tokens[at]?.text ?? ''); at += 1) {
    article = articleOf(tokens[at]?.text ?? '')
  }
  const start = at
  const words: string[] = []
  for (; at < tokens.length && words.length < maxWords; at += 1) {
    const token = tokens[at]
    if (token === undefined || token.kind === 'quoted') break
    if (token.kind === 'symbols') {
      // Inside an address or a name: 'anna.miller@example.org'.
      const inside = tokens[at + 1]
      if (token.free || !/^[.@_&]$/.test(token.text) || inside === undefined || inside.free) break
      words.push(`${words.pop() ?? ''}${token.text}${inside.raw.slice(0, 40)}`)
      at += 1
      continue
    }
    if (ends.test(token.text) || (words.length === 0 && empty.test(token.text))) break
    // '16 characters', '2 phones': a number opens another phrase; 'windows 11' ends with its own.
    const next = tokens[at + 1]
    const closes = next === undefined || next.kind === 'symbols' || ends.test(next.text)
    if (token.kind === 'number' && !closes && words.length > 0) break
    // '90 days' and '2 kids' are no purposes.
    if (token.kind === 'number' && (words.length === 0 || isMeasure(next?.text))) break
    const raw = token.kind === 'number' ? token.raw : token.raw.slice(0, 40)
    words.push(token.free || words.length === 0 ? raw : `${words.pop() ?? ''}-${raw}`)
  }
  const text = words.join(' ').slice(0, 80)
  if (!/\p{L}/u.test(text) || (words.length === 1 && isMeasure(text.toLowerCase())))
    return undefined
  const used = new Set(Array.from({ length: at - start }, (_, offset) => start + offset))
  return { text, phrase: article === '' ? text : `${article} ${text}`, used }
}

/** The article of an answer: whose 'my' is, is 'your' for who answers. */
function articleOf(word: string): string {
  if (/^(?:my|our)$/.test(word)) return 'your'
  return /^(?:an?|the|his|her|their|its|your|this|that|another)$/.test(word) ? word : ''
}

function isMeasure(word: string | undefined): boolean {
  return /^(?:characters?|chars?|digits?|letters?|words?|passwords?|passphrases?|pins?|options|days?|weeks?|months?|years?|kids)$/.test(
    word ?? '',
  )
}

/** 'a secure banking password', 'my GitHub password', 'wi-fi password'. */
function readAdjective(tokens: readonly Token[]): string | undefined {
  for (const [at, token] of tokens.entries()) {
    if (!/^(?:passwords?|passphrases?|pins?|passcodes?)$/.test(token.text)) continue
    const words: string[] = []
    for (let before = at - 1; before >= Math.max(0, at - 3); before -= 1) {
      const word = tokens[before]
      if (word?.kind !== 'word' || !isSubject(word.text)) break
      const joined = words.length > 0 && tokens[before + 1]?.free === false
      words.unshift(joined ? `${word.raw}-${words.shift() ?? ''}` : word.raw)
    }
    if (words.length > 0) return words.join(' ')
  }
  return undefined
}

const qualities =
  /^(?:style|styled|sort|kind|a|an|my|our|the|this|is|in|on|of|do|me|no|be|as|it|to|or|and|not|i|we|us|w|o|by|at|so|if|up|bit|bits|hex|diceware|memorable|lengthy|crazy|tricky|cool|awesome|normal|regular|short|tiny|huge|big|weak|numerical|alphanumerical|pronounceable|temporary|pronouncable|permanent|bulletproof|impossible|bad|certain|bank(?=er))$/
const services =
  /^(?:admin|root|account|server|app|application|website|site|phone|device|login|system|service|home|work|user)$/

function isSubject(word: string): boolean {
  if (services.test(word)) return true
  return !isOrdinary(word) && !qualities.test(word) && /^\p{L}{2,40}$/u.test(word)
}
