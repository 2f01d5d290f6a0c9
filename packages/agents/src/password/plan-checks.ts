import {
  type CharacterClass,
  characterClasses,
  countCharacters,
  hasClass,
  lookAlikes,
} from './characters.ts'
import { type Constraints, type Hopes, lengths, unseparated } from './constraints.ts'

/** One thing that was looked at; it quotes the plan, never the password. */
export interface StrengthCheck {
  readonly name: string
  readonly passed: boolean
  readonly detail: string
}

/**
 * Holds a password against what was planned: one check for each constraint that the plan makes,
 * beside the classes that it wants. Wanted classes are among the checks that every password gets:
 * `missingClasses` says which of them fail the plan.
 */
export function planChecks(password: string, plan: Constraints & Partial<Hopes>): StrengthCheck[] {
  const checks = [
    plan.kind === 'passphrase' ? wordsCheck(password, plan) : lengthCheck(password, plan),
  ]
  if (plan.kind === 'password') {
    const asked = plan.mustContain.join('')
    const others = Array.from(password)
      .filter((one) => !asked.includes(one))
      .join('')
    for (const name of characterClasses.filter((one) => !plan.classes[one])) {
      const found = hasClass(others, name)
      checks.push({ name: `no ${name}`, passed: !found, detail: found ? 'present' : 'absent' })
    }
  }
  if (plan.kind === 'pin') {
    const digits = /^\d*$/.test(password)
    checks.push({ name: 'digits only', passed: digits, detail: digits ? 'yes' : 'no' })
  }
  if (plan.excludeLookAlikes) checks.push(absenceCheck('no look-alikes', password, lookAlikes))
  if (plan.exclude !== '') {
    checks.push(absenceCheck('no excluded characters', password, plan.exclude))
  }
  for (const piece of plan.mustContain) {
    const passed = password.includes(piece)
    checks.push({ name: `contains '${piece}'`, passed, detail: passed ? 'present' : 'missing' })
  }
  if (plan.noRepeats === true) checks.push(repeatsCheck(password))
  return checks
}

/** The name of the check that chance decides. */
export const noRepeatsCheck = 'no character twice'

function repeatsCheck(password: string): StrengthCheck {
  const seen = new Set<string>()
  const twice = new Set<string>()
  for (const one of Array.from(password)) {
    if (seen.has(one)) twice.add(one)
    seen.add(one)
  }
  const { size } = twice
  const detail = size === 0 ? 'none' : `${size} repeated`
  return { name: noRepeatsCheck, passed: size === 0, detail }
}

/** The classes that the plan wants and the password lacks. */
export function missingClasses(password: string, plan: Constraints): readonly CharacterClass[] {
  return wantedClasses(plan).filter((name) => !hasClass(password, name))
}

/** The classes that each password of the plan has: of a passphrase capitals and digits count only. */
export function wantedClasses({ kind, classes }: Constraints): readonly CharacterClass[] {
  if (kind === 'pin') return ['numbers']
  return characterClasses.filter(
    (name) => classes[name] && (kind === 'password' || name === 'uppercase' || name === 'numbers'),
  )
}

function lengthCheck(password: string, plan: Constraints): StrengthCheck {
  const count = countCharacters(password)
  const detail = `${count} of ${plan.length} ${lengths[plan.kind].unit}`
  return { name: 'planned length', passed: count === plan.length, detail }
}

/** What must be contained may bring letters of its own, which are no words of the plan. */
function wordsCheck(password: string, plan: Constraints): StrengthCheck {
  const word = unseparated(plan.exclude) ? /\p{Lu}*\p{Ll}+|\p{Lu}+/gu : /\p{L}+/gu
  const countWords = (text: string): number => text.match(word)?.length ?? 0
  const found = countWords(password)
  const most = plan.length + countWords(plan.mustContain.join(' '))
  const passed = found >= plan.length && found <= most
  const count = passed ? plan.length : found
  return { name: 'number of words', passed, detail: `${count} of ${plan.length} words` }
}

function absenceCheck(name: string, password: string, forbidden: string): StrengthCheck {
  const found = Array.from(password).filter((one) => forbidden.includes(one)).length
  return { name, passed: found === 0, detail: found === 0 ? 'none' : `${found} found` }
}
