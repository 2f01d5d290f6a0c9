import { characterClasses, countCharacters, hasClass, lookAlikes } from './characters.ts'
import { type Constraints, lengths } from './constraints.ts'

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
export function planChecks(password: string, plan: Constraints): StrengthCheck[] {
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
  return checks
}

/** The classes that the plan wants and the password lacks; none for a passphrase or a PIN. */
export function missingClasses(password: string, plan: Constraints): readonly string[] {
  if (plan.kind !== 'password') return []
  return characterClasses.filter((name) => plan.classes[name] && !hasClass(password, name))
}

function lengthCheck(password: string, plan: Constraints): StrengthCheck {
  const count = countCharacters(password)
  const detail = `${count} of ${plan.length} ${lengths[plan.kind].unit}`
  return { name: 'planned length', passed: count === plan.length, detail }
}

/** What must be contained may bring letters of its own, and so more 'words' than planned. */
function wordsCheck(password: string, plan: Constraints): StrengthCheck {
  const count = countWords(password)
  const most = plan.length + countWords(plan.mustContain.join(' '))
  const passed = count >= plan.length && count <= most
  return { name: 'number of words', passed, detail: `${count} of ${plan.length} words` }
}

/** Runs of letters, whatever stands between them. */
function countWords(text: string): number {
  return text.match(/\p{L}+/gu)?.length ?? 0
}

function absenceCheck(name: string, password: string, forbidden: string): StrengthCheck {
  const found = Array.from(password).filter((one) => forbidden.includes(one)).length
  return { name, passed: found === 0, detail: found === 0 ? 'none' : `${found} found` }
}
