import { InvalidOptionError } from '@nanoagent/bus'

/** Throws an `InvalidOptionError` where so many cannot be done at once. */
export function assertAtOnce(name: string, value: number): void {
  if (Number.isInteger(value) && value >= 1) return
  throw new InvalidOptionError(name, value, 'a whole number from 1')
}
