import type { JournalRecord } from './records.ts'

/** What a bus needs of a logger; a pino logger is one. */
export interface Logger {
  trace(entry: object, text: string): void
  debug(entry: object, text: string): void
  info(entry: object, text: string): void
  warn(entry: object, text: string): void
  error(entry: object, text: string): void
}

/** The same logger, which disturbs nobody when it throws. */
export function harmless(logger: Logger): Logger {
  const at = (level: keyof Logger) => (entry: object, text: string) => {
    try {
      logger[level](entry, text)
    } catch {
      // There is nobody left to tell.
    }
  }
  return {
    trace: at('trace'),
    debug: at('debug'),
    info: at('info'),
    warn: at('warn'),
    error: at('error'),
  }
}

/**
 * Writes one log line for a record: ends of runs as info, failed attempts as warn, dead letters and
 * runs that did not complete as error, messages as debug, the rest as trace. Secrets are handles.
 */
export function logRecord(logger: Logger, record: JournalRecord): void {
  const { runId, seq } = record
  switch (record.kind) {
    case 'run.opened':
      logger.info({ runId, seq, limits: record.limits, about: record.about }, 'run opened')
      break
    case 'run.reopened':
      logger.info({ runId, seq, reason: record.reason }, 'run reopened')
      break
    case 'run.ended': {
      const { status, reason, usage } = record
      const level = status === 'completed' ? 'info' : 'error'
      logger[level]({ runId, seq, status, reason, usage }, 'run ended')
      break
    }
    case 'message': {
      const { id, type, from, to, content } = record.message
      logger.debug({ runId, seq, id, type, from, to }, content)
      break
    }
    case 'settle': {
      const { messageId, role, attempt, outcome, reason, error, retryAt } = record
      const entry = { runId, seq, messageId, role, attempt, outcome, reason, error, retryAt }
      if (outcome === 'done') logger.debug(entry, 'delivery done')
      else if (outcome === 'failed') logger.warn(entry, 'attempt failed')
      else if (outcome === 'cancelled') logger.debug(entry, 'delivery cancelled')
      else logger.error(entry, 'dead letter')
      break
    }
    case 'log': {
      const { messageId, role, text, data } = record
      logger.debug({ runId, seq, messageId, role, data }, text)
      break
    }
    default:
      logger.trace({ record }, record.kind)
  }
}
