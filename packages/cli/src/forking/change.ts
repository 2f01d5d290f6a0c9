import { UsageError } from '../errors.ts'
import { firstCharacters } from '../screen/printable.ts'

/** A change of one part of a message's data, as it was typed. */
export interface Change {
  /** Where in the data: names and places in lists, with dots between them. */
  readonly path: string
  /** JSON, or a text where it is none. */
  readonly value: string
}

/** Splits `path=value`. Throws a `UsageError` where there is no path. */
export function changeOf(typed: string): Change {
  const sign = typed.indexOf('=')
  if (sign > 0) return { path: typed.slice(0, sign).trim(), value: typed.slice(sign + 1) }
  throw new UsageError(
    `--set '${firstCharacters(typed, 80)}' is no change: write path=value, such as --set length=24`,
  )
}
