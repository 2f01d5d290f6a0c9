import { describe } from '../errors.ts'
import { checkBatch, type Settled } from '../journals/batch-rules.ts'
import { askPath, isMessagePath, messageOfDelivery, parseMessagePath } from '../paths.ts'
import type { RecordDraft } from '../records.ts'

/** Checks that records can follow each other in one run; holds its deliveries, and no record. */
export class RunCheck {
  readonly runId: string
  readonly #settled: Settled = new Map()
  #hasEnded = false
  #count = 0
  #isFork = false
  /** Whether it has gone on before. */
  #isBegun = false

  constructor(runId: string) {
    this.runId = runId
  }

  /** Whether a run is all here: one that is open has its first message at least. */
  get isWhole(): boolean {
    return this.#settled.size > 0
  }

  get hasEnded(): boolean {
    return this.#hasEnded
  }

  /** What is wrong with the next record; `undefined` where nothing is. */
  problemOf(record: RecordDraft): string | undefined {
    const problem = this.#misplaced(record) ?? strangerIn(record) ?? this.#uncaused(record)
    if (problem !== undefined) return problem
    this.#count++
    try {
      this.#hasEnded = checkBatch({ runId: this.runId, ended: this.#hasEnded }, this.#settled, [
        record,
      ])
      return undefined
    } catch (error) {
      return describe(error)
    }
  }

  #misplaced(record: RecordDraft): string | undefined {
    const isFirst = this.#count === 0
    if (record.kind === 'run.opened') this.#isFork = record.forkedFrom !== undefined
    if (isFirst !== (record.kind === 'run.opened')) {
      return `run ${this.runId} ${isFirst ? `begins with a ${record.kind}` : 'is opened twice'}`
    }
    if (this.#count === 1 && (record.kind !== 'message' || record.message.id !== this.runId)) {
      return `run ${this.runId} has no first message`
    }
    // A fork goes on with what it was served, once.
    const goesOn = this.#isFork && !this.#isBegun
    if (record.kind === 'run.reopened') this.#isBegun = true
    if (record.kind === 'run.reopened' && !this.#hasEnded && !goesOn) {
      return `run ${this.runId} goes on without having ended`
    }
    if ('messageId' in record && !this.#settled.has(record.messageId)) {
      return `${record.messageId} is no delivery of run ${this.runId} so far`
    }
    return undefined
  }

  /** A message comes from what its id says, and after that: so nothing can have led to itself. */
  #uncaused(record: RecordDraft): string | undefined {
    if (record.kind !== 'message') return undefined
    const { id, causationId } = record.message
    const end = id.lastIndexOf('.')
    const cause = end === -1 ? undefined : id.slice(0, end)
    if (causationId !== cause) {
      return `message ${id} cannot come from ${causationId ?? 'nothing'}, but from ${cause ?? 'nothing'}`
    }
    if (cause !== undefined && !this.#settled.has(cause)) {
      return `message ${id} comes before ${cause}, which has led to it`
    }
    const { asked } = record
    const isAsk = id.charAt(end + 1) === 'a' && cause !== undefined
    const expected = asked && askPath(cause ?? id, asked.attempt, asked.step)
    return (isAsk ? id : undefined) === expected
      ? undefined
      : `message ${id} is not what ${expected ?? 'no ask'} would be called`
  }
}

/** Says which id of a record is none, or that of another run's. */
function strangerIn(record: RecordDraft): string | undefined {
  const { runId } = record
  const stranger = idsIn(record).find(
    (id) => !isMessagePath(id) || parseMessagePath(id).runId !== runId,
  )
  if (stranger !== undefined) return `'${stranger}' is no id of a message of run ${runId}`
  if (record.kind === 'message' && record.message.runId !== runId) {
    return `a message of run ${record.message.runId} is in run ${runId}`
  }
  if (record.kind === 'memory' && !record.id.startsWith(`${record.messageId}/m`)) {
    return `memory '${record.id}' is none of ${record.messageId}`
  }
  return undefined
}

function idsIn(record: RecordDraft): readonly string[] {
  switch (record.kind) {
    case 'message': {
      const { id, causationId } = record.message
      return [id, ...(causationId === undefined ? [] : [causationId]), ...(record.joined ?? [])]
    }
    case 'settle':
      return [messageOfDelivery(record.messageId), ...record.published]
    case 'run.reopened':
      return record.revived.map(messageOfDelivery)
    case 'run.opened':
    case 'run.ended':
      return []
    default:
      return [messageOfDelivery(record.messageId)]
  }
}
