import { type JournalRecord, Secret } from '@nanoagent/bus'
import { withSecrets } from '../report/with-secrets.ts'
import type { Paint } from '../screen/paint.ts'
import { firstCharacters, oneLine } from '../screen/printable.ts'

/** Longest value that is shown of arguments and results. */
const MOST_SHOWN = 120

/** The call of a tool and its result, a line each, once it has one; nothing for any other record. */
export function toolLines(record: JournalRecord, paint: Paint): readonly string[] {
  if (record.kind !== 'step' || record.stepKind !== 'tool') return []
  const { name, request, outcome } = record
  if (outcome.type === 'intent') return []
  const call = `🔧 ${paint('cyan', oneLine(name))}(${entries(request)})`
  const result =
    outcome.type === 'response'
      ? `→ ${shown(outcome.response)}`
      : `${paint('red', '✗')} ${oneLine(outcome.error.message)}`
  return [`  ${call}`, `     ${paint('dim', result)}`]
}

/** The same call for `--json`, with masks in place of secrets. */
export function chatReport(record: JournalRecord): readonly object[] {
  if (record.kind !== 'step' || record.stepKind !== 'tool') return []
  const { name, request, outcome } = record
  if (outcome.type === 'intent') return []
  return [
    {
      name,
      arguments: masked(request),
      ...(outcome.type === 'response'
        ? { result: masked(outcome.response) }
        : { error: outcome.error.message }),
    },
  ]
}

function masked(value: unknown): unknown {
  return withSecrets(value, (secret) => secret.mask())
}

/** `length: 20, kind: password`; what is empty or off is left out. */
function entries(value: unknown): string {
  if (typeof value !== 'object' || value === null) return shown(value)
  return Object.entries(value)
    .filter(([, entry]) => entry !== '' && entry !== false && !isEmpty(entry))
    .map(([key, entry]) => `${oneLine(key)}: ${shown(entry)}`)
    .join(', ')
}

function isEmpty(value: unknown): boolean {
  return Array.isArray(value) && value.length === 0
}

/** Secrets as masks, lists of them one after the other, anything else as short JSON. */
function shown(value: unknown): string {
  if (value instanceof Secret) return value.mask()
  if (typeof value === 'string') return cut(oneLine(value))
  if (Array.isArray(value)) return value.map(shown).join(', ')
  if (typeof value !== 'object' || value === null) return String(value)
  const { strength, score, verdict } = Object.fromEntries(Object.entries(value))
  if (verdict !== undefined) return `${verdict}: ${strength}, ${score}/5`
  return cut(Object.values(value).map(shown).join(', '))
}

function cut(text: string): string {
  const first = firstCharacters(text, MOST_SHOWN)
  return first === text ? text : `${first}…`
}
