import type { Quantity } from './request-quantities.ts'
import type { Token } from './request-tokens.ts'

const plurals =
  /^(?:passwords|passphrases|pins|codes|passcodes|options|choices|alternatives|candidates|variants|suggestions|versions)$/
const singles = /^(?:passwords?|passphrases?|pins?|codes?|pass|phrases?)$/

/** What a number counts by a mark beside it: 'x3', '4x', 'words: 7', 'count 3', '5 of them'. */
export function unitByPlace(tokens: readonly Token[], at: number): Quantity['unit'] | undefined {
  const text = (offset: number): string => tokens[at + offset]?.text ?? ''
  const times = /^[x×]$/
  const noun = tokens[at + 1]?.kind === 'word' && !/^(?:and|or|for|with|please)$/.test(text(1))
  // '20 x3': the 3 counts.
  const behind = tokens[at + 2]?.kind === 'number' && tokens[at + 2]?.free === false
  if (times.test(text(1)) && !behind) return 'items'
  if (times.test(text(-1)) && !noun && !/^letters?$/.test(text(-2))) return 'items'
  if (text(1) === 'of' && /^(?:them|these|those)$/.test(text(2))) return unitOfThem(tokens, at)
  const label = /^[:=]$/.test(text(-1)) ? text(-2) : text(-1)
  const counts = /^(?:count|quantity)$/.test(label)
  const before = /^[:=]$/.test(text(-1)) ? text(-3) : text(-2)
  if (counts && !noun) return labelled(before) ?? 'items'
  return label === text(-1) ? undefined : labelled(label)
}

/** What 'words: 7' counts. */
function labelled(noun: string): Quantity['unit'] | undefined {
  if (plurals.test(noun)) return 'items'
  if (/^words?$/.test(noun)) return 'words'
  if (/^digits?$/.test(noun)) return 'digits'
  return /^(?:characters?|chars?)$/.test(noun) ? 'characters' : undefined
}

/** 'digits, 10 of them' are ten digits, 'passwords, 10 of them' and '20 digits, 5 of them' are not. */
function unitOfThem(tokens: readonly Token[], at: number): Quantity['unit'] {
  for (let before = at - 1; before >= Math.max(0, at - 8); before -= 1) {
    const word = tokens[before]?.text ?? ''
    if (singles.test(word) || plurals.test(word)) return 'items'
    const unit = /^(?:letters?|numbers)$/.test(word) ? 'characters' : labelled(word)
    if (unit === undefined) continue
    const told = tokens.slice(Math.max(0, at - 60), at)
    const measured = told.some((token) => token.kind === 'number')
    const short = (tokens[at]?.value ?? 0) < (told.some((one) => singles.test(one.text)) ? 8 : 4)
    return measured || short ? 'items' : unit
  }
  return 'items'
}

/** Whether a number stands alone: 'password 20', 'make it 16', 'all numbers, 14'. */
export function isBare(tokens: readonly Token[], at: number): boolean {
  const [before, next] = [tokens[at - 1], tokens[at + 1]]
  const closes =
    next === undefined ||
    next.kind === 'symbols' ||
    /^(?:please|instead|thanks|max|maximum|min|minimum|total|or|and|but|then|long|with|without|no|x)$/.test(
      next.text,
    )
  const opens =
    before === undefined ||
    /^[,;:.(=—–-]$/.test(before.text) ||
    singles.test(before.text) ||
    asksFor(tokens, at) ||
    /^(?:it|but|to|exactly|rather|just|only|about|around|least|most|than|max|maximum|min|minimum|over|under|be)$/.test(
      before.text,
    )
  return closes && opens
}

/** 'give me three'. */
export function asksFor(tokens: readonly Token[], at: number): boolean {
  return /^(?:me|us|give|want|need|generate|create|make|suggest|get)$/.test(
    tokens[at - 1]?.text ?? '',
  )
}
