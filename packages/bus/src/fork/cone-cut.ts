import { ASK_TIMEOUT, ASKER_DONE } from '../ask.ts'
import { memoriesRead } from '../memory-steps.ts'
import { COORDINATOR, type Message } from '../message.ts'
import { isExternalPath, messageOfDelivery, scopesOf } from '../paths.ts'
import type {
  FanOutRecord,
  InAttempt,
  JournalRecord,
  MessageRecord,
  RecordDraft,
  RunEndedRecord,
  RunOpenedRecord,
  RunReopenedRecord,
  SettleRecord,
  StepRecord,
} from '../records.ts'
import { RunReading, revivals } from '../recovery.ts'

/** What is left of a run when everything that a message led to is taken away. */
export interface Cut {
  /** With the limits that the run had last. */
  readonly opening: RunOpenedRecord
  /** The message itself. */
  readonly message: Message
  /** Everything between the run's opening and its end that stays, the message included, in journal order. */
  readonly kept: readonly JournalRecord[]
  /** Present where the run ended by nothing that the message led to: then nothing is left to do. */
  readonly ended?: Stored<RunEndedRecord>
}

/**
 * Takes the cone of a message out of a run: how it was handled, and everything that this has led to. Whoever
 * asked and was told something of it keeps what it had begun before that; so does whoever read what it
 * remembered. What was cancelled because of something in the cone goes on as if nothing had been. `undefined`
 * where the run has no such message.
 *
 * It is the closure over the causal edges in one pass, since causes stand before their effects.
 */
export function cutCone(records: readonly JournalRecord[], messageId: string): Cut | undefined {
  const cut = new ConeCut(messageId, revivals(records))
  for (const record of records) cut.add(record)
  return cut.result()
}

type Stored<T extends RecordDraft> = T & { readonly seq: number }
type Settlement = Stored<SettleRecord>

/** An attempt that was told something of the cone: what it began after that is in the cone as well. */
interface Told {
  readonly attempt: number
  /** The number of the step that it was told as. */
  readonly step: number
  /** The number of the record that told it. */
  readonly seq: number
}

class ConeCut {
  readonly #at: string
  readonly #revivals: ReadonlyMap<string, number>
  /** Deliveries with a settlement that is kept, and that the next reopening revives. */
  readonly #revived = new Set<string>()
  #opening: RunOpenedRecord | undefined
  #message: Message | undefined
  #terminal: string | undefined
  #ended: Stored<RunEndedRecord> | undefined
  readonly #kept: JournalRecord[] = []
  /** Ids of the message and of those that it led to. */
  readonly #cone = new Set<string>()
  /** By the id of the delivery that asked. */
  readonly #told = new Map<string, Told>()
  /** Of asks that are kept: which attempt asked, as which step. */
  readonly #asks = new Map<string, { readonly attempt: number; readonly step: number }>()
  /** Of fan-outs that are kept, by the message whose handler has fanned out. */
  readonly #fanOuts = new Map<string, FanOutRecord>()
  /** Whether the join of a fan-out is kept, by the same message; only of those that were published. */
  readonly #joins = new Map<string, boolean>()
  /** What the settlements that are kept have published. */
  readonly #published = new Set<string>()
  /** Attempts whose settlement is kept. */
  readonly #settled = new Set<string>()
  /** Ids of memories that are not kept. */
  readonly #forgotten = new Set<string>()
  /** `once` steps that were begun before their attempt was told: what came of them is kept as well. */
  readonly #intents = new Set<string>()
  /** The latest settlement that was no cancellation, from which those that follow come. */
  #cause: { readonly messageId: string; readonly isKept: boolean } | undefined
  readonly #cancelled: { readonly record: Settlement; readonly isCauseKept: boolean }[] = []

  constructor(at: string, revived: ReadonlyMap<string, number>) {
    this.#at = at
    this.#revivals = revived
  }

  add(record: JournalRecord): void {
    switch (record.kind) {
      case 'run.opened':
        this.#opening = record
        break
      case 'run.reopened':
        this.#addReopening(record)
        break
      case 'run.ended':
        this.#ended = record
        break
      case 'message':
        this.#addMessage(record)
        break
      case 'settle':
        this.#addSettlement(record)
        break
      case 'step':
        this.#tellReader(record)
        if (this.#isStepKept(record)) this.#kept.push(record)
        break
      case 'log':
        if (this.#knew(record) !== true) this.#kept.push(record)
        break
      case 'memory':
        if (this.#knew(record) === undefined) this.#kept.push(record)
        else this.#forgotten.add(record.id)
        break
      case 'start':
        if (this.#knew(record) !== true) this.#kept.push(record)
        break
    }
  }

  result(): Cut | undefined {
    const [opening, message] = [this.#opening, this.#message]
    if (opening === undefined || message === undefined) return undefined
    const revived = new Set<JournalRecord>()
    for (const { record, isCauseKept } of this.#cancelled) {
      if (this.#isCancelKept(record, isCauseKept)) this.#settled.add(attemptOf(record))
      else revived.add(record)
    }
    const kept = this.#kept.filter((record) =>
      // A start of an attempt that goes on in another process is none of that attempt's there.
      record.kind === 'start' ? this.#settled.has(attemptOf(record)) : !revived.has(record),
    )
    const isEnded = this.#ended !== undefined && this.#isEndKept(this.#ended, kept)
    const ended = isEnded ? this.#ended : undefined
    return { opening, message, kept, ...(ended === undefined ? {} : { ended }) }
  }

  #addReopening(record: Stored<RunReopenedRecord>): void {
    this.#ended = undefined
    if (this.#opening !== undefined) this.#opening = { ...this.#opening, limits: record.limits }
    const revived = record.revived.filter((id) => this.#revived.delete(id))
    if (revived.length > 0) this.#kept.push({ ...record, revived })
  }

  #addMessage(record: Stored<MessageRecord>): void {
    const { message, asked, joined, seq } = record
    const { id, to, type, causationId = '' } = message
    const isKept = id === this.#at || this.#isMessageKept(record)
    if (isKept) this.#kept.push(record)
    if (!isKept || id === this.#at) this.#cone.add(id)
    if (isKept && asked !== undefined) this.#asks.set(id, asked)
    if (joined !== undefined) this.#joins.set(causationId, isKept)
    if (to === COORDINATOR && type === this.#opening?.terminal) this.#terminal = id
    if (id !== this.#at) return
    this.#message = message
    // A reply is not handled, but tells who asked; what is asked further tells nobody yet.
    if (asked === undefined) this.#tellAsker(causationId, seq)
  }

  #isMessageKept({ message, asked, joined, seq }: Stored<MessageRecord>): boolean {
    const { id, causationId } = message
    if (causationId === undefined || isExternalPath(id)) return true
    if (joined !== undefined) {
      const isTouched = joined.some((input) => {
        return (
          this.#cone.has(input) || this.#told.has(input) || this.#mayTurnOut(input, causationId)
        )
      })
      return this.#fanOuts.has(causationId) && !isTouched
    }
    if (asked === undefined) return this.#published.has(id)
    const { attempt, step } = asked
    const knew = this.#knew({ messageId: causationId, attempt, seq })
    return knew === undefined || (knew === false && this.#isEarlier(causationId, step, seq))
  }

  #addSettlement(record: Settlement): void {
    const { messageId, outcome, seq, published, fanOut, error } = record
    const isKept = this.#knew(record) === undefined
    if (seq < (this.#revivals.get(messageId) ?? 0) && outcome !== 'failed') {
      if (isKept) this.#addRevived(record)
      return
    }
    const isTimeout = outcome === 'cancelled' && error?.code === ASK_TIMEOUT
    const isCancelled = outcome === 'cancelled' && !isTimeout
    if (!isCancelled) this.#cause = { messageId, isKept }
    if (!isKept) {
      if (outcome !== 'failed' && !isCancelled) this.#tellAsker(messageId, seq)
      // Nobody waits for it, whatever it holds, as long as who asked it is done.
      if (messageId !== this.#at || error?.code !== ASKER_DONE) return
      this.#kept.push(record)
      this.#cancelled.push({ record, isCauseKept: true })
      return
    }
    this.#kept.push(record)
    if (isCancelled) {
      this.#cancelled.push({ record, isCauseKept: this.#cause?.isKept ?? true })
      return
    }
    this.#settled.add(attemptOf(record))
    for (const id of published) this.#published.add(id)
    if (fanOut !== undefined) this.#fanOuts.set(messageId, fanOut)
  }

  /** It counts no more, since the run was reopened: an attempt that was cancelled goes on, another begins after a dead one. */
  #addRevived(record: Settlement): void {
    this.#kept.push(record)
    if (record.outcome !== 'cancelled') this.#settled.add(attemptOf(record))
    this.#revived.add(record.messageId)
  }

  /**
   * Whether an attempt knew something of the cone when this was recorded; `undefined` where it never did,
   * nor had come after an attempt that did.
   */
  #knew({ messageId, attempt, seq }: Pick<InAttempt, 'messageId' | 'attempt' | 'seq'>) {
    if (this.#cone.has(messageOfDelivery(messageId))) return true
    const told = this.#told.get(messageId)
    if (told === undefined || attempt < told.attempt) return undefined
    return attempt > told.attempt || (seq ?? 0) >= told.seq
  }

  /** Whether a step was begun before its attempt was told. */
  #isEarlier(messageId: string, step: number, seq: number): boolean {
    const told = this.#told.get(messageId)
    return told === undefined || step < told.step || seq < told.seq
  }

  #isStepKept(record: Stored<StepRecord>): boolean {
    const { messageId, attempt, step, outcome, idempotencyKey, seq } = record
    if (this.#cone.has(messageOfDelivery(messageId))) return false
    const told = this.#told.get(messageId)
    const name = `${attemptOf(record)} ${step.join('.')}`
    const isIntent = outcome.type === 'intent'
    if (told === undefined || attempt < told.attempt) {
      if (isIntent && idempotencyKey !== undefined) this.#intents.add(name)
      return true
    }
    if (attempt > told.attempt) return false
    // What was under way when the attempt ended is so no more.
    if (isIntent && idempotencyKey === undefined) return seq < told.seq
    return this.#isEarlier(messageId, step[0] ?? 0, seq) || this.#intents.has(name)
  }

  /** An ask of the cone has come to something: who asked knows it now. */
  #tellAsker(ask: string, seq: number): void {
    const asked = this.#asks.get(ask)
    const [scope] = scopesOf(ask)
    if (asked === undefined || scope?.kind !== 'ask' || this.#cone.has(scope.of)) return
    if (!this.#told.has(scope.of)) this.#told.set(scope.of, { ...asked, seq })
  }

  /** What the cone has remembered was read: who read it knows it now. */
  #tellReader(record: Stored<StepRecord>): void {
    const { messageId, attempt, step, seq } = record
    if (this.#cone.has(messageOfDelivery(messageId)) || this.#told.has(messageId)) return
    if (!memoriesRead(record).some((id) => this.#forgotten.has(id))) return
    this.#told.set(messageId, { attempt, step: step[0] ?? 0, seq })
  }

  /** Whether that is kept which a delivery was cancelled because of. */
  #isCancelKept({ messageId, error }: SettleRecord, isCauseKept: boolean): boolean {
    const scopes = scopesOf(messageOfDelivery(messageId))
    const asked = this.#asks.get(messageId)
    if (error?.code === ASKER_DONE && asked !== undefined) {
      const [scope] = scopes
      return this.#settled.has(attemptOf({ messageId: scope?.of ?? '', attempt: asked.attempt }))
    }
    for (const { kind, of } of scopes) {
      const join = kind === 'branch' ? this.#joins.get(of) : undefined
      if (join !== undefined) return join
    }
    return isCauseKept && !this.#mayTurnOut(messageId)
  }

  #isEndKept({ status }: RunEndedRecord, kept: readonly JournalRecord[]): boolean {
    switch (status) {
      case 'completed':
        return this.#terminal === this.#at || !this.#cone.has(this.#terminal ?? '')
      case 'failed': {
        const reading = new RunReading(revivals(kept))
        for (const record of kept) reading.add(record)
        return reading.hasFailed
      }
      default:
        // Time, a budget, a person, or that nothing else was under way: another time it may be otherwise.
        return false
    }
  }

  /**
   * Whether a message is in a fan-out that may come to something else, since another branch of it may; of
   * those that are inside the one of `point`, where that is given.
   */
  #mayTurnOut(id: string, point?: string): boolean {
    const scopes = scopesOf(messageOfDelivery(id))
    const end = scopes.findIndex(({ of }) => of === point)
    const within = scopes.slice(0, end === -1 ? scopes.length : end).filter(({ kind, of }) => {
      return kind === 'branch' && this.#fanOuts.get(of)?.policy !== 'all'
    })
    if (within.length === 0) return false
    return [...this.#cone, ...this.#told.keys()].some((touched) =>
      scopesOf(touched).some((other) =>
        within.some((scope) => other.of === scope.of && other.id !== scope.id),
      ),
    )
  }
}

function attemptOf({ messageId, attempt }: Pick<InAttempt, 'messageId' | 'attempt'>): string {
  return `${messageId}/${attempt}`
}
