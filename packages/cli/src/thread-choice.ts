import { InvalidOptionError, threadName } from '@nanoagent/bus'
import { UsageError } from './errors.ts'

/** The name of a thread as it was typed. Throws a `UsageError` where it cannot be one. */
export function checkThread(typed: string): string {
  try {
    return threadName(typed)
  } catch (error) {
    if (error instanceof InvalidOptionError) throw new UsageError(`--thread: ${error.message}`)
    throw error
  }
}
