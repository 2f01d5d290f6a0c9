import { InvalidOptionError } from './errors.ts'

const THREAD = /^[\p{L}\p{N}](?:[\p{L}\p{N} ._-]{0,62}[\p{L}\p{N}])?$/u

/** The name of a thread as it was given. Throws an `InvalidOptionError` where it cannot be one. */
export function threadName(name: string): string {
  if (THREAD.test(name)) return name
  throw new InvalidOptionError(
    'the thread',
    `'${name.slice(0, 64)}'`,
    "1 to 64 letters, digits, spaces, '.', '_' or '-', with a letter or digit at both ends",
  )
}
