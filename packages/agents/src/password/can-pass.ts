import { seededRandom } from '@nanoagent/bus'
import { generatePassword, planOptions } from './generate.ts'
import { type Plan, planProblems } from './plan.ts'
import { checkStrength, minStrongLength } from './strength.ts'

/** Passwords that are looked at before a plan is given up. */
const samples = 20

/**
 * Whether a password by this plan can pass at all, so that it is worth making another one. A plan that
 * is too short can not, nor one that fixes so much that nothing strong is left to draw: none of twenty
 * samples is strong then, always the same ones. That no character occurs twice is left to chance.
 */
export async function canPass(plan: Plan, personalWords: readonly string[]): Promise<boolean> {
  if (planProblems(plan).length > 0) return false
  if (plan.kind === 'password' && plan.length < minStrongLength) return false
  const random = seededRandom(1)
  const options = { kind: plan.kind, plan: { ...plan, noRepeats: false }, personalWords }
  for (let sample = 0; sample < samples; sample++) {
    const password = await generatePassword(planOptions(plan), (max) => Math.floor(random() * max))
    if ((await checkStrength(password, options)).verdict === 'PASS') return true
  }
  return false
}
