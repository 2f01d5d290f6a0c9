import { type AuditSubject, type Finding, finding } from './audit-finding.ts'
import { commonPins } from './common-pins.ts'
import { undisguised } from './imitations.ts'
import { loadWordLists } from './word-lists.ts'

/** Shorter than this, a password without what was added to it is no word any more. */
const minLetters = 4

/**
 * Compares the whole password with some 50,000 leaked ones, most common first, and with words and
 * names, as it is and as people vary them: in capitals, with signs for letters, backwards, with digits
 * and signs before or behind. Of a PIN it looks for the most common ones.
 */
export async function auditCommon(password: string, { kind }: AuditSubject): Promise<Finding[]> {
  const { 'passwords-common': leaked = '', ...words } = await loadWordLists()
  // No word of a list has a quote in it.
  const has = (list: string, text: string) => !text.includes('"') && list.includes(`"${text}"`)
  if (kind === 'pin') {
    return [commonPins.has(password) || has(leaked, password) ? commonPin : uncommon]
  }
  const [plain = '', ...others] = variants(password)
  if (has(leaked, plain)) return [common('It is on the list of leaked ones.')]
  if (others.some((text) => has(leaked, text))) {
    return [common('It is a variant of one that is on the list of leaked ones.')]
  }
  const isWord = [plain, ...others].some((text) => Object.values(words).some((w) => has(w, text)))
  return [isWord ? common('It is a single word or name, or a variant of one.') : uncommon]
}

/** What the password may be made from, itself in small letters first. */
function variants(password: string): readonly string[] {
  const lower = password.toLowerCase()
  const trimmed = [lower, lower.replace(before, ''), lower.replace(behind, '')]
  const bare = lower.replace(before, '').replace(behind, '')
  const read = [...trimmed, bare].flatMap(undisguised).filter((text) => text.length >= minLetters)
  const backwards = read.map((text) => Array.from(text).reverse().join(''))
  return [...new Set([lower, ...read, ...backwards])]
}

/** Digits and signs that were added to a word. */
const before = /^[^\p{L}]+/u
const behind = /[^\p{L}]+$/u

const uncommon = finding(
  'common passwords',
  'none',
  'common',
  'Neither it nor what it may be made from is on the list of leaked passwords, words and names.',
)

const commonPin = finding(
  'common passwords',
  'high',
  'common',
  'It is one of the most common PINs.',
  'Make another one.',
)

function common(detail: string): Finding {
  return finding('common passwords', 'high', 'common', detail, 'Make another one, at random.')
}
