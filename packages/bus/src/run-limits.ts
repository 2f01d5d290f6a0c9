import { InvalidOptionError } from './errors.ts'
import type { RunLimits } from './records.ts'

/** Throws where a limit of a run cannot be one. */
export function runLimits(limits: RunLimits): RunLimits {
  check('maxHops', limits.maxHops)
  if (limits.timeoutMs !== undefined) check('timeoutMs', limits.timeoutMs)
  if (limits.maxTokens !== undefined) check('maxTokens', limits.maxTokens)
  return limits
}

function check(name: keyof RunLimits, value: number): void {
  if (Number.isInteger(value) && value >= 1) return
  throw new InvalidOptionError(name, value, 'a whole number from 1')
}
