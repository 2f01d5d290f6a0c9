import type { Logger } from '@nanoagent/bus'

/** What `--log-level` takes: the least severe that is written. */
export const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const

/** One of `LOG_LEVELS`. */
export type LogLevel = (typeof LOG_LEVELS)[number]

/** A logger that writes JSON lines to standard error at once; none, and nothing loaded, for `silent`. */
export async function createLogger(level: LogLevel): Promise<Logger | undefined> {
  if (level === 'silent') return undefined
  const { destination, pino } = await import('pino')
  const stderr = destination({ dest: 2, sync: true })
  // Nobody reads the logs any more: that is no reason to fail.
  stderr.on('error', () => {})
  const logger: Logger = pino({ level, base: null }, stderr)
  return logger
}
