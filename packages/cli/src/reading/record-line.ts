import type {
  ErrorRecord,
  JournalRecord,
  MessageRecord,
  RunEndedRecord,
  SettleRecord,
  StepRecord,
} from '@nanoagent/bus'
import { logLine } from '../report/log-line.ts'
import { tidied, unended } from '../report/plain-words.ts'
import { seconds } from '../report/seconds.ts'
import type { Paint } from '../screen/paint.ts'
import { oneLine } from '../screen/printable.ts'
import { pathOf } from './message-path.ts'
import { countText, inItsColour, statusText, usageText } from './words.ts'

/** The message that a record is about, by its path; empty where it is about its run. */
export function subjectOf(record: JournalRecord): string {
  if (record.kind === 'message') return pathOf(record.message.id)
  return 'messageId' in record ? pathOf(record.messageId) : ''
}

/** What a record tells, in one line that begins with the role whose doing it is. */
export function recordLine(record: JournalRecord, role: string, paint: Paint): string {
  const by = (words: string) => `${paint('bold', oneLine(role))} ${words}`
  switch (record.kind) {
    case 'run.opened': {
      const { team } = record.about
      return `run opened${typeof team === 'string' ? ` by team ${oneLine(team)}` : ''}`
    }
    case 'run.reopened':
      return `run goes on, ${oneLine(unended(tidied(record.reason)))}`
    case 'run.ended':
      return endLine(record, paint)
    case 'message':
      return by(messageWords(record, paint))
    case 'start':
      return by(`begins attempt ${record.attempt} again`)
    case 'step':
      return by(stepWords(record, paint))
    case 'settle':
      return by(settleWords(record, paint))
    case 'log':
      return by(
        paint(
          'dim',
          logLine(record, ({ handle }) => handle),
        ),
      )
    case 'memory':
      return by(`${record.value === undefined ? 'forgot' : 'remembers'} ${oneLine(record.key)}`)
  }
}

function endLine({ status, reason, usage }: RunEndedRecord, paint: Paint): string {
  const used = usageText(usage)
  const why = reason === undefined ? '' : `: ${oneLine(tidied(reason))}`
  return `run ${inItsColour(paint, statusText(status))}${why}${used === '' ? '' : ` (${used})`}`
}

function messageWords({ message, asked, joined }: MessageRecord, paint: Paint): string {
  const { to, type, content } = message
  const way = asked !== undefined ? 'asks' : joined !== undefined ? 'joins for' : '→'
  return `${way} ${paint('bold', oneLine(to))} ${oneLine(type)}  ${oneLine(content)}`.trimEnd()
}

function stepWords(record: StepRecord, paint: Paint): string {
  const { stepKind, name, outcome, startedAt, at, usage, idempotencyKey } = record
  const what = `${stepKind === 'effect' ? 'step' : stepKind} ${oneLine(name)}`
  if (outcome.type === 'intent') {
    return idempotencyKey === undefined ? `leaves ${what} without an end` : `begins ${what}, once`
  }
  const took = seconds(at - startedAt)
  if (outcome.type === 'error') {
    return `${what} ${paint('red', 'failed')} after ${took}${because(outcome.error)}`
  }
  const tokens = usage === undefined ? 0 : usage.inputTokens + usage.outputTokens
  return `${what} in ${took}${tokens === 0 ? '' : `, ${countText(tokens, 'token')}`}`
}

function settleWords(record: SettleRecord, paint: Paint): string {
  const { outcome, attempt, startedAt, at, retryAt, error } = record
  const took = startedAt === undefined ? '' : ` in ${seconds(at - startedAt)}`
  switch (outcome) {
    case 'done':
      return `${paint('green', 'done')}${took}`
    case 'failed': {
      const wait = seconds((retryAt ?? at) - at)
      return `${paint('yellow', `attempt ${attempt} failed`)}${took}${because(error)}; again in ${wait}`
    }
    case 'dead':
      return `${paint('red', 'gave up')} at attempt ${attempt}${because(error)}`
    case 'cancelled':
      return `cancelled${because(error)}`
  }
}

function because(error: ErrorRecord | undefined): string {
  return error === undefined ? '' : `: ${oneLine(unended(tidied(error.message)))}`
}
