import { createInterface } from 'node:readline'
import { createLineReader, type LineReader } from '../chat/line-reader.ts'

/** The terminal's streams. */
interface StandardStreams {
  readonly stdin: NodeJS.ReadableStream & { readonly isTTY?: boolean }
  readonly stdout: NodeJS.WritableStream & { readonly isTTY?: boolean }
  readonly stderr: NodeJS.WritableStream
}

/** Reads commands that a person types at a terminal, where Ctrl-C interrupts, or the lines that are piped in. */
export function stepLines(
  { stdin, stdout, stderr }: StandardStreams,
  onInterrupt: () => void,
): LineReader {
  if (stdin.isTTY === true) {
    const output = stdout.isTTY === true ? stdout : stderr
    return createLineReader({ input: stdin, output, prompt: '> ', onInterrupt })
  }
  const lines = createInterface({ input: stdin })[Symbol.asyncIterator]()
  return {
    async next() {
      const { done, value } = await lines.next()
      return done === true ? undefined : value
    },
  }
}
