import type { StepRecord } from '../records.ts'

/** Each step once, in recorded order of their beginnings: the intent of one that has ended is a part of it. */
export function wholeSteps(steps: readonly StepRecord[]): readonly StepRecord[] {
  const whole = new Map<string, StepRecord>()
  for (const step of steps) whole.set(step.step.join('.'), step)
  return [...whole.values()]
}
