import { maxCount, type Plan } from './plan.ts'
import { concerns, type Preference, readStatements } from './preference.ts'
import { readCharacters } from './request-characters.ts'
import { asksToCheck, describePlan } from './request-description.ts'
import { readLeftovers } from './request-leftovers.ts'
import { readCount, readLength } from './request-length.ts'
import { followPreferences } from './request-preferences.ts'
import { readPurpose } from './request-purpose.ts'
import { kindIn, readSaid } from './request-said.ts'
import { settle, settleRepeats } from './request-settle.ts'
import { readTokens } from './request-tokens.ts'
import { countDifferent } from './variety.ts'

/**
 * Reads a person's request into a plan, by rules and without a model: the same text gives the same
 * plan. It understands English; what it does not understand it leaves at the defaults (a password of
 * 16 characters of all classes, six words, six digits), and `why` names what clearly was a wish. It
 * never throws, and the plan has no `planProblems`: what is out of range or contradicts itself is
 * settled, and `why` says how.
 *
 * Of what the person has said before, and of the lasting wishes in the text itself, it takes up what is for
 * the same purpose or for any, as far as the request says nothing of it; `why` names the former. Of several
 * about one aspect the first counts.
 */
export function readRequest(text: string, before: readonly Preference[] = []): Plan {
  const { request, preferences: stated } = readStatements(text)
  const said = readSaid(request)
  const { tokens, quantities } = said
  const purpose = readPurpose(tokens)
  const wanted = followPreferences(said, fitting([...stated, ...before], purpose.text))
  const { wishes, noRepeats: isWanted, quantities: all } = wanted
  const notes: string[] = []
  const kind = kindIn(wanted.kindOf, notes)
  const { constraints, notes: settled } = settle({
    kind,
    length: readLength(kind, all, notes),
    ...readCharacters(kind, wishes, tokens, all, notes),
  })
  const noRepeats = isWanted && settleRepeats(constraints, notes)
  const asked = readCount(all, notes)
  const count = Math.min(asked, countDifferent(constraints, maxCount))
  if (count < asked) notes.push(`only ${count} different can be made`)
  const leftovers = readLeftovers(tokens, kind, said.wishes, quantities, purpose)
  const { length, classes, excludeLookAlikes, exclude, mustContain } = constraints
  const described = describePlan(
    { ...constraints, count, noRepeats },
    purpose.phrase,
    [...notes, ...settled, ...followedNote(wanted.followed, before)],
    leftovers,
  )
  return {
    purpose: purpose.text,
    kind,
    length,
    classes: { ...classes },
    excludeLookAlikes,
    exclude,
    mustContain: [...mustContain],
    noRepeats,
    count,
    why: asksToCheck(tokens) ? `${noChecks} ${described}` : described,
  }
}

/** What is for this purpose, before what is for any. */
function fitting(preferences: readonly Preference[], purpose: string): readonly Preference[] {
  const special = preferences.filter((one) => one.purpose !== '' && concerns(one, purpose))
  return [...special, ...preferences.filter((one) => one.purpose === '')]
}

/** Names the preferences from before, each sentence once. */
function followedNote(
  followed: readonly Preference[],
  before: readonly Preference[],
): readonly string[] {
  const texts = new Set(followed.filter((one) => before.includes(one)).map(({ text }) => text))
  if (texts.size === 0) return []
  return [`as you said before: ${[...texts].map((text) => `"${text}"`).join(', ')}`]
}

const noChecks = 'This team makes passwords and does not check given ones.'

/** Whether a text asks to judge a given password and not to make one. */
export function wantsCheck(text: string): boolean {
  return asksToCheck(readTokens(text))
}

const making = /\b(?:generate|create|make|give|suggest|need|want|produce)\b/i
const question = /^\s*(?:what|why|how|when|who|where|which|should|do|does|are|is|can|could)\b/i
const made = /\b(?:pass(?:word|phrase|code|key)s?|pins?|\d+[ -]?(?:char|digit|word|letter)\w*)\b/i

/** Whether a text asks for something that can be made here, and is no question about it. */
export function namesPassword(text: string): boolean {
  return (
    (made.test(text) || /\b(?:generate|another|one more)\b/i.test(text)) &&
    (making.test(text) || !question.test(text))
  )
}
