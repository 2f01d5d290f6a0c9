import { createInterface } from 'node:readline'

/** What a person's lines are read from, and where they are edited. */
export interface LineOptions {
  readonly input: NodeJS.ReadableStream
  readonly output: NodeJS.WritableStream
  readonly prompt: string
  /** Is told of Ctrl-C, before the person leaves by it. */
  readonly onInterrupt?: () => void
}

/** Reads lines that a person types, with editing and a history of them. */
export interface LineReader {
  /** The next line; `undefined` where the person leaves, by Ctrl-D or Ctrl-C. */
  next(): Promise<string | undefined>
}

/**
 * Creates a line reader. It holds the terminal only while it waits for a line, so that Ctrl-C means the
 * work under way at other times.
 */
export function createLineReader({ input, output, prompt, onInterrupt }: LineOptions): LineReader {
  let history: string[] = []
  // Several lines that were pasted at once.
  const pending: string[] = []
  return {
    next() {
      const ready = pending.shift()
      if (ready !== undefined) return Promise.resolve(ready)
      return new Promise((resolve) => {
        const lines = createInterface({
          input,
          output,
          prompt,
          history,
          historySize: 200,
          removeHistoryDuplicates: true,
        })
        lines.on('history', (entries: string[]) => {
          history = [...entries]
        })
        lines.on('line', (line) => {
          pending.push(line)
          // What else was pasted comes in this turn.
          setImmediate(() => lines.close())
        })
        lines.on('SIGINT', () => {
          output.write('\n')
          onInterrupt?.()
          lines.close()
        })
        lines.on('close', () => resolve(pending.shift()))
        lines.prompt()
      })
    },
  }
}
