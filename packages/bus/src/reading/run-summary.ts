import { teamOf } from '../journals/run-entry.ts'
import type { Message } from '../message.ts'
import type { ForkOrigin, JournalRecord, RunStatus, Usage } from '../records.ts'
import { Secret } from '../secret.ts'
import { usageOf } from '../usage-count.ts'

/** A run in short. */
export interface RunSummary {
  readonly runId: string
  /** Epoch milliseconds. */
  readonly openedAt: number
  readonly status: RunStatus | 'open'
  /** Why, for every status but `completed` and `open`. */
  readonly reason?: string
  /** When it ended, in epoch milliseconds; absent while it is open. */
  readonly endedAt?: number
  /** From the opening to the end, in milliseconds; time in which nobody owned the run counts. */
  readonly durationMs?: number
  /** The name of the team that it is of; absent where the record that opened it names none. */
  readonly team?: string
  readonly thread?: string
  /** The run that it was made from, and the message there from which on it went its own way. */
  readonly forkedFrom?: Pick<ForkOrigin, 'runId' | 'messageId'>
  /**
   * What the terminal message says, by a rule for all teams: its field `verdict` where that is a text,
   * else `PASS` or `FAIL` where its field `passed` is true or false. Absent where it says neither.
   */
  readonly verdict?: string
  /** What it used; of an open run what it has used so far, absent in listings. */
  readonly usage?: Usage
  /**
   * What was asked, in one line: the first text in the root message's data, its `content` where there is
   * none. Absent where nothing of the run but its opening is known.
   */
  readonly request?: string
}

/** Sums up a run from its records in journal order; `undefined` where the first does not open one. */
export function summaryOf(records: readonly JournalRecord[]): RunSummary | undefined {
  const summary = summaryOfEnds(records)
  if (summary === undefined || summary.status !== 'open') return summary
  return { ...summary, usage: usageOf(records.filter((record) => record.kind === 'step')) }
}

/** The same from the first and the last two records of a run: of an open one without its usage. */
export function summaryOfEnds(records: readonly JournalRecord[]): RunSummary | undefined {
  const [opened] = records
  if (opened?.kind !== 'run.opened') return undefined
  const { runId, at: openedAt, thread, forkedFrom } = opened
  const team = teamOf(opened)
  const root = rootIn(records)
  return {
    runId,
    openedAt,
    ...endOf(records, openedAt),
    ...(team === undefined ? {} : { team }),
    ...(thread === undefined ? {} : { thread }),
    ...(forkedFrom === undefined
      ? {}
      : { forkedFrom: { runId: forkedFrom.runId, messageId: forkedFrom.messageId } }),
    ...(root === undefined ? {} : { request: requestText(root) }),
  }
}

/** The message that opened the run. */
export function rootIn(records: readonly JournalRecord[]): Message | undefined {
  for (const record of records) {
    if (record.kind === 'message' && record.message.causationId === undefined) return record.message
  }
  return undefined
}

function endOf(
  records: readonly JournalRecord[],
  openedAt: number,
): Pick<RunSummary, 'status' | 'reason' | 'endedAt' | 'durationMs' | 'verdict' | 'usage'> {
  const ended = records.at(-1)
  if (ended?.kind !== 'run.ended') return { status: 'open' }
  const { status, reason, at: endedAt, usage } = ended
  // It is in the same append, right before the end that it brings about.
  const terminal = status === 'completed' ? records.at(-2) : undefined
  const verdict = terminal?.kind === 'message' ? verdictIn(terminal.message.data) : undefined
  return {
    status,
    ...(reason === undefined ? {} : { reason }),
    endedAt,
    durationMs: endedAt - openedAt,
    ...(verdict === undefined ? {} : { verdict }),
    usage,
  }
}

function verdictIn(data: unknown): string | undefined {
  if (typeof data !== 'object' || data === null) return undefined
  if ('verdict' in data && typeof data.verdict === 'string') return inOneLine(data.verdict)
  if ('passed' in data && typeof data.passed === 'boolean') return data.passed ? 'PASS' : 'FAIL'
  return undefined
}

function requestText({ data, content }: Message): string {
  return inOneLine(firstText(data) ?? content)
}

function firstText(value: unknown): string | undefined {
  if (typeof value === 'string') return value.trim() === '' ? undefined : value
  if (typeof value !== 'object' || value === null || value instanceof Secret) return undefined
  for (const part of Object.values(value)) {
    const text = firstText(part)
    if (text !== undefined) return text
  }
  return undefined
}

function inOneLine(text: string): string {
  return text.replace(/[\s\p{Cc}]+/gu, ' ').trim()
}
