import { maxRequestLength } from './request-tokens.ts'
import { isOrdinary } from './vocabulary.ts'

const maxWords = 50
const minLetters = 4
const separators = /[^\p{L}\p{N}]+/u

/**
 * The words of a request that an attacker who knows the person or the service would try: names,
 * services, addresses, an old password. At most 50, each once, as they were written; a word with
 * separators ('anna.miller@example.org') also gives its parts.
 */
export function personalWords(text: string): string[] {
  const found = new Map<string, string>()
  for (const chunk of text.slice(0, maxRequestLength).split(/\s+/)) {
    const whole = trimPunctuation(chunk)
    if (isContraction(whole)) continue
    for (const word of [whole, ...whole.split(separators)]) {
      const key = word.toLowerCase()
      if (isPersonal(word) && !found.has(key)) found.set(key, word)
    }
    if (found.size >= maxWords) break
  }
  return Array.from(found.values()).slice(0, maxWords)
}

/** Keeps symbols that belong to an old password: 'myP@ssw0rd!' in quotes stays whole. */
function trimPunctuation(chunk: string): string {
  const quoted = /^[([]?(['"`‘“])(.+)['"`’”][)\].,;:!?]*$/u.exec(chunk)
  if (quoted?.[2] !== undefined) return quoted[2]
  return chunk.replace(/^[^\p{L}\p{N}]+/u, '').replace(/(?:['’]s)?[^\p{L}\p{N}]{0,8}$/u, '')
}

/** A symbol or a digit between letters: letters that were substituted, as in p@ssw0rd. */
function isMangled(word: string): boolean {
  return /\p{L}[@$!0-9|+]\p{L}/u.test(word)
}

function isContraction(word: string): boolean {
  return /n['’]t$/i.test(word)
}

function isPersonal(word: string): boolean {
  const letters = word.match(/\p{L}/gu)?.length ?? 0
  if (letters < minLetters || word.length > 128 || isOrdinary(word)) return false
  // '20char', and pairs of ordinary words such as 'six-word'.
  if (/^\d+\p{Ll}{1,10}$/u.test(word)) return false
  return (
    !word.split(separators).every((part) => part.length < minLetters || isOrdinary(part)) ||
    isMangled(word)
  )
}
