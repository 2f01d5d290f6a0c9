import { pathInRun, runNamePattern } from '../paths.ts'
import type {
  ErrorRecord,
  JournalRecord,
  MessageRecord,
  RecordDraft,
  StepRecord,
} from '../records.ts'
import { Secret } from '../secret.ts'
import { keyInOther, type RecordedCall } from '../step-call.ts'

/** Moves JSON data with secrets from one run into another. */
export type Move = <T>(value: T) => T

/**
 * Moves data of one run into another: replaces what names the run in its texts and in the handles of its
 * secrets. What names it nowhere stays what it is; what is made anew is frozen.
 */
export function mover(from: string, to: string): Move {
  const pattern = runNamePattern(from)
  const inText = (text: string) => (text.includes(from) ? text.replace(pattern, to) : text)
  function move<T>(value: T): T
  function move(value: unknown): unknown {
    if (typeof value === 'string') return inText(value)
    if (typeof value !== 'object' || value === null) return value
    if (value instanceof Secret) {
      const handle = inText(value.handle)
      return handle === value.handle ? value : value.renamed(handle)
    }
    if (Array.isArray(value)) {
      const items = value.map((item: unknown) => move(item))
      return items.some((item, index) => item !== value[index]) ? Object.freeze(items) : value
    }
    const parts = Object.entries(value).map(([key, part]) => [key, part, move(part)] as const)
    if (parts.every(([, part, moved]) => part === moved)) return value
    return Object.freeze(Object.fromEntries(parts.map(([key, , moved]) => [key, moved])))
  }
  return move
}

/** The steps that a step is inside of, outermost first, as far as something is known of them. */
export type CallsAround = (step: StepRecord) => readonly RecordedCall[]

/** What the records of a run tell of the steps around each. */
export function callsAround(records: readonly JournalRecord[]): CallsAround {
  const steps = new Map<string, StepRecord>()
  const nameOf = ({ messageId, attempt }: StepRecord, numbers: readonly number[]) =>
    `${messageId}/${attempt} ${numbers.join('.')}`
  for (const record of records) {
    if (record.kind === 'step') steps.set(nameOf(record, record.step), record)
  }
  return (record) =>
    record.step.slice(1).flatMap((_number, depth) => {
      return steps.get(nameOf(record, record.step.slice(0, depth + 1))) ?? []
    })
}

/** The records of a run, or of its beginning, as those of another run. Nothing of them is in a thread there. */
export function recordsInRun(
  records: readonly JournalRecord[],
  runId: string,
): readonly RecordDraft[] {
  const move = mover(records[0]?.runId ?? runId, runId)
  const around = callsAround(records)
  return records.map((record) => movedRecord(record, runId, move, around))
}

/**
 * A record of one run as a record of another. Nothing of it is in a thread there. A `once` step keeps its
 * key where a step that it is inside of is unknown.
 */
export function movedRecord(
  { seq: _seq, ...record }: JournalRecord,
  runId: string,
  move: Move,
  around: CallsAround,
): RecordDraft {
  const path = (id: string) => pathInRun(id, runId)
  switch (record.kind) {
    case 'run.opened':
    case 'run.ended':
      return { ...record, runId }
    case 'run.reopened':
      return { ...record, runId, revived: record.revived.map(path) }
    case 'message':
      return movedMessage(record, runId, move)
    case 'start':
      return { ...record, runId, messageId: path(record.messageId) }
    case 'step': {
      const messageId = path(record.messageId)
      const { idempotencyKey } = record
      return {
        ...record,
        runId,
        messageId,
        request: move(record.request),
        outcome: move(record.outcome),
        ...(idempotencyKey === undefined
          ? {}
          : { idempotencyKey: keyInOther(idempotencyKey, record, around(record), messageId) }),
      }
    }
    case 'settle':
      return {
        ...record,
        runId,
        messageId: path(record.messageId),
        published: record.published.map(path),
        ...(record.error === undefined ? {} : { error: move<ErrorRecord>(record.error) }),
      }
    case 'memory': {
      const { thread: _thread, ...memory } = record
      const moved = { ...memory, runId, id: path(record.id), messageId: path(record.messageId) }
      return memory.value === undefined ? moved : { ...moved, value: move(memory.value) }
    }
    case 'log': {
      const { text, data } = record
      const messageId = path(record.messageId)
      return { ...record, runId, messageId, text: move(text), data: move(data) }
    }
  }
}

function movedMessage(
  record: Omit<MessageRecord, 'seq'>,
  runId: string,
  move: Move,
): MessageRecord {
  const { message, joined, original } = record
  const { id, causationId, content, data, metadata } = message
  const moved = Object.freeze({
    ...message,
    id: pathInRun(id, runId),
    runId,
    ...(causationId === undefined ? {} : { causationId: pathInRun(causationId, runId) }),
    content: move(content),
    data: move(data),
    metadata: move(metadata),
  })
  const copy: MessageRecord = {
    ...record,
    runId,
    message: moved,
    ...(original === undefined ? {} : { original: move(original) }),
  }
  return joined === undefined
    ? copy
    : { ...copy, joined: joined.map((input) => pathInRun(input, runId)) }
}
