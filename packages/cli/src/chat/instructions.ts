import { readFileSync, statSync } from 'node:fs'
import { errorCode } from '../env-file.ts'
import { UsageError } from '../errors.ts'
import { oneLine } from '../screen/printable.ts'

/** Most characters that instructions may have. */
const MOST = 100_000

/** The instructions in a file. Throws a `UsageError` where it cannot be read, is empty or is no text. */
export function readInstructions(path: string): string {
  const refuse = (why: string, next: string) =>
    new UsageError(`the instructions ${oneLine(path)} ${why}: ${next}`)
  const next = 'give a text file with what the assistant is to be told'
  let bytes: Buffer
  try {
    if (statSync(path).size > 4 * MOST)
      throw refuse('are too long', `the most is ${MOST} characters`)
    bytes = readFileSync(path)
  } catch (error) {
    throw error instanceof UsageError ? error : refuse(`cannot be read (${errorCode(error)})`, next)
  }
  let text: string
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes).trim()
  } catch {
    throw refuse('are not UTF-8 text', next)
  }
  if (text === '' || text.includes('\0'))
    throw refuse(text === '' ? 'are empty' : 'are no text', next)
  if (text.length > MOST) throw refuse('are too long', `the most is ${MOST} characters`)
  return text
}
