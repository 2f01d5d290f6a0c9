import { describe } from '../errors.ts'

/** No record is nearly as long: data has at most 1 MiB. */
const MAX_LINE_LENGTH = 33_554_432

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
  let rest = ''
  const decode = (bytes?: Uint8Array) => {
    try {
      return bytes === undefined ? decoder.decode() : decoder.decode(bytes, { stream: true })
    } catch (error) {
      throw problem(number, `no UTF-8 text (${describe(error)})`)
    }
  }
  for await (const piece of pieces) {
    const lines = (rest + decode(piece)).split('\n')
    rest = lines.pop() ?? ''
    for (const text of lines) yield { number: number++, text }
    if (rest.length > MAX_LINE_LENGTH) {
      throw problem(number, `over ${MAX_LINE_LENGTH} characters, which no record has`)
    }
  }
  rest += decode()
  if (rest !== '') yield { number, text: rest }
}
