import { toErrorRecord, type Way } from '../attempt.ts'
import { OutcomeUnknownError, TerminalError } from '../errors.ts'
import { handoffLine, type Message, type MessageDraft } from '../message.ts'
import type { SettleRecord } from '../records.ts'
import type { Secret } from '../secret.ts'
import type { ReplayedEnd, ReplayedMessage } from './divergence.ts'

/** What an attempt would publish when its handler has succeeded. */
export function draftsOf(way: Way | undefined): readonly MessageDraft[] {
  if (way === undefined) return []
  return way.kind === 'fan-out' ? way.drafts : [way.draft]
}

/** A message that was published, as it is compared. */
export function shownMessage({ id, to, type, content, metadata, data }: Message): ReplayedMessage {
  return { id, to, type, content, metadata, data }
}

/** A message that would be published, as it is compared. */
export function shownDraft(
  { id, to, type, content, metadata, data }: MessageDraft,
  redacted: (text: string) => string,
): ReplayedMessage {
  const said = content === undefined ? handoffLine(to) : redacted(content)
  return { id, to, type, content: said, metadata, data }
}

/** How an attempt ends whose handler has thrown this. */
export function deadBy(
  error: unknown,
  secrets: Iterable<Secret>,
): ReplayedEnd & { readonly outcome: 'dead' } {
  const reason =
    error instanceof OutcomeUnknownError
      ? 'outcome_unknown'
      : error instanceof TerminalError
        ? 'terminal'
        : 'exhausted'
  return { outcome: 'dead', reason, error: toErrorRecord(error, secrets) }
}

/** An error with a code of its own is told by that: its text is for people, and may say where a model was. */
export function essence(end: ReplayedEnd | undefined): ReplayedEnd | undefined {
  if (end === undefined || end.outcome === 'done' || GENERAL_CODES.has(end.error.code)) return end
  return { ...end, error: { ...end.error, message: '' } }
}

/** Codes that say nothing of what has happened. */
const GENERAL_CODES: ReadonlySet<string> = new Set(['error', 'terminal'])

const NO_ERROR = { name: 'Error', code: 'error', message: '' }

/** How a recorded attempt has ended. */
export function endOf({
  outcome,
  reason = 'exhausted',
  error = NO_ERROR,
}: SettleRecord): ReplayedEnd {
  if (outcome === 'done') return { outcome }
  return outcome === 'failed' ? { outcome, error } : { outcome: 'dead', reason, error }
}
