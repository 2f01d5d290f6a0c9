import { type LogRecord, Secret } from '@nanoagent/bus'
import { oneLine } from '../screen/printable.ts'

/** A log record as a line: each `{name}` that its data has is replaced, and secrets are masked. */
export function logLine({ text, data }: Pick<LogRecord, 'text' | 'data'>): string {
  const filled = text.replace(/\{(\w+)\}/g, (placeholder, name: string) =>
    Object.hasOwn(data, name) ? shown(data[name]) : placeholder,
  )
  return oneLine(filled)
}

function shown(value: unknown): string {
  if (typeof value === 'string') return value
  if (value instanceof Secret) return value.mask()
  if (Array.isArray(value) && value.some((entry) => entry instanceof Secret)) {
    return value.map(shown).join(', ')
  }
  return JSON.stringify(value) ?? ''
}
