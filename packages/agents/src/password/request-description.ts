import { characterClasses, hasClass } from './characters.ts'
import { type Constraints, lengths } from './constraints.ts'

/** What is described. */
export interface Described extends Constraints {
  readonly purpose: string
  readonly count: number
}

/** Says in one sentence what was understood, and in a second one what had to give way or be decided. */
export function describePlan(plan: Described, notes: readonly string[]): string {
  const { kind, length, count, purpose } = plan
  const name = kind === 'pin' ? 'PIN' : kind
  const made = count === 1 ? `A ${name}` : `${count} ${name}s`
  const understood = [
    `${made} of ${length} ${lengths[kind].unit} for ${purpose}`,
    ...(kind === 'password' ? [describeClasses(plan)] : []),
    ...(plan.excludeLookAlikes ? ['without look-alikes'] : []),
    ...(plan.exclude === '' ? [] : [`without any of ${plan.exclude}`]),
    ...(plan.mustContain.length === 0 ? [] : [`containing ${plan.mustContain.join(' and ')}`]),
  ].join(', ')
  const note = notes.join('; ')
  return note === '' ? `${understood}.` : `${understood}. ${capitalize(note)}.`
}

function describeClasses(plan: Described): string {
  const wanted = characterClasses.filter((name) => plan.classes[name])
  const unwanted = characterClasses.filter((name) => !plan.classes[name])
  const pieces = plan.mustContain.join('')
  if (unwanted.length === 0) return 'with all classes of characters'
  const kept = unwanted.filter((name) => hasClass(pieces, name))
  const only = `with ${wanted.join(' and ')} only`
  return kept.length === 0 ? only : `${only} besides what it must contain`
}

function capitalize(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1)
}
