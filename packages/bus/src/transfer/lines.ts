import { describe } from '../errors.ts'

/** No record is nearly as long: data has at most 1 MiB. */
const MAX_LINE_BYTES = 33_554_432

const LINE_BREAK = 0x0a

/** One line of a text. */
export interface Line {
  /** From 1. */
  readonly number: number
  readonly text: string
}

/**
 * The lines of UTF-8 text that comes in pieces; what follows the last line break is one too, unless it is
 * empty. Throws an error of `problem` for what is no UTF-8, and for a line that is too long.
 */
export async function* linesOf(
  pieces: AsyncIterable<Uint8Array>,
  problem: (line: number, what: string) => Error,
): AsyncGenerator<Line> {
  const decoder = new TextDecoder('utf-8', { fatal: true })
  let number = 1
  let begun: Uint8Array[] = []
  let bytes = 0
  const add = (part: Uint8Array) => {
    bytes += part.length
    if (bytes > MAX_LINE_BYTES) {
      throw problem(number, `over ${MAX_LINE_BYTES} bytes, which no record has`)
    }
    begun.push(part)
  }
  const ended = (): Line => {
    try {
      return { number, text: decoder.decode(Buffer.concat(begun)) }
    } catch (error) {
      throw problem(number, `no UTF-8 text (${describe(error)})`)
    } finally {
      number++
      begun = []
      bytes = 0
    }
  }
  for await (const piece of pieces) {
    let from = 0
    for (let at = piece.indexOf(LINE_BREAK); at !== -1; at = piece.indexOf(LINE_BREAK, from)) {
      add(piece.subarray(from, at))
      yield ended()
      from = at + 1
    }
    if (from < piece.length) add(piece.subarray(from))
  }
  if (bytes > 0) yield ended()
}
