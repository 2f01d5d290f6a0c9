import { hash } from 'node:crypto'
import {
  canonicalJson,
  type JournalRecord,
  type LogRecord,
  type MemoryRecord,
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
  /** What it has written to memory. */
  readonly memories: readonly MemoryRecord[]
  readonly settlement: SettleRecord
  /** What its settlement published. */
  readonly messages: readonly Message[]
}

/** Where two conducts differ. `expected` and `actual` are text or plain data. */
export interface Difference {
  readonly what: string
  readonly expected: unknown
  readonly actual: unknown
}

/** What a handler asked for: a step, or to ask somebody, which is one too. */
export type Call = Pick<StepRecord, 'stepKind' | 'name' | 'request'>

/** A step as it is compared, and as a person reads it. */
export function shownStep({ stepKind, name, request }: Call, runId: string): string {
  return `${stepKind} '${name}' ${canonicalJson(request, runId)}`
}

/** The steps of an attempt that its handler itself asked for, by number; of a settled one, up to its end. */
export function callsOf(
  records: readonly JournalRecord[],
  at: Pick<SettleRecord, 'messageId' | 'attempt'> & { readonly seq?: number },
): ReadonlyMap<number, Call> {
  const { messageId, attempt, seq = Number.POSITIVE_INFINITY } = at
  const calls = new Map<number, Call>()
  for (const record of records) {
    if (record.seq > seq) continue
    if (record.kind === 'message') {
      const { asked, message } = record
      if (asked?.attempt !== attempt || message.causationId !== messageId) continue
      calls.set(asked.step, askCall(message))
    } else if (record.kind === 'step' && record.outcome.type !== 'intent') {
      const [number, nested] = record.step
      if (record.messageId !== messageId || record.attempt !== attempt) continue
      if (number !== undefined && nested === undefined) calls.set(number, record)
    }
  }
  return calls
}

/** Asking somebody, as a step. */
export function askCall({ to, type, data }: Pick<Message, 'to' | 'type' | 'data'>): Call {
  return { stepKind: 'ask', name: type, request: { to, type, data } }
}

/** What a settlement published, in its order. */
export function publishedBy(
  { published }: SettleRecord,
  records: readonly JournalRecord[],
): readonly Message[] {
  return published.flatMap((id) =>
    records.flatMap((record) =>
      record.kind === 'message' && record.message.id === id ? record.message : [],
    ),
  )
}

/** The first difference between what an attempt did and what it did again; `undefined` where there is none. */
export function firstDifference(before: Conduct, again: Conduct): Difference | undefined {
  const { runId } = before.settlement
  return (
    stepDifference(before, again.steps) ??
    logDifference(before.logs, again.logs, runId) ??
    memoryDifference(before.memories, again.memories, runId) ??
    compare('it ends differently', endOf(before, runId), endOf(again, runId)) ??
    messagesDifference(before.messages, again.messages, runId)
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

function memoryDifference(
  before: readonly MemoryRecord[],
  again: readonly MemoryRecord[],
  runId: string,
): Difference | undefined {
  const entries = (memories: readonly MemoryRecord[]) =>
    memories.map(({ key, value }) => ({ key, value }))
  return compare('it writes something else to memory', entries(before), entries(again), runId)
}

function messagesDifference(
  before: readonly Message[],
  again: readonly Message[],
  runId: string,
): Difference | undefined {
  for (const [index, message] of before.entries()) {
    const other = again[index]
    if (other === undefined) continue
    const which =
      before.length === 1
        ? message.type
        : `${message.type} to '${message.to}' (branch ${index + 1})`
    const difference =
      compare(`the line of ${which} differs`, message.content, other.content, runId) ??
      compare(`the metadata of ${which} differs`, message.metadata, other.metadata, runId) ??
      compare(`the data of ${which} differs`, message.data, other.data, runId)
    if (difference !== undefined) return difference
  }
  return undefined
}

function endOf({ settlement, messages }: Conduct, runId: string): string {
  const { outcome, error, fanOut } = settlement
  if (outcome !== 'done') return `fails with ${error?.code}: ${error?.message}`
  if (fanOut !== undefined) {
    const branches = messages.map(({ to, type }) => `${type} to '${to}'`).join(', ')
    const policy = canonicalJson(fanOut.policy)
    return `fans out ${branches || 'to nobody'}, joined as ${fanOut.join} at '${fanOut.to}' (${policy})`
  }
  const [message] = messages
  if (message === undefined) return 'hands nothing off'
  const { id, to, type } = message
  return `hands ${type} to '${to}' as ${canonicalJson(id, runId)}`
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
