import { z } from 'zod'
import type { DeepReadonly } from './data.ts'
import { NewerVersionError } from './errors.ts'
import { isRunId } from './paths.ts'
import { type JournalRecord, RECORD_VERSION, type RecordDraft, type RunStatus } from './records.ts'

const text = z.string()
const id = z.string().min(1)
/** Epoch milliseconds of a date. */
const time = z.number().min(-8.64e15).max(8.64e15)
const count = z.int().min(0)
const number = z.int().min(1)
/** Data that whoever reads the record has checked already: JSON and secrets, frozen. */
const data = z.custom<DeepReadonly<unknown>>((value) => value !== undefined)
const entries = z.custom<DeepReadonly<Record<string, unknown>>>(
  (value) => typeof value === 'object' && value !== null && !Array.isArray(value),
  { error: 'expected an object' },
)

const runId = z.string().refine(isRunId, { error: 'expected 1 to 64 letters, digits, _ or -' })

const limits = z.strictObject({
  maxHops: number,
  timeoutMs: z.exactOptional(z.number().positive()),
  maxTokens: z.exactOptional(number),
})

const error = z.strictObject({ name: text, code: text, message: text })

const policy = z.union([z.literal(['all', 'all-settled']), z.strictObject({ first: number })])

const message = z.strictObject({
  id,
  runId,
  type: id,
  from: id,
  to: id,
  causationId: z.exactOptional(id),
  sentAt: time,
  content: text,
  data,
  metadata: z.record(text, text),
})

const outcome = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('intent') }),
  z.strictObject({ type: z.literal('response'), response: z.unknown().optional() }),
  z.strictObject({ type: z.literal('error'), error, terminal: z.boolean() }),
])

const tokens = { inputTokens: count, outputTokens: count }

/** How a run can end. */
export const RUN_STATUSES = [
  'completed',
  'failed',
  'cancelled',
  'timed_out',
  'budget_exhausted',
  'stalled',
] as const satisfies readonly RunStatus[]

/** Records of every kind, each with these entries more. */
function recordsWith<More extends z.core.$ZodLooseShape>(more: More) {
  const inRun = { runId, at: time, ...more }
  const inAttempt = { ...inRun, messageId: id, attempt: number }
  return z.discriminatedUnion('kind', [
    z.strictObject({
      kind: z.literal('run.opened'),
      version: z.int().min(1).max(RECORD_VERSION),
      ...inRun,
      terminal: id,
      limits,
      seed: z.number(),
      thread: z.exactOptional(id),
      forkedFrom: z.exactOptional(
        z.strictObject({
          runId,
          messageId: id,
          memory: z.exactOptional(z.strictObject({ thread: id, until: time })),
        }),
      ),
      about: entries,
    }),
    z.strictObject({
      kind: z.literal('message'),
      ...inRun,
      message,
      original: z.exactOptional(data),
      asked: z.exactOptional(z.strictObject({ attempt: number, step: number })),
      joined: z.exactOptional(z.array(id)),
      copies: z.exactOptional(z.array(id)),
    }),
    z.strictObject({
      kind: z.literal('start'),
      ...inAttempt,
      start: z.int().min(2),
      excused: z.exactOptional(count),
    }),
    z.strictObject({
      kind: z.literal('step'),
      ...inAttempt,
      step: z.array(number).min(1),
      stepKind: z.literal(['model', 'tool', 'ask', 'memory', 'effect']),
      name: text,
      request: data,
      startedAt: time,
      outcome,
      idempotencyKey: z.exactOptional(id),
      usage: z.exactOptional(z.strictObject(tokens)),
    }),
    z.strictObject({
      kind: z.literal('settle'),
      ...inAttempt,
      role: id,
      outcome: z.literal(['done', 'failed', 'dead', 'cancelled']),
      startedAt: z.exactOptional(time),
      published: z.array(id),
      fanOut: z.exactOptional(z.strictObject({ to: id, join: id, types: z.array(id), policy })),
      reason: z.exactOptional(
        z.literal([
          'exhausted',
          'terminal',
          'unaddressed',
          'unreadable',
          'outcome_unknown',
          'crashed',
        ]),
      ),
      error: z.exactOptional(error),
      retryAt: z.exactOptional(time),
    }),
    z.strictObject({
      kind: z.literal('memory'),
      ...inAttempt,
      id,
      role: id,
      thread: z.exactOptional(id),
      key: text,
      value: z.exactOptional(data),
    }),
    z.strictObject({
      kind: z.literal('log'),
      ...inAttempt,
      role: id,
      number,
      text,
      data: entries,
    }),
    z.strictObject({
      kind: z.literal('run.reopened'),
      ...inRun,
      reason: text,
      limits,
      revived: z.array(id),
    }),
    z.strictObject({
      kind: z.literal('run.ended'),
      ...inRun,
      status: z.literal(RUN_STATUSES),
      reason: z.exactOptional(text),
      usage: z.strictObject({ ...tokens, modelCalls: count, toolCalls: count }),
    }),
  ])
}

/**
 * A record as it is written in format version 1, without its number. An entry that this version does not
 * know is refused, so that nothing is half read.
 */
export function recordSchema(): z.ZodType<RecordDraft> {
  drafts ??= recordsWith({})
  return drafts
}

/** The same with its number. */
export function numberedRecordSchema(): z.ZodType<JournalRecord> {
  numbered ??= recordsWith({ seq: number })
  return numbered
}

// Made when something is read: it takes milliseconds, which whoever only writes need not wait for.
let drafts: z.ZodType<RecordDraft> | undefined
let numbered: z.ZodType<JournalRecord> | undefined

/** Throws a `NewerVersionError` where it opens a run in a format that this version does not know. */
export function assertKnownVersion(record: unknown): void {
  if (typeof record !== 'object' || record === null || !('kind' in record)) return
  if (record.kind !== 'run.opened' || !('version' in record)) return
  const { version } = record
  if (typeof version !== 'number' || version <= RECORD_VERSION) return
  throw new NewerVersionError(
    'runId' in record ? String(record.runId) : '',
    version,
    RECORD_VERSION,
  )
}
