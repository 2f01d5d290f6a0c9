import { inspect } from 'node:util'
import type { Logger } from '../../logger.ts'

/** A line that a recording logger was given. */
export interface LoggedLine {
  readonly level: keyof Logger
  readonly entry: object
  readonly text: string
}

/** A logger that keeps its lines. `written` is all of it, as JSON and as the console would show it. */
export function recordingLogger(): {
  readonly logger: Logger
  readonly lines: readonly LoggedLine[]
  written(): string
} {
  const lines: LoggedLine[] = []
  const at = (level: keyof Logger) => (entry: object, text: string) => {
    lines.push({ level, entry, text })
  }
  return {
    logger: {
      trace: at('trace'),
      debug: at('debug'),
      info: at('info'),
      warn: at('warn'),
      error: at('error'),
    },
    lines,
    written: () =>
      lines
        .map(({ entry, text }) =>
          [text, JSON.stringify(entry), inspect(entry, { depth: null })].join('\n'),
        )
        .join('\n'),
  }
}
