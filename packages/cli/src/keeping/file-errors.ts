import { errorCode } from '../env-file.ts'
import { UsageError } from '../errors.ts'
import { oneLine } from '../screen/printable.ts'

/** What the system says about a file, as one line that names it and the next step. */
export function fileError(path: string, problem: string, error: unknown, next: string): unknown {
  if (!(error instanceof Error) || !('syscall' in error)) return error
  return new UsageError(`${oneLine(path)} ${problem} (${errorCode(error)}): ${next}`)
}
