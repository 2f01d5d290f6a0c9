import { type LogRecord, Secret } from '@nanoagent/bus'
import { oneLine } from '../screen/printable.ts'

/**
 * A log record as a line: each `{name}` that its data has is replaced. Secrets are masked, unless they
 * are to be shown otherwise.
 */
export function logLine(
  { text, data }: Pick<LogRecord, 'text' | 'data'>,
  show: (secret: Secret) => string = (secret) => secret.mask(),
): string {
  const filled = text.replace(/\{(\w+)\}/g, (placeholder, name: string) =>
    Object.hasOwn(data, name) ? shown(data[name], show) : placeholder,
  )
  return oneLine(filled)
}

function shown(value: unknown, show: (secret: Secret) => string): string {
  if (typeof value === 'string') return value
  if (value instanceof Secret) return show(value)
  if (Array.isArray(value) && value.some((entry) => entry instanceof Secret)) {
    return value.map((entry) => shown(entry, show)).join(', ')
  }
  return JSON.stringify(value) ?? ''
}
