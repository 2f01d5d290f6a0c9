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
  /** Aborts when standard output cannot be written; the reason is the error's code, such as EPIPE. */
  readonly closed: AbortSignal
  /** Resolves when everything is written, or cannot be. */
  flush(): Promise<void>
}

/** Wraps the two streams. A stream that breaks is never written to again, and throws nothing. */
export function createOutput(stdout: NodeJS.WritableStream, stderr: NodeJS.WritableStream): Output {
  const closed = new AbortController()
  const deaf = new AbortController()
  stdout.on('error', (error) => closed.abort(errorCode(error)))
  stderr.on('error', () => deaf.abort())
  const write = (text: string) => {
    if (!closed.signal.aborted) stdout.write(text)
  }
  const dump = (text: string) => {
    if (!deaf.signal.aborted) stderr.write(`${text}\n`)
  }
  return {
    write,
    print: (line) => write(`${line}\n`),
    notify: (text) => dump(oneLine(text)),
    dump,
    closed: closed.signal,
    async flush() {
      await Promise.all([flushed(stdout, closed.signal), flushed(stderr, deaf.signal)])
    },
  }
}

async function flushed(stream: NodeJS.WritableStream, broken: AbortSignal): Promise<void> {
  if (broken.aborted) return
  await new Promise<void>((resolve) => {
    stream.write('', () => resolve())
  })
}
