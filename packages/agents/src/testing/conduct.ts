import { hash } from 'node:crypto'
import {
  canonicalJson,
  type JournalRecord,
  type LogRecord,
  type Message,
  Secret,
  type SettleRecord,
  type StepRecord,
} from '@nanoagent/bus'

/** What can be seen of one attempt: what it asked for, what it wrote, how it ended. */
export interface Conduct {
  /** Its steps by number; those inside other steps are theirs. */
  readonly steps: ReadonlyMap<number, string>
  readonly logs: readonly LogRecord[]
  readonly settlement: SettleRecord
  /** What it published. */
  readonly message: Message | undefined
}

/** Where two conducts differ. `expected` and `actual` are text or plain data. */
export interface Difference {
  readonly what: string
  readonly expected: unknown
  readonly actual: unknown
}

/** A step as it is compared, and as a person reads it. */
export function shownStep(
  { stepKind, name, request }: Pick<StepRecord, 'stepKind' | 'name' | 'request'>,
  runId: string,
): string {
  return `${stepKind} '${name}' ${canonicalJson(request, runId)}`
}

/** The steps of a settled attempt that the handler itself asked for, by number. */
export function stepsOf(
  records: readonly JournalRecord[],
  { messageId, attempt, seq }: SettleRecord & { readonly seq: number },
): ReadonlyMap<number, StepRecord> {
  const steps = new Map<number, StepRecord>()
  for (const record of records) {
    if (record.kind !== 'step' || record.seq > seq || record.outcome.type === 'intent') continue
    const [number, nested] = record.step
    if (record.messageId !== messageId || record.attempt !== attempt) continue
    if (number !== undefined && nested === undefined) steps.set(number, record)
  }
  return steps
}

/** The first difference between what an attempt did and what it did again; `undefined` where there is none. */
export function firstDifference(before: Conduct, again: Conduct): Difference | undefined {
  const { runId } = before.settlement
  return (
    stepDifference(before, again.steps) ??
    logDifference(before.logs, again.logs, runId) ??
    compare('it ends differently', endOf(before, runId), endOf(again, runId)) ??
    messageDifference(before.message, again.message, runId)
  )
}

function stepDifference(
  { steps, settlement }: Conduct,
  again: ReadonlyMap<number, string>,
): Difference | undefined {
  const last = Math.max(0, ...steps.keys(), ...again.keys())
  for (let number = 1; number <= last; number++) {
    const [expected, actual] = [steps.get(number), again.get(number)]
    // A handler that fails may leave steps under way, which have no record then.
    if (expected === actual || (expected === undefined && settlement.outcome === 'dead')) continue
    const what =
      expected === undefined
        ? `step ${number} is not in the record: it is new, or was not awaited`
        : actual === undefined
          ? `step ${number} is not asked for again`
          : `step ${number} asks for something else`
    return { what, expected: expected ?? 'no step', actual: actual ?? 'no step' }
  }
  return undefined
}

function logDifference(
  before: readonly LogRecord[],
  again: readonly LogRecord[],
  runId: string,
): Difference | undefined {
  const lineOf = (line: LogRecord | undefined) =>
    line === undefined ? 'no line' : { text: line.text, data: line.data }
  for (let index = 0; index < Math.max(before.length, again.length); index++) {
    const difference = compare(
      `line ${index + 1} of its log differs`,
      lineOf(before[index]),
      lineOf(again[index]),
      runId,
    )
    if (difference !== undefined) return difference
  }
  return undefined
}

function messageDifference(
  before: Message | undefined,
  again: Message | undefined,
  runId: string,
): Difference | undefined {
  if (before === undefined || again === undefined) return undefined
  return (
    compare(`the line of ${before.type} differs`, before.content, again.content, runId) ??
    compare(`the metadata of ${before.type} differs`, before.metadata, again.metadata, runId) ??
    compare(`the data of ${before.type} differs`, before.data, again.data, runId)
  )
}

function endOf({ settlement, message }: Conduct, runId: string): string {
  const { outcome, error } = settlement
  if (outcome !== 'done') return `fails with ${error?.code}: ${error?.message}`
  return message === undefined
    ? 'hands nothing off'
    : `hands ${message.type} to '${message.to}' as ${canonicalJson(message.id, runId)}`
}

function compare(
  what: string,
  expected: unknown,
  actual: unknown,
  runId?: string,
): Difference | undefined {
  const [before, again] = [canonicalJson(expected, runId), canonicalJson(actual, runId)]
  if (before !== again) return { what, expected: JSON.parse(before), actual: JSON.parse(again) }
  // Equal handles say where a secret is from, not what it is.
  if (valuesOf(expected) === valuesOf(actual)) return undefined
  return { what: `${what} in the value of a secret`, expected: before, actual: again }
}

function valuesOf(data: unknown): string {
  if (data instanceof Secret) return hash('sha256', `${data.handle} ${data.reveal()}`)
  if (typeof data !== 'object' || data === null) return ''
  return Object.values(data).map(valuesOf).join('')
}
