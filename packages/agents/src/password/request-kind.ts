import { lengths, type PasswordKind } from './constraints.ts'
import { kindOf, type Quantity } from './request-quantities.ts'
import type { Token } from './request-tokens.ts'
import type { Wishes } from './request-wishes.ts'

const onlyDigits = 'its digits are all there is, so it is judged as a PIN'

/** Reads what is to be made, and notes where that is not what it was called. */
export function readKind(
  tokens: readonly Token[],
  quantities: readonly Quantity[],
  wishes: Wishes,
  notes: string[],
): PasswordKind {
  const named = namedKind(tokens)
  if (named !== undefined) return named
  const characters = quantities.find((one) => one.unit === 'characters')
  const words = quantities.some((one) => one.unit === 'words' && one.value >= 2)
  if (words && characters === undefined) return 'passphrase'
  const digits = quantities.find((one) => one.unit === 'digits')
  const onlyNumbers = wishes.only.size === 1 && wishes.only.has('numbers')
  const numeric = onlyNumbers || (digits !== undefined && wishes.only.size === 0)
  const length = digits ?? characters ?? quantities.find((one) => one.unit === 'length')
  const others = wishes.including.size > (wishes.including.has('numbers') ? 1 : 0)
  if (numeric && !others && length !== undefined && length.value <= lengths.pin.max) {
    notes.push(onlyDigits)
    return 'pin'
  }
  const memorable = tokens.some((token, at) => isMemorable(token, tokens[at - 1], tokens[at - 2]))
  if (memorable && characters === undefined && wishes.only.size === 0) {
    notes.push('words are easiest to remember')
    return 'passphrase'
  }
  return 'password'
}

/** The first passphrase or PIN that is named and not ruled out ('a password, not a PIN'). */
function namedKind(tokens: readonly Token[]): PasswordKind | undefined {
  let password = false
  for (const [at, token] of tokens.entries()) {
    const pair = token.text === 'pass' && /^phrases?$/.test(tokens[at + 1]?.text ?? '')
    const kind = pair ? 'passphrase' : kindOf(token.text)
    if (kind === 'password') password = true
    if (kind === undefined || kind === 'password') continue
    const before = tokens.slice(Math.max(0, at - 3), at).map((one) => one.text)
    const ruledOut =
      before.at(-1) === 'over' ||
      before.some((word) => /^(?:not|no|than|never|instead|without)$/.test(word))
    if (!ruledOut && !(password && isPurpose(tokens, at))) return kind
  }
  return undefined
}

/** 'a password for my PIN pad': what stands behind 'for' is not what is made. */
function isPurpose(tokens: readonly Token[], at: number): boolean {
  for (let before = at - 1; before >= Math.max(0, at - 4); before -= 1) {
    const token = tokens[before]
    if (token === undefined || token.kind === 'symbols' || token.kind === 'number') return false
    if (token.text === 'for' || token.text === 'of') return token.text === 'for'
  }
  return false
}

function isMemorable(token: Token, before: Token | undefined, first: Token | undefined): boolean {
  if (/^(?:memorable|rememberable)$/.test(token.text)) return before?.text !== 'not'
  const remember = /^(?:remember|memorize|memorise)$/.test(token.text)
  return remember && before?.text === 'to' && /^(?:easy|easier|simple)$/.test(first?.text ?? '')
}
