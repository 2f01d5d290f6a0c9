import { errorCode } from './env-file.ts'
import { UsageError } from './errors.ts'

/** What is asked for where no prompt is given. */
export const DEFAULT_PROMPT = 'Generate a highly secure password for my banking application'

/** Longest prompt, in characters: what a team takes, known here without loading one. */
export const MAX_PROMPT_LENGTH = 8_000

/** Where a prompt of `-` comes from. */
type StandardInput = AsyncIterable<Uint8Array> & { readonly isTTY?: boolean }

/** What reading a prompt needs. */
export interface PromptOptions {
  readonly stdin: StandardInput
  /** Tells the person at the terminal that it is their turn. */
  readonly notify: (text: string) => void
}

/**
 * The prompt that was typed, or the default, or for `-` what standard input holds. Throws a
 * `UsageError` for an empty one, a too long one, and for what is no text.
 */
export async function readPrompt(
  typed: string | undefined,
  options: PromptOptions,
): Promise<string> {
  return checkPrompt(typed === '-' ? await readInput(options) : (typed ?? DEFAULT_PROMPT))
}

/** The prompt without white space around it. Throws a `UsageError` for an empty or a too long one. */
export function checkPrompt(text: string): string {
  const prompt = text.trim()
  if (prompt === '') {
    throw new UsageError(
      'the prompt is empty: say what to generate, as in nanoagent "Generate a 20-character password"',
    )
  }
  if (prompt.length > MAX_PROMPT_LENGTH) throw tooLong(`has ${prompt.length} characters`)
  return prompt
}

async function readInput({ stdin, notify }: PromptOptions): Promise<string> {
  if (stdin.isTTY === true) notify('Type the prompt; it is read until Ctrl-D on a line of its own.')
  // No character takes more bytes than four; white space around the prompt does not count.
  const maxBytes = 8 * MAX_PROMPT_LENGTH
  const chunks: Uint8Array[] = []
  let size = 0
  try {
    for await (const chunk of stdin) {
      chunks.push(chunk)
      size += chunk.length
      if (size > maxBytes) break
    }
  } catch (error) {
    throw new UsageError(
      `standard input cannot be read (${errorCode(error)}): pipe the prompt in, or type it as argument`,
    )
  }
  if (size > maxBytes) throw tooLong(`on standard input has over ${maxBytes} bytes`)
  return decode(Buffer.concat(chunks))
}

function decode(bytes: Uint8Array): string {
  const noText = new UsageError(
    'standard input is not UTF-8 text: pipe in the prompt as plain text, not a binary file',
  )
  if (bytes.includes(0)) throw noText
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    throw noText
  }
}

function tooLong(what: string): UsageError {
  const most = MAX_PROMPT_LENGTH.toLocaleString('en-US')
  return new UsageError(`the prompt ${what}, the most is ${most} characters: shorten it`)
}
