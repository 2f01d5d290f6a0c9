import { errorCode } from '../env-file.ts'
import { oneLine } from './printable.ts'

/** Where the command writes. */
export interface Output {
  /** Writes to standard output. */
  write(text: string): void
  /** Writes a line to standard output. */
  print(line: string): void
  /** Writes one line to standard error, whatever the text has in it. */
  notify(text: string): void
  /** Writes lines to standard error as they are. */
  dump(text: string): void
  /**
   * Shows a line at the terminal until something else is written, another takes its place, or an empty
   * one takes it away. It must fit into `width`.
   */
  hint(line: string): void
  /** Cells of a line at the terminal; undefined where standard output is none that takes hints. */
  readonly width: number | undefined
  /**
   * Resolves when standard output takes more, or nobody reads it any more. Whoever writes much waits for
   * it after each line: meanwhile the process has its turns, to hear of signals and of a closed pipe.
   */
  drained(): Promise<void>
  /** Aborts when standard output cannot be written; the reason is the error's code, such as EPIPE. */
  readonly closed: AbortSignal
  /** Resolves when everything is written, or cannot be. */
  flush(): Promise<void>
}

/** Writes lines to standard output. */
export function printAll({ print }: Pick<Output, 'print'>, lines: readonly string[]): void {
  for (const line of lines) print(line)
}

/**
 * Writes lines to standard output as they come, no faster than they are read. Stops where nobody reads
 * them any more.
 */
export async function printEach(
  { print, drained, closed }: Pick<Output, 'print' | 'drained' | 'closed'>,
  lines: AsyncIterable<string>,
): Promise<void> {
  for await (const line of lines) {
    print(line)
    await drained()
    if (closed.aborted) return
  }
}

/** Standard output, which may be a terminal. */
interface StandardOutput extends NodeJS.WritableStream {
  readonly isTTY?: boolean
  readonly columns?: number
}

// Only ever of the cursor's own line: what is above it may have scrolled, or be somebody else's.
const ERASE_LINE = '\r\u001b[2K'

/** How long lines are written in one turn of the process. */
const TURN_MS = 20

/**
 * Wraps the two streams. A stream that breaks is never written to again, and throws nothing. A
 * terminal that is `dumb` gets no hints.
 */
export function createOutput(
  stdout: StandardOutput,
  stderr: NodeJS.WritableStream,
  { isDumb = false }: { readonly isDumb?: boolean } = {},
): Output {
  const closed = new AbortController()
  const deaf = new AbortController()
  stdout.on('error', (error) => closed.abort(errorCode(error)))
  stderr.on('error', () => deaf.abort())
  let hint = ''
  let isFull = false
  let turnBegan = performance.now()
  const put = (text: string) => {
    if (text !== '' && !closed.signal.aborted) isFull = !stdout.write(text)
  }
  const erased = () => {
    const erase = hint === '' ? '' : ERASE_LINE
    hint = ''
    return erase
  }
  const write = (text: string) => put(erased() + text)
  const dump = (text: string) => {
    put(erased())
    if (!deaf.signal.aborted) stderr.write(`${text}\n`)
  }
  return {
    write,
    hint(line) {
      if (line === hint) return
      put(erased() + line)
      hint = line
    },
    get width() {
      if (stdout.isTTY !== true || isDumb) return undefined
      // The last cell stays free: some terminals begin a new line behind it.
      return (stdout.columns || 80) - 1
    },
    print: (line) => write(`${line}\n`),
    notify: (text) => dump(oneLine(text)),
    dump,
    async drained() {
      if (isFull) await emptied(stdout, closed.signal)
      else if (performance.now() - turnBegan < TURN_MS) return
      else await new Promise((resolve) => setImmediate(resolve))
      isFull = false
      turnBegan = performance.now()
    },
    closed: closed.signal,
    async flush() {
      await Promise.all([flushed(stdout, closed.signal), flushed(stderr, deaf.signal)])
    },
  }
}

async function emptied(stream: NodeJS.WritableStream, broken: AbortSignal): Promise<void> {
  if (broken.aborted) return
  await new Promise<void>((resolve) => {
    const done = () => {
      stream.off('drain', done)
      broken.removeEventListener('abort', done)
      resolve()
    }
    stream.on('drain', done)
    broken.addEventListener('abort', done)
  })
}

async function flushed(stream: NodeJS.WritableStream, broken: AbortSignal): Promise<void> {
  if (broken.aborted) return
  await new Promise<void>((resolve) => {
    stream.write('', () => resolve())
  })
}
