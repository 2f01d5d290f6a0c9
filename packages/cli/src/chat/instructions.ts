import { closeSync, openSync, readSync } from 'node:fs'
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
    bytes = firstBytes(path, 4 * MOST + 1)
  } catch (error) {
    throw refuse(`cannot be read (${errorCode(error)})`, next)
  }
  if (bytes.length > 4 * MOST) throw refuse('are too long', `the most is ${MOST} characters`)
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

/** As much of a file as that, whatever it is: a device may never end. */
function firstBytes(path: string, most: number): Buffer {
  const file = openSync(path, 'r')
  try {
    const bytes = Buffer.alloc(most)
    let size = 0
    for (let read = -1; read !== 0 && size < most; size += read) {
      read = readSync(file, bytes, size, most - size, null)
    }
    return bytes.subarray(0, size)
  } finally {
    closeSync(file)
  }
}
