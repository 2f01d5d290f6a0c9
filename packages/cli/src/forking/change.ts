import type { DataChange } from '@nanoagent/orchestrator'
import { UsageError } from '../errors.ts'
import { firstCharacters } from '../screen/printable.ts'

/** Splits `path=value`; the value is JSON, or a text where it is none. Throws a `UsageError` where there is no path. */
export function changeOf(typed: string): DataChange {
  const sign = typed.indexOf('=')
  const path = typed.slice(0, Math.max(sign, 0)).trim()
  if (path !== '') return { path, value: typedValue(typed.slice(sign + 1)) }
  throw new UsageError(
    `--set '${firstCharacters(typed, 80)}' is no change: write path=value, such as --set length=24`,
  )
}

function typedValue(typed: string): unknown {
  try {
    return JSON.parse(typed)
  } catch {
    return typed
  }
}
