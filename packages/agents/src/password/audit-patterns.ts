import { type AuditSubject, type Finding, finding, type Severity } from './audit-finding.ts'
import { countCharacters } from './characters.ts'
import { freeParts } from './free-parts.ts'
import { findPatterns, type Pattern } from './patterns.ts'
import { checkPin } from './pin.ts'

/** Fewest characters that must not follow from others; OWASP's guides want as many of a password. */
const minUnpredictable = 12

/**
 * Looks for repetitions, keyboard runs and sequences. In a long random password one may come by chance
 * and do no harm: it fails where it is half of the password or leaves fewer than 12 other characters.
 * A PIN is judged by the patterns of `checkPin`, and of a passphrase whole words count. What must be
 * contained is not looked at.
 */
export function auditPatterns(password: string, { kind, made }: AuditSubject): Finding[] {
  if (kind === 'pin') return [pinPatterns(password)]
  if (kind === 'passphrase') return [wordPatterns(password, made.mustContain)]
  const patterns = freeParts(password, made.mustContain).flatMap(findPatterns)
  const [longest] = [...patterns].sort((a, b) => b.length - a.length)
  if (longest === undefined) return [clean('No repetition, keyboard run or sequence is in it.')]
  const count = countCharacters(password)
  const predictable = patterns.reduce((sum, pattern) => sum + pattern.predictable, 0)
  const left = count - predictable
  const severity = predictable * 2 >= count ? 'high' : left < minUnpredictable ? 'medium' : 'low'
  return [pattern(severity, longest, left)]
}

function pattern(severity: Severity, { kind, length }: Pattern, left: number): Finding {
  const detail = `It has a ${kind} of ${length} characters in it; ${left} do not follow from others.`
  return finding('patterns', severity, 'expected', detail, advice[severity])
}

const advice: Readonly<Partial<Record<Severity, string>>> = {
  high: 'Make another one, at random.',
  medium: 'Make another one, or a longer one.',
  low: 'Make another one where you want to be sure; random ones have such a stretch by chance.',
}

function pinPatterns(pin: string): Finding {
  const { passed, reasons } = checkPin(pin)
  if (passed) return clean('It is no date, and has no repetition, run or line on the keypad.')
  const detail = `This PIN ${reasons.join(' and ')}.`
  return finding('patterns', 'high', 'expected', detail, 'Choose other digits.')
}

/** Words that are a pattern from end to end, and words that come again. */
function wordPatterns(passphrase: string, pieces: readonly string[]): Finding {
  const words = freeParts(passphrase, pieces).flatMap(
    (part) => part.match(/\p{Lu}?[\p{Ll}\d]+|\p{Lu}+/gu) ?? [],
  )
  const lower = words.map((word) => word.toLowerCase())
  const isPattern = (word: string) =>
    findPatterns(word).some(({ length }) => length === word.length)
  const predictable = lower.length - new Set(lower.filter((word) => !isPattern(word))).size
  if (predictable === 0)
    return clean('No word comes twice, and none is a keyboard run or sequence.')
  const severity = predictable * 2 >= lower.length ? 'high' : 'low'
  return finding(
    'patterns',
    severity,
    'expected',
    `${predictable} of its ${lower.length} words come again, or are a keyboard run or a sequence.`,
    advice[severity],
  )
}

function clean(detail: string): Finding {
  return finding('patterns', 'none', 'expected', detail)
}
