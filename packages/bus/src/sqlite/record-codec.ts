import { assertKnownVersion, numberedRecordSchema } from '../record-schema.ts'
import type { JournalRecord, MemoryRecord, RecordDraft } from '../records.ts'
import {
  type Decoding,
  encode,
  isEntries,
  isPlain,
  mark,
  type Parts,
  revive,
  type Sealer,
  takeParts,
} from './codec.ts'

/** Characters of a batch from which on its steps are looked through for parts. */
const LARGE_BATCH = 2_048

const NO_PARTS: Parts = new Map()

/** A batch as it is stored. The values of memory records are left out: they are stored elsewhere. */
export interface EncodedBatch {
  readonly text: string
  readonly parts: Parts
}

/** Encodes a batch, whose records have no numbers yet. */
export function encodeBatch(batch: readonly RecordDraft[], sealer: Sealer): EncodedBatch {
  const stored = batch.some(isMemory) ? batch.map(withoutValue) : batch
  const text = JSON.stringify(stored)
  if (text.length < LARGE_BATCH) {
    return { text: isPlain(text) ? text : encode(stored, sealer), parts: NO_PARTS }
  }
  const parts = new Map<string, string>()
  const records = stored.map((record) => {
    const marked = mark(record, sealer)
    return record.kind === 'step' ? withoutParts(marked, parts) : marked
  })
  return { text: JSON.stringify(records), parts }
}

function isMemory(record: RecordDraft): record is MemoryRecord {
  return record.kind === 'memory'
}

/** The same record; of a memory, without its value. */
export function withoutValue(record: RecordDraft): RecordDraft {
  if (!isMemory(record)) return record
  const { value: _value, ...rest } = record
  return rest
}

function withoutParts(step: unknown, parts: Map<string, string>): unknown {
  if (!isEntries(step)) return step
  const { request, outcome } = step
  return { ...step, request: takeParts(request, parts), outcome: takeParts(outcome, parts) }
}

/** What decoding records needs. */
export interface RecordDecoding extends Decoding {
  /** The text of a memory's value; `undefined` where it is forgotten. */
  memoryValue(id: string): string | undefined
}

/**
 * The records of a batch, deeply frozen, the last one of this number. Throws a `SyntaxError` where they are
 * none, and a `NewerVersionError` where a newer version has written them.
 */
export function decodeBatch(
  text: string,
  lastSeq: number,
  decoding: RecordDecoding,
): readonly JournalRecord[] {
  const batch: unknown = JSON.parse(text)
  if (!Array.isArray(batch)) throw new SyntaxError('a batch is no array')
  const first = lastSeq - batch.length + 1
  return batch.map((record: unknown, index) => {
    if (!isEntries(record)) throw new SyntaxError(`record ${first + index} is no object`)
    const { kind, id } = record
    record.seq = first + index
    if (kind === 'memory' && typeof id === 'string') {
      const value = decoding.memoryValue(id)
      if (value !== undefined) record.value = JSON.parse(value)
    }
    return recordOf(revive(record, decoding))
  })
}

/** The memory record of two texts: all but the value, and the value. */
export function decodeMemory(
  record: string,
  value: string | undefined,
  seq: number,
  decoding: Decoding,
): MemoryRecord {
  const parsed: unknown = JSON.parse(record)
  if (!isEntries(parsed)) throw new SyntaxError('a memory is no object')
  parsed.seq = seq
  if (value !== undefined) parsed.value = JSON.parse(value)
  const memory = recordOf(revive(parsed, decoding))
  if (memory.kind !== 'memory') throw new SyntaxError(`a memory is a ${memory.kind}`)
  return memory
}

function recordOf(value: unknown): JournalRecord {
  assertKnownVersion(value)
  assertRecord(value)
  return value
}

/** The value itself is used, with its entries in their order. */
function assertRecord(value: unknown): asserts value is JournalRecord {
  const parsed = numberedRecordSchema().safeParse(value)
  if (parsed.success) return
  const [issue] = parsed.error.issues
  const seq = isEntries(value) ? value.seq : undefined
  throw new SyntaxError(`record ${String(seq)}: ${issue?.path.join('.')}: ${issue?.message}`)
}
