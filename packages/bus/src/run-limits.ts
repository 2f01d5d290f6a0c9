import { InvalidOptionError } from './errors.ts'
import type { RunLimits } from './records.ts'

/** Throws where a limit of a run cannot be one. */
export function runLimits(limits: RunLimits): RunLimits {
  for (const [name, value] of Object.entries(limits)) {
    if (value === undefined) continue
    if (!Number.isInteger(value) || value < 1) {
      throw new InvalidOptionError(name, value, 'a whole number from 1')
    }
  }
  return limits
}
