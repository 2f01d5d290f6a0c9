import { describe } from '../errors.ts'
import { COORDINATOR } from '../message.ts'
import {
  askPath,
  branchPath,
  handoffPath,
  isExternalPath,
  isMessagePath,
  joinPath,
  listenerOfDelivery,
  messageOfDelivery,
  parseMessagePath,
  replyPath,
} from '../paths.ts'
import type {
  FanOutRecord,
  JournalRecord,
  MessageRecord,
  RecordDraft,
  SettleRecord,
} from '../records.ts'
import { isKeyOf, type RecordedCall } from '../step-call.ts'
import { checkBatch, type Settled } from './batch-rules.ts'

/**
 * Checks that records can follow each other in one run, as a bus has written them: that ids fit what led to
 * them, that causes come first and name their effects, and that each role did what was its own to do. So
 * nothing that has passed can have led to itself. Holds the deliveries of the run, and no record but the
 * steps of what is not settled.
 */
export class RunCheck {
  readonly runId: string
  readonly #settled: Settled = new Map()
  /** The roles that messages were sent to, by their ids. */
  readonly #roles = new Map<string, string>()
  /** Who has published the messages that settlements name, and whose records come next. */
  readonly #published = new Map<string, string>()
  /** By the message whose handler has fanned out. */
  readonly #fanOuts = new Map<string, OpenFanOut>()
  /** The steps of deliveries that are not settled, by attempt and number. */
  readonly #calls = new Map<string, Map<string, RecordedCall>>()
  readonly #memories = new Set<string>()
  #hasEnded = false
  #count = 0
  #isFork = false

  constructor(runId: string) {
    this.runId = runId
  }

  get hasEnded(): boolean {
    return this.#hasEnded
  }

  /** What is wrong with the next record; `undefined` where nothing is. */
  problemOf(record: RecordDraft): string | undefined {
    const problem =
      this.#misplaced(record) ?? strangerIn(record) ?? this.#uncaused(record) ?? this.#unfit(record)
    this.#count++
    if (problem !== undefined) return problem
    try {
      const place = { runId: this.runId, ended: this.#hasEnded }
      this.#hasEnded = checkBatch(place, this.#settled, [record])
    } catch (error) {
      return describe(error)
    }
    this.#note(record)
    return undefined
  }

  /** What is missing where no record follows: one that is open has its first message at least. */
  missing(): string | undefined {
    if (this.#roles.size === 0) return `run ${this.runId} has no first message`
    const [missing] = this.#published
    if (missing === undefined) return undefined
    const [id, from] = missing
    return `message ${id} is missing, which '${from}' has published`
  }

  #misplaced(record: RecordDraft): string | undefined {
    const isFirst = this.#count === 0
    if (isFirst !== (record.kind === 'run.opened')) {
      return `run ${this.runId} ${isFirst ? `begins with a ${record.kind}` : 'is opened twice'}`
    }
    if (record.kind === 'run.opened' && record.forkedFrom !== undefined) {
      this.#isFork = true
      if (record.forkedFrom.runId === this.runId) return `run ${this.runId} is a fork of itself`
    }
    if (this.#count === 1 && (record.kind !== 'message' || record.message.id !== this.runId)) {
      return `run ${this.runId} has no first message`
    }
    // A fork goes on with what it was served, which has no end.
    if (record.kind === 'run.reopened' && !this.#hasEnded && !this.#isFork) {
      return `run ${this.runId} goes on without having ended`
    }
    if ('messageId' in record && !this.#settled.has(record.messageId)) {
      return `${record.messageId} is no delivery of run ${this.runId} so far`
    }
    return undefined
  }

  /** A message comes from what its id says, and after that. */
  #uncaused(record: RecordDraft): string | undefined {
    // One that is there already is refused as that.
    if (record.kind !== 'message' || this.#roles.has(record.message.id)) return undefined
    const { id, causationId, from } = record.message
    const end = id.lastIndexOf('.')
    const cause = end === -1 ? undefined : id.slice(0, end)
    if (causationId !== cause) {
      return `message ${id} cannot come from ${causationId ?? 'nothing'}, but from ${cause ?? 'nothing'}`
    }
    if (cause !== undefined && !this.#roles.has(cause)) {
      return `message ${id} comes before ${cause}, which has led to it`
    }
    const { asked, joined } = record
    const isAsk = cause !== undefined && id.charAt(end + 1) === 'a'
    const expected = asked && askPath(cause ?? id, asked.attempt, asked.step)
    if ((isAsk ? id : undefined) !== expected) {
      return `message ${id} is not what ${expected ?? 'no ask'} would be called`
    }
    const isJoin = cause !== undefined && id === joinPath(cause)
    if (isJoin !== (joined !== undefined)) {
      return `message ${id} ${isJoin ? 'joins nothing' : 'is no join, but joins messages'}`
    }
    const publisher = this.#publisherOf(id, cause, isAsk)
    if (publisher === undefined) return `message ${id} was published by nobody`
    if (from !== publisher) return `message ${id} is from '${publisher}', not from '${from}'`
    return isJoin ? this.#unjoined(record, cause) : undefined
  }

  #publisherOf(id: string, cause: string | undefined, isAsk: boolean): string | undefined {
    if (cause === undefined || isExternalPath(id)) return COORDINATOR
    if (isAsk) return this.#roles.get(cause)
    return id === joinPath(cause) ? this.#fanOuts.get(cause)?.from : this.#published.get(id)
  }

  /** A join is what its fan-out says, of messages in its branches. */
  #unjoined({ message, joined = [] }: MessageRecord, point: string): string | undefined {
    const { id, to, type } = message
    const fanOut = this.#fanOuts.get(point)
    if (to !== fanOut?.to || type !== fanOut.join) {
      return `message ${id} is not the join of ${point}: ${fanOut?.join} for '${fanOut?.to}'`
    }
    let before = ''
    for (const input of joined) {
      const branch = input.slice(0, point.length + 2) === `${point}.b` ? branchOf(input, point) : ''
      if (branch <= before) return `message ${id} joins ${input}, which is not its next branch`
      if (!this.#roles.has(input)) return `message ${id} joins ${input}, which is missing`
      before = branch
    }
    const { policy, branches } = fanOut
    const least = typeof policy === 'object' ? policy.first : branches
    return joined.length < least
      ? `message ${id} joins ${joined.length} of ${branches} branches, and waits for ${least}`
      : undefined
  }

  /** Whether a role, a settlement or a step is not what this delivery has. */
  #unfit(record: RecordDraft): string | undefined {
    if (!('messageId' in record)) return undefined
    const { messageId } = record
    const role = listenerOfDelivery(messageId) ?? this.#roles.get(messageId) ?? ''
    if ('role' in record && record.role !== role) {
      return `${messageId} is handled by '${role}', not by '${record.role}'`
    }
    if (record.kind === 'settle') return unpublishable(record)
    if (record.kind === 'memory' && this.#memories.has(record.id)) {
      return `memory ${record.id} is stored already`
    }
    if (record.kind !== 'step' || record.idempotencyKey === undefined) return undefined
    const calls = this.#calls.get(messageId)
    const around = record.step.slice(1).flatMap((_number, depth) => {
      return calls?.get(callName(record.attempt, record.step.slice(0, depth + 1))) ?? []
    })
    // What it is inside of may have been recorded with nothing of it but this.
    if (around.length < record.step.length - 1) return undefined
    return isKeyOf(record.idempotencyKey, record, around)
      ? undefined
      : `step ${record.step.join('.')} of ${messageId} has the key of another: ${record.idempotencyKey}`
  }

  #note(record: RecordDraft): void {
    switch (record.kind) {
      case 'message':
        this.#roles.set(record.message.id, record.message.to)
        this.#published.delete(record.message.id)
        break
      case 'step': {
        const { messageId, attempt, step } = record
        const calls = this.#calls.get(messageId) ?? new Map<string, RecordedCall>()
        this.#calls.set(messageId, calls.set(callName(attempt, step), record))
        break
      }
      case 'memory':
        this.#memories.add(record.id)
        break
      case 'settle': {
        const { messageId, role, published, fanOut } = record
        this.#calls.delete(messageId)
        for (const id of published) this.#published.set(id, role)
        if (fanOut !== undefined) {
          this.#fanOuts.set(messageId, { ...fanOut, from: role, branches: published.length })
        }
        break
      }
    }
  }
}

interface OpenFanOut extends FanOutRecord {
  /** The role that has fanned out. */
  readonly from: string
  /** How many there are. */
  readonly branches: number
}

/** What is wrong with the records of a run, which may be open; `undefined` where nothing is. */
export function problemIn(records: Iterable<JournalRecord>): string | undefined {
  let check: RunCheck | undefined
  for (const record of records) {
    check ??= new RunCheck(record.runId)
    const problem = check.problemOf(record)
    if (problem !== undefined) return `record ${record.seq}: ${problem}`
  }
  return undefined
}

function callName(attempt: number, numbers: readonly number[]): string {
  return `${attempt} ${numbers.join('.')}`
}

/** The id of the branch of a fan-out that a message is in. */
function branchOf(id: string, point: string): string {
  const end = id.indexOf('.', point.length + 1)
  return end === -1 ? id : id.slice(0, end)
}

/** Says which message a settlement cannot have published. */
function unpublishable({
  messageId,
  outcome,
  published,
  fanOut,
}: SettleRecord): string | undefined {
  const isBranch = (id: string, index: number) => id === branchPath(messageId, index + 1)
  const isWay = (id: string, index: number) =>
    index === 0 && (id === handoffPath(messageId) || id === replyPath(messageId))
  const fits = fanOut === undefined ? isWay : isBranch
  const isFree = outcome === 'done' && listenerOfDelivery(messageId) === undefined
  const stranger = published.find((id, index) => !isFree || !fits(id, index))
  if (stranger !== undefined) return `${messageId} cannot have published ${stranger}`
  return fanOut !== undefined && published.length === 0
    ? `${messageId} has fanned out into nothing`
    : undefined
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
