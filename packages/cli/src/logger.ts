import type { LogRecord } from '@logtape/logtape'
import type { Logger } from '@nanoagent/bus'

/** What `--log-level` takes: the least severe that is written. */
export const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const

/** One of `LOG_LEVELS`. */
export type LogLevel = (typeof LOG_LEVELS)[number]

/** A logger that writes JSON lines; none, and nothing loaded, for `silent`. */
export async function createLogger(
  level: LogLevel,
  write: (line: string) => void,
): Promise<Logger | undefined> {
  if (level === 'silent') return undefined
  const { configureSync, getJsonLinesFormatter, getLogger } = await import('@logtape/logtape')
  // As it is: braces in an agent's text are not for the library to fill.
  const format = getJsonLinesFormatter({ message: 'template', properties: 'flatten' })
  const sinks = { lines: (record: LogRecord) => write(format(record).trimEnd()) }
  const lowestLevel = level === 'warn' ? 'warning' : level
  configureSync({
    sinks,
    loggers: [
      { category: 'nanoagent', sinks: ['lines'], lowestLevel },
      // What the library says of itself.
      { category: ['logtape', 'meta'], sinks: ['lines'], lowestLevel: 'error' },
    ],
    reset: true,
  })
  const log = getLogger('nanoagent')
  return {
    trace: (entry, text) => log.trace(text, { ...entry }),
    debug: (entry, text) => log.debug(text, { ...entry }),
    info: (entry, text) => log.info(text, { ...entry }),
    warn: (entry, text) => log.warning(text, { ...entry }),
    error: (entry, text) => log.error(text, { ...entry }),
  }
}
