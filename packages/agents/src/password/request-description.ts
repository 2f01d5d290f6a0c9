import { characterClasses, hasClass } from './characters.ts'
import { type Constraints, type Hopes, lengths } from './constraints.ts'
import type { Token } from './request-tokens.ts'

/** What is described. */
export interface Described extends Constraints, Hopes {
  readonly count: number
}

/**
 * Says in one sentence what was understood, in a second one what had to give way or be decided, and
 * in a third one what was not understood.
 */
export function describePlan(
  plan: Described,
  purpose: string,
  notes: readonly string[],
  leftovers: readonly string[],
): string {
  const { kind, length, count, mustContain } = plan
  const name = kind === 'pin' ? 'PIN' : kind
  const made = count === 1 ? `A ${name}` : `${count} ${name}s`
  const understood = [
    `${made} of ${length} ${lengths[kind].unit} for ${purpose}`,
    ...(kind === 'password' ? [describeClasses(plan)] : []),
    ...(kind === 'passphrase' ? describeWords(plan) : []),
    ...(plan.excludeLookAlikes ? ['without look-alikes'] : []),
    ...(plan.exclude === '' ? [] : [`without any of ${quoted(plan.exclude)}`]),
    ...(plan.noRepeats ? ['no character twice'] : []),
    ...(mustContain.length === 0 ? [] : [`containing ${listed(mustContain.map(quoted))}`]),
  ].join(', ')
  const unread = leftovers.map((phrase) => `"${phrase}"`).join(', ')
  return [
    `${understood}.`,
    ...(notes.length > 0 ? [`${capitalize(notes.join('; '))}.`] : []),
    ...(unread === '' ? [] : [`Not understood: ${unread}.`]),
  ].join(' ')
}

function describeClasses(plan: Described): string {
  const wanted = characterClasses.filter((name) => plan.classes[name])
  const unwanted = characterClasses.filter((name) => !plan.classes[name])
  const pieces = plan.mustContain.join('')
  if (unwanted.length === 0) return 'with all classes of characters'
  const kept = unwanted.filter((name) => hasClass(pieces, name))
  const only = `with ${listed(wanted)} only`
  return kept.length === 0 ? only : `${only} besides what it must contain`
}

function describeWords({ classes }: Described): string[] {
  const capitals = classes.lowercase ? 'each word capitalized' : 'in capitals'
  return [...(classes.uppercase ? [capitals] : []), ...(classes.numbers ? ['with a digit'] : [])]
}

/** 'a, b and c'. */
function listed(parts: readonly string[]): string {
  const most = parts.slice(0, -1).join(', ')
  return most === '' ? parts.join('') : `${most} and ${parts.at(-1) ?? ''}`
}

function quoted(text: string): string {
  const quote = ["'", '"', '`'].find((one) => !text.includes(one)) ?? ''
  return quote + text + quote
}

function capitalize(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1)
}

/** Whether a request asks to judge a given password and not to make one. */
export function asksToCheck(tokens: readonly Token[]): boolean {
  const words = tokens.map((token) => token.text).join(' ')
  if (/\b(?:generate|create|make|give|suggest|need|want|new|produce)\b/.test(words)) return false
  return /^(?:(?:please|can|could|would|you|kindly|help|me|to) )*(?:(?:check|test|rate|evaluate|verify|validate|assess|analy[sz]e|judge|score|audit|tell me)\b|(?:is|are)\b.* (?:strong|secure|safe|good|weak|ok|okay|enough)\b|how (?:strong|secure|safe|good|weak) (?:is|are)\b)/.test(
    words,
  )
}
