import { type AuditSubject, type Finding, finding } from './audit-finding.ts'
import { countCharacters } from './characters.ts'
import { freeParts } from './free-parts.ts'
import { disguises } from './imitations.ts'
import { personalWords } from './personal-words.ts'

const minDigits = 4

/** Shorter pieces, such as a sign that a service demands, tell next to nothing. */
const minAsked = 3

/**
 * Looks for the words and numbers of the request: names, services, birthdays, in capitals or not, with
 * signs for letters, forwards and backwards. What must be contained is not looked at: it was asked for.
 * Of a passphrase whole words count, since every second one has a short word within.
 */
export function auditPersonal(password: string, { kind, made, request }: AuditSubject): Finding[] {
  const free = freeParts(password, made.mustContain)
  const words = personalWords(request).map(disguises)
  const parts = kind === 'passphrase' ? free.flatMap(wordsOf) : free
  const isWhole = (part: string, word: RegExp) => word.exec(part)?.[0].length === part.length
  const found = words.some((word) =>
    parts.some((part) => (kind === 'passphrase' ? isWhole(part, word) : word.test(part))),
  )
  if (found) return [personal('a word')]
  const numbers = personalNumbers(request)
  if (free.some((part) => numbers.some((number) => isIn(number, part)))) {
    return [personal('a number')]
  }
  return [made.mustContain.some((piece) => countCharacters(piece) >= minAsked) ? asked : none]
}

const none = finding(
  'personal words',
  'none',
  'personal',
  'No word or number of the request is in it, nor one disguised or backwards.',
)

const asked = finding(
  'personal words',
  'low',
  'personal',
  'It contains what the request asks for, and otherwise no word or number of it.',
  'Count on the other characters alone: whoever knows the request knows these.',
)

function personal(what: string): Finding {
  return finding(
    'personal words',
    'medium',
    'personal',
    `It has ${what} of the request in it, which whoever knows you or the service tries first.`,
    'Make another one.',
  )
}

/** The words of a passphrase, also where nothing but capitals part them. */
function wordsOf(passphrase: string): readonly string[] {
  return passphrase.match(/\p{Lu}?\p{Ll}+|\p{Lu}+/gu) ?? []
}

/** Numbers of a request that say something about a person: years, dates, telephone numbers. */
function personalNumbers(request: string): readonly string[] {
  const numbers = request.match(/\d(?:[\d./ -]*\d)?/g) ?? []
  return [
    ...new Set(numbers.flatMap((text) => [text.replace(/\D/g, ''), ...text.split(/\D+/)])),
  ].filter((number) => number.length >= minDigits)
}

function isIn(number: string, text: string): boolean {
  return text.includes(number) || text.includes(Array.from(number).reverse().join(''))
}
