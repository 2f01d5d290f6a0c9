import { createInterface } from 'node:readline/promises'
import { UsageError } from './errors.ts'

/**
 * Asks whoever sits at the terminal; anything but yes is no. Throws a `UsageError` with the way out where
 * nobody can answer, and the signal's reason once that aborts.
 */
export async function isConfirmed(
  question: string,
  signal: AbortSignal,
  wayOut: string,
): Promise<boolean> {
  if (process.stdin.isTTY !== true) throw new UsageError(`nobody can say yes here: ${wayOut}`)
  const lines = createInterface({ input: process.stdin, output: process.stderr })
  try {
    const answer = await lines.question(question, { signal })
    return /^y(es)?$/i.test(answer.trim())
  } catch (error) {
    throw signal.aborted ? signal.reason : error
  } finally {
    lines.close()
  }
}
