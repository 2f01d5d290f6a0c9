import type { InAttempt, JournalRecord, MessageRecord, SettleRecord } from '../../records.ts'
import type { Divergence } from '../../replay/divergence.ts'
import type { ReplayedDelivery } from '../../replay/replay.ts'
import type { Chance } from './chance.ts'

/** A run of which one record tells something else than was. */
export interface AlteredRun {
  readonly records: readonly JournalRecord[]
  /** What was altered, for people. */
  readonly what: string
  /** The attempt that a replay must find to be another one. */
  readonly attempt: ReplayedDelivery
  /** What of it may be the first that differs. */
  readonly differs: readonly Divergence['what'][]
}

type Part = 'request' | 'result' | 'line' | 'memory' | 'message' | 'end'

interface Altered extends Pick<AlteredRun, 'attempt' | 'differs'> {
  readonly at: number
  readonly record: JournalRecord
}

/**
 * Alters one part of a run, by chance, that a replay compares. `identical` are its attempts that a replay
 * has found to be the same. `undefined` where there is no such part.
 */
export function alterRun(
  records: readonly JournalRecord[],
  identical: readonly ReplayedDelivery[],
  chance: Chance,
): AlteredRun | undefined {
  const parts = alterations(records, identical)
  const part = [...parts.keys()][chance.below(parts.size)]
  const altered = part === undefined ? undefined : parts.get(part)
  const one = altered?.[chance.below(altered.length)]
  if (one === undefined) return undefined
  const { at, record, attempt, differs } = one
  return {
    records: records.with(at, record),
    what: `the ${part} in record ${record.seq}`,
    attempt,
    differs,
  }
}

function alterations(
  records: readonly JournalRecord[],
  identical: readonly ReplayedDelivery[],
): ReadonlyMap<Part, readonly Altered[]> {
  const attempts = new Map(
    identical.map((one) => [nameOf({ ...one, messageId: one.deliveryId }), one]),
  )
  const settlements = new Map<string, SettleRecord>()
  const publishers = new Map<string, SettleRecord>()
  for (const record of records) {
    if (record.kind !== 'settle') continue
    settlements.set(nameOf(record), record)
    for (const id of record.published) publishers.set(id, record)
  }
  const parts = new Map<Part, Altered[]>()
  for (const [at, record] of records.entries()) {
    const of = attemptOf(record, publishers)
    const attempt = of && attempts.get(nameOf(of))
    const settlement = of && settlements.get(nameOf(of))
    // However an attempt goes on that is in doubt, it ends by that.
    if (attempt === undefined || settlement?.reason === 'outcome_unknown') continue
    // One that was cancelled and then went on has another end.
    if (record.kind === 'settle' && record.seq !== attempt.seq) continue
    // What came after its end it did not get.
    if (record.kind === 'step' && record.seq > attempt.seq) continue
    const altered = alter(record, settlement)
    if (altered === undefined) continue
    const known = parts.get(altered.part) ?? []
    parts.set(altered.part, known)
    known.push({ at, attempt, record: altered.record, differs: altered.differs })
  }
  return parts
}

/** Whose record it is; `undefined` where no handler has made it. */
function attemptOf(
  record: JournalRecord,
  publishers: ReadonlyMap<string, SettleRecord>,
): Pick<InAttempt, 'messageId' | 'attempt'> | undefined {
  if (record.kind !== 'message') return 'messageId' in record ? record : undefined
  const { message, asked } = record
  return asked === undefined
    ? publishers.get(message.id)
    : { messageId: message.causationId ?? '', attempt: asked.attempt }
}

interface Other extends Pick<AlteredRun, 'differs'> {
  readonly part: Part
  readonly record: JournalRecord
}

/** Another record in the place of this one; `undefined` where a replay may not see the difference. */
function alter(record: JournalRecord, settlement: SettleRecord | undefined): Other | undefined {
  switch (record.kind) {
    case 'step': {
      const { step, outcome, idempotencyKey } = record
      if (step.length > 1 || outcome.type === 'intent') return undefined
      const { value } = outcome.type === 'response' ? fieldsOf(outcome.response) : {}
      // What a handler was told shows in what it publishes.
      const isShown = settlement?.outcome === 'done' && settlement.published.length > 0
      if (!isShown || typeof value !== 'number' || outcome.type !== 'response' || isEven(record)) {
        // The key of a `once` step is made of its request.
        if (idempotencyKey !== undefined) return undefined
        return {
          part: 'request',
          record: { ...record, request: ALTERED },
          differs: ['step'],
        }
      }
      const response = { ...fieldsOf(outcome.response), value: value + 1 }
      return {
        part: 'result',
        record: { ...record, outcome: { ...outcome, response } },
        differs: ['message'],
      }
    }
    case 'log':
      return { part: 'line', record: { ...record, text: ALTERED }, differs: ['log'] }
    case 'memory':
      return settlement?.outcome !== 'done' || record.value === undefined
        ? undefined
        : { part: 'memory', record: { ...record, value: ALTERED }, differs: ['memory'] }
    case 'message':
      return {
        part: 'message',
        record: alteredMessage(record),
        differs: [record.asked === undefined ? 'message' : 'step'],
      }
    case 'settle': {
      const { outcome, published } = record
      // Who has failed has published nothing.
      if (published.length > 0) return undefined
      const error = { name: 'Error', code: ALTERED, message: ALTERED }
      const end = outcome === 'done' ? ({ outcome: 'dead', reason: 'exhausted' } as const) : {}
      return { part: 'end', record: { ...record, ...end, error }, differs: ['end'] }
    }
    default:
      return undefined
  }
}

const ALTERED = 'altered'

/** A publisher is compared with what it has published itself, whatever a fork has made of it. */
function alteredMessage(record: MessageRecord & { readonly seq: number }): JournalRecord {
  const { message, original } = record
  if (original !== undefined)
    return { ...record, original: { ...fieldsOf(original), [ALTERED]: true } }
  return isEven(record)
    ? { ...record, message: { ...message, data: { ...fieldsOf(message.data), trail: -1 } } }
    : { ...record, message: { ...message, content: ALTERED } }
}

function isEven({ seq }: { readonly seq: number }): boolean {
  return seq % 2 === 0
}

function fieldsOf(data: unknown): Readonly<Record<string, unknown>> {
  return typeof data === 'object' && data !== null ? { ...data } : {}
}

function nameOf({ messageId, attempt }: Pick<InAttempt, 'messageId' | 'attempt'>): string {
  return `${messageId}/${attempt}`
}
