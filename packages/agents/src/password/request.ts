import { characterClasses } from './characters.ts'
import { type Constraints, lengths, type PasswordKind, separators } from './constraints.ts'
import { maxCount, type Plan } from './plan.ts'
import { describePlan } from './request-description.ts'
import { generalPurpose, readPurpose } from './request-purpose.ts'
import { kindOf, type Quantity, readQuantities } from './request-quantities.ts'
import { mapClasses, settle } from './request-settle.ts'
import { readTokens, type Token } from './request-tokens.ts'
import { readWishes, type Wishes } from './request-wishes.ts'

/**
 * Reads a person's request into a plan, by rules and without a model: the same text gives the same
 * plan. It understands English; what it does not understand it leaves at the defaults (a password of
 * 16 characters of all classes, six words, six digits). It never throws, and the plan has no
 * `planProblems`: what is out of range or contradicts itself is settled, and `why` says how.
 */
export function readRequest(text: string): Plan {
  const tokens = readTokens(text)
  const quantities = readQuantities(tokens)
  const wishes = readWishes(tokens)
  const notes: string[] = []
  const kind = readKind(tokens, quantities, wishes, notes)
  const { constraints, notes: settled } = settle({
    kind,
    length: readLength(kind, quantities, notes),
    ...readCharacters(
      kind,
      { ...wishes, exclude: wishes.exclude + unwantedSeparators(kind, tokens) },
      notes,
    ),
  })
  const count = readCount(quantities, notes)
  const purpose = readPurpose(tokens)
  const { length, classes, excludeLookAlikes, exclude, mustContain } = constraints
  const why = describePlan({ ...constraints, purpose, count }, [...notes, ...settled])
  return {
    purpose: purpose === '' ? generalPurpose : purpose,
    kind,
    length,
    classes: { ...classes },
    excludeLookAlikes,
    exclude,
    mustContain: [...mustContain],
    count,
    why,
  }
}

const onlyDigits = 'its digits are all there is, so it is judged as a PIN'

function readKind(
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
  const length = digits ?? characters
  const numeric = digits !== undefined || (wishes.only.size === 1 && wishes.only.has('numbers'))
  if (numeric && length !== undefined && length.value <= lengths.pin.max) {
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
  for (const [at, token] of tokens.entries()) {
    const pair = token.text === 'pass' && /^phrases?$/.test(tokens[at + 1]?.text ?? '')
    const kind = pair ? 'passphrase' : kindOf(token.text)
    if (kind === undefined || kind === 'password') continue
    const before = tokens.slice(Math.max(0, at - 3), at).map((one) => one.text)
    const ruledOut = before.some((word) => /^(?:not|no|than|never|instead|without)$/.test(word))
    if (!ruledOut) return kind
  }
  return undefined
}

function isMemorable(token: Token, before: Token | undefined, first: Token | undefined): boolean {
  if (/^(?:memorable|rememberable)$/.test(token.text)) return before?.text !== 'not'
  const remember = /^(?:remember|memorize|memorise)$/.test(token.text)
  return remember && before?.text === 'to' && /^(?:easy|easier|simple)$/.test(first?.text ?? '')
}

/** The length in the kind's own unit; of several exact ones the greatest. */
function readLength(kind: PasswordKind, quantities: readonly Quantity[], notes: string[]): number {
  const { default: usual, max } = lengths[kind]
  const units: Readonly<Record<PasswordKind, readonly Quantity['unit'][]>> = {
    password: ['characters', 'digits', 'length'],
    passphrase: ['words', 'length'],
    pin: ['digits', 'characters', 'length'],
  }
  const fitting = quantities.filter(
    (one) =>
      units[kind].includes(one.unit) &&
      (one.unit !== 'length' || one.kind === undefined || one.kind === kind),
  )
  const values = (bound: Quantity['bound']): number[] =>
    fitting.filter((one) => one.bound === bound).map((one) => one.value)
  const exact = values('exactly')
  if (exact.length > 0) return Math.max(...exact)
  const characters = quantities.find((one) => one.unit === 'characters')
  if (kind === 'passphrase' && fitting.length === 0 && characters !== undefined) {
    notes.push('a passphrase is measured in words, about eight characters each')
    return Math.ceil(characters.value / 8)
  }
  const least = Math.max(0, ...values('atLeast'))
  const most = Math.min(Number.POSITIVE_INFINITY, ...values('atMost'))
  if (least > most) return least
  const length = Math.min(most, Math.max(least, usual))
  if (least > 0 && least < length && length <= max) {
    notes.push(`at least ${least} were asked for`)
  }
  if (most < Number.POSITIVE_INFINITY && length < most) notes.push(`at most ${most} are allowed`)
  return length
}

type Characters = Pick<Constraints, 'classes' | 'excludeLookAlikes' | 'exclude' | 'mustContain'>

function readCharacters(kind: PasswordKind, wishes: Wishes, notes: string[]): Characters {
  const { only, without, including, excludeLookAlikes, exclude } = wishes
  const rest = { excludeLookAlikes, exclude }
  const { mustContain } = wishes
  if (kind === 'pin') {
    return { classes: mapClasses((name) => name === 'numbers'), ...rest, mustContain }
  }
  if (kind === 'passphrase') {
    // The words are what makes it strong; these only please a form that asks for them.
    const asked = [
      ...(including.has('numbers') ? ['7'] : []),
      ...(including.has('uppercase') ? ['K'] : []),
    ]
    if (asked.length > 0) notes.push('the words make it strong, what is added only meets the wish')
    const classes = mapClasses((name) => name === 'lowercase' || name === 'symbols')
    // A space is no symbol, so it separates where no symbol may.
    const symbolless = without.has('symbols') ? '-._' : ''
    return {
      classes,
      excludeLookAlikes,
      exclude: exclude + symbolless,
      mustContain: [...mustContain, ...asked],
    }
  }
  const torn = characterClasses.filter((name) => without.has(name) && including.has(name))
  if (torn.length > 0) notes.push(`${torn.join(' and ')} are both wanted and not, so they are in`)
  const limited = only.size > 0
  const classes = mapClasses((name) => {
    if (including.has(name)) return true
    return (limited ? only.has(name) : true) && !without.has(name)
  })
  return { classes, ...rest, mustContain }
}

/** 'separated by spaces': a passphrase takes the first separator that is not excluded. */
function unwantedSeparators(kind: PasswordKind, tokens: readonly Token[]): string {
  const text = tokens.map((token) => token.text).join(' ')
  const named =
    /\b(?:separated|joined|divided|delimited) (?:by|with) (?:a )?(dot|period|underscore|space)/
  const word = kind === 'passphrase' ? named.exec(text)?.[1] : undefined
  if (word === undefined) return ''
  const wanted = word === 'space' ? ' ' : word === 'underscore' ? '_' : '.'
  return separators.slice(0, separators.indexOf(wanted))
}

function readCount(quantities: readonly Quantity[], notes: string[]): number {
  const asked = quantities.find((one) => one.unit === 'items')?.value ?? 1
  const count = Math.min(maxCount, Math.max(1, asked))
  if (count !== asked) {
    const shown = Number.isSafeInteger(asked) ? asked : 'very many'
    notes.push(`${shown} were asked for, ${count} can be made`)
  }
  return count
}
