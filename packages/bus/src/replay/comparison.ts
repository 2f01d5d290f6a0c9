import type { Way } from '../attempt.ts'
import { handoffLine, type Message, type MessageDraft } from '../message.ts'
import type { ErrorRecord, LogRecord, MemoryRecord } from '../records.ts'
import { redact, Secret } from '../secret.ts'
import { type Divergence, type FieldDifference, fieldDifferences } from './divergence.ts'
import type { RecordedAttempt, RecordedRun, RecordedStep } from './recorded-run.ts'
import type { ReplayedCall } from './replay-steps.ts'

/** How an attempt ended that was made again. */
export type ReplayedEnd =
  | { readonly outcome: 'done' }
  | { readonly outcome: 'dead'; readonly reason: string; readonly error: ErrorRecord }

/** What an attempt leaves behind when its handler has succeeded. */
export interface ReplayedWork {
  readonly way: Way | undefined
  readonly written: Iterable<MemoryRecord>
}

interface Pair {
  readonly expected?: unknown
  readonly actual?: unknown
}

type Place = Pick<Divergence, 'seq' | 'number'>

/** Holds what an attempt does, as it comes, against what was recorded of it. Keeps the first difference. */
export class Comparison {
  /** Where it first does something else. */
  found: Divergence | undefined
  readonly #run: RecordedRun
  readonly #recorded: RecordedAttempt
  readonly #role: string
  #lines = 0
  /** The number of the latest record that was as expected. */
  #seq = 0

  constructor(run: RecordedRun, recorded: RecordedAttempt) {
    this.#run = run
    this.#recorded = recorded
    this.#role = recorded.listener ?? recorded.message.to
  }

  /** The handler asks for a step. */
  call(call: ReplayedCall, recorded: RecordedStep | undefined): void {
    const seq = recorded?.seq ?? this.#seq
    this.#compare(
      'step',
      { seq, number: call.number },
      {
        expected: recorded && recordedCall(recorded),
        actual: shownCall(call),
      },
    )
  }

  /** The handler writes a line. */
  line(line: LogRecord): void {
    const number = ++this.#lines
    const recorded = this.#recorded.logs[number - 1]
    this.#compare(
      'log',
      { seq: recorded?.seq ?? this.#seq, number },
      {
        expected: recorded && shownLine(recorded),
        actual: shownLine(line),
      },
    )
  }

  /** The handler has ended, without having asked for these steps; `undefined` where it does not end. */
  end(end: ReplayedEnd | undefined, unasked: readonly RecordedStep[], work: ReplayedWork): void {
    const { settlement, logs } = this.#recorded
    const { seq, outcome, reason, error } = settlement
    const recorded = outcome === 'done' ? { outcome } : { outcome, reason, error }
    if (end !== undefined) this.#compare('end', { seq }, { expected: recorded, actual: end })
    for (const step of unasked) {
      const [number = 0] = step.record.step
      this.#compare('step', { seq: step.seq, number }, { expected: recordedCall(step) })
    }
    if (end === undefined) this.#compare('end', { seq }, { expected: recorded })
    for (const line of logs.slice(this.#lines)) {
      this.#compare('log', { seq: line.seq, number: line.number }, { expected: shownLine(line) })
    }
    if (end?.outcome === 'done') this.#compareWork(work)
  }

  #compareWork({ way, written }: ReplayedWork): void {
    const { memories, settlement } = this.#recorded
    const { seq, published, fanOut } = settlement
    const now = [...written]
    for (let at = 0; at < Math.max(memories.length, now.length); at++) {
      const [before, after] = [memories[at], now[at]]
      this.#compare('memory', { seq, number: at + 1 }, shownMemories(before, after))
    }
    const drafts = way === undefined ? [] : way.kind === 'fan-out' ? way.drafts : [way.draft]
    for (let at = 0; at < Math.max(published.length, drafts.length); at++) {
      const message = this.#run.past.get(published[at] ?? '')
      const draft = drafts[at]
      this.#compare(
        'message',
        { seq, number: at + 1 },
        {
          expected: message && shownMessage(message),
          actual: draft && shownMessage(draft),
        },
      )
    }
    this.#compare(
      'message',
      { seq },
      {
        expected: { fanOut: fanOut ?? null },
        actual: { fanOut: way?.kind === 'fan-out' ? way.fanOut : null },
      },
    )
  }

  #compare(what: Divergence['what'], place: Place, pair: Pair): void {
    if (this.found !== undefined) return
    const { expected, actual } = pair
    const both = expected !== undefined && actual !== undefined
    const differences = both ? this.#differences(expected, actual) : []
    if (both && differences.length === 0) {
      this.#seq = Math.max(this.#seq, place.seq)
      return
    }
    const { deliveryId, attempt, message } = this.#recorded
    const how = expected === undefined ? 'added' : actual === undefined ? 'missing' : 'changed'
    const at = { deliveryId, type: message.type, role: this.#role, attempt }
    this.found = { ...at, what, how, ...place, ...pair, differences }
  }

  /** What was redacted is redacted by what was secret then; more may have become secret since. */
  #differences(expected: unknown, actual: unknown): readonly FieldDifference[] {
    const { runId } = this.#run.opening
    const found = fieldDifferences(expected, actual, runId)
    if (found.length === 0) return found
    const { all } = this.#run.secrets
    const isSame =
      fieldDifferences(redacted(expected, all), redacted(actual, all), runId).length === 0
    return isSame ? [] : found
  }
}

function redacted(value: unknown, secrets: Iterable<Secret>): unknown {
  if (typeof value === 'string') return redact(value, secrets)
  if (typeof value !== 'object' || value === null || value instanceof Secret) return value
  if (Array.isArray(value)) return value.map((part) => redacted(part, secrets))
  return Object.fromEntries(
    Object.entries(value).map(([key, part]) => [key, redacted(part, secrets)]),
  )
}

function shownCall({ stepKind, name, request, draft }: ReplayedCall): unknown {
  return draft === undefined ? { stepKind, name, request } : { stepKind, ...shownMessage(draft) }
}

function recordedCall({ record, asked }: RecordedStep): unknown {
  const { stepKind, name, request } = record
  return asked === undefined ? { stepKind, name, request } : { stepKind, ...shownMessage(asked) }
}

/** A message as it is, or would be, published. */
function shownMessage({ id, to, type, content, data, metadata }: Message | MessageDraft) {
  return { id, to, type, content: content ?? handoffLine(to), metadata, data }
}

function shownLine({ text, data }: LogRecord): unknown {
  return { text, data }
}

/** Of what is forgotten nobody knows the value. */
function shownMemories(before: MemoryRecord | undefined, after: MemoryRecord | undefined): Pair {
  const isForgotten = before !== undefined && before.value === undefined
  const shown = ({ id, key, value }: MemoryRecord) =>
    isForgotten ? { id, key } : { id, key, value }
  return { expected: before && shown(before), actual: after && shown(after) }
}
