import { maxCount, type Plan } from './plan.ts'
import { readCharacters } from './request-characters.ts'
import { asksToCheck, describePlan } from './request-description.ts'
import { readKind } from './request-kind.ts'
import { readLeftovers } from './request-leftovers.ts'
import { readCount, readLength } from './request-length.ts'
import { readPurpose } from './request-purpose.ts'
import { readQuantities } from './request-quantities.ts'
import { readRepeats } from './request-repeats.ts'
import { settle, settleRepeats } from './request-settle.ts'
import { readTokens } from './request-tokens.ts'
import { readWishes } from './request-wishes.ts'
import { countDifferent } from './variety.ts'

/**
 * Reads a person's request into a plan, by rules and without a model: the same text gives the same
 * plan. It understands English; what it does not understand it leaves at the defaults (a password of
 * 16 characters of all classes, six words, six digits), and `why` names what clearly was a wish. It
 * never throws, and the plan has no `planProblems`: what is out of range or contradicts itself is
 * settled, and `why` says how.
 */
export function readRequest(text: string): Plan {
  const { noRepeats: isWanted, rest: tokens } = readRepeats(readTokens(text))
  const wishes = readWishes(tokens)
  const quantities = readQuantities(tokens, wishes.literal)
  const { all } = quantities
  const notes: string[] = []
  const kind = readKind(tokens, all, wishes, notes)
  const { constraints, notes: settled } = settle({
    kind,
    length: readLength(kind, all, notes),
    ...readCharacters(kind, wishes, tokens, all, notes),
  })
  const noRepeats = isWanted && settleRepeats(constraints, notes)
  const asked = readCount(all, notes)
  const count = Math.min(asked, countDifferent(constraints, maxCount))
  if (count < asked) notes.push(`only ${count} different can be made`)
  const purpose = readPurpose(tokens)
  const leftovers = readLeftovers(tokens, kind, wishes, quantities, purpose)
  const { length, classes, excludeLookAlikes, exclude, mustContain } = constraints
  const described = describePlan(
    { ...constraints, count, noRepeats },
    purpose.phrase,
    [...notes, ...settled],
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
