import { DEFAULTS } from './defaults.ts'
import { InvalidOptionError } from './errors.ts'
import type { RunLimits } from './records.ts'

const DEFAULT_LIMITS: RunLimits = Object.freeze({ maxHops: DEFAULTS.maxHops })

/** The limits of a run, with their defaults. Throws where one cannot be one. */
export function runLimits(
  options: {
    readonly [Name in keyof RunLimits]?: RunLimits[Name] | undefined
  },
): RunLimits {
  const { maxHops = DEFAULTS.maxHops, timeoutMs, maxTokens } = options
  if (options.maxHops === undefined && timeoutMs === undefined && maxTokens === undefined) {
    return DEFAULT_LIMITS
  }
  check('maxHops', maxHops)
  if (timeoutMs !== undefined) check('timeoutMs', timeoutMs)
  if (maxTokens !== undefined) check('maxTokens', maxTokens)
  return {
    maxHops,
    ...(timeoutMs === undefined ? {} : { timeoutMs }),
    ...(maxTokens === undefined ? {} : { maxTokens }),
  }
}

function check(name: keyof RunLimits, value: number): void {
  if (Number.isInteger(value) && value >= 1) return
  throw new InvalidOptionError(name, value, 'a whole number from 1')
}
