import { AskFlow, askStep, unanswered } from './ask.ts'
import { type DeadLetter, deadLetter, deathSentence } from './dead-letter.ts'
import type { DeliveryPast } from './delivery.ts'
import { wentNowhere } from './end-reasons.ts'
import { describe } from './errors.ts'
import { FanOut } from './fan-out.ts'
import { COPY_FLOW, type Failure, type Flow, type FlowHost, MAIN_FLOW } from './flow.ts'
import type { Journal, Lease } from './journal.ts'
import { memoriesRead } from './memory-steps.ts'
import { COORDINATOR, type Message, type MessageDraft } from './message.ts'
import type { MessageType } from './message-type.ts'
import { copyPath } from './paths.ts'
import { CausalPast } from './reading/context.ts'
import { assertKnownVersion } from './record-schema.ts'
import type {
  JournalRecord,
  MemoryRecord,
  MessageRecord,
  RunEndedRecord,
  RunOpenedRecord,
  SettleRecord,
  StepRecord,
} from './records.ts'
import { type Secret, secretsIn } from './secret.ts'
import { Settlement } from './settlement.ts'
import { StepHistory } from './step-history.ts'

/** An open run as its records tell it, or one that has ended as it goes on. */
export interface OpenRun {
  /** With the limits that it had last. */
  readonly opening: RunOpenedRecord
  /** How it had ended; absent where it is open. */
  readonly ended?: RunEndedRecord
  /** What would be settled no more if it went on; nothing where it is open. */
  readonly revived: readonly string[]
  readonly past: CausalPast
  /** Deliveries without a final settlement, in journal order. */
  readonly unsettled: readonly UnsettledDelivery[]
  /** Joins that could not be published, since the run was over by then. */
  readonly joins: readonly DueJoin[]
  /** The terminal message, where that came too late. */
  readonly terminal?: Message
  /** Messages that nobody handles: the terminal one, replies, and the last ones of branches. */
  readonly unhandled: readonly Message[]
  /** Steps that were performed, each once. */
  readonly steps: readonly StepRecord[]
  readonly secrets: readonly Secret[]
  /** What its steps have read from memory. */
  readonly memories: readonly MemoryRecord[]
  /** Milliseconds in which a live process owned the run, as far as its records tell. */
  readonly ownedMs: number
}

/** What a fan-out came to, in no message yet. */
interface DueJoin {
  readonly draft: MessageDraft
  readonly joined: readonly string[]
  readonly flow: Flow
}

/** A delivery without a final settlement. */
interface UnsettledDelivery {
  readonly message: Message
  readonly flow: Flow
  /** Who handles it, where that is a listener. */
  readonly listener?: string
  readonly past: DeliveryPast
  /** Why nobody can handle it: its message cannot be read any more, or has gone astray. */
  readonly dead?: DeadLetter
}

/**
 * Reads a run back from the journal, to go on with it; `undefined` where it does not have it. A delivery
 * without a settlement counts as started once, since nobody recorded whether it was; to blame for the
 * end of its process only where that is `lost`. Messages are parsed again by the types that their roles
 * accept today.
 */
export async function readOpenRun(
  journal: Journal,
  { runId, isLost }: Pick<Lease, 'runId' | 'isLost'>,
  typeOf: (role: string, type: string) => MessageType | undefined,
): Promise<OpenRun | undefined> {
  const records = await Array.fromAsync(journal.read({ runId }))
  const last = records.at(-1)
  const ended = last?.kind === 'run.ended' ? last : undefined
  const revived = ended === undefined ? NOTHING : revivable(records, ended)
  const reading = new RunReading(revivals(records, revived))
  for (const record of records) reading.add(record)
  const { opening, past, steps, secrets, terminal, unhandled, ownedMs } = reading
  if (opening === undefined) return undefined
  const unsettled = reading.leftBehind(isLost === true).map((delivery) => {
    const { message, flow, listener, retryAt, stray } = delivery
    const { attempt, firstAttempt, attemptAt, starts, excused, history } = delivery
    const { recordedLogs, recordedMemories } = delivery
    const read = reread(message, typeOf(listener ?? message.to, message.type))
    if (listener === undefined) past.replace(read.message)
    const dead = stray ?? read.dead
    return {
      message: read.message,
      ...(dead === undefined ? {} : { dead }),
      flow,
      ...(listener === undefined ? {} : { listener }),
      past: {
        attempt,
        firstAttempt,
        attemptAt,
        starts,
        excused,
        history,
        recordedLogs,
        recordedMemories,
        ...(retryAt === undefined ? {} : { retryAt }),
      },
    }
  })
  const memories = await memoriesOf(journal, steps)
  return {
    opening,
    ...(ended === undefined ? {} : { ended }),
    revived,
    past,
    unsettled,
    joins: reading.dueJoins,
    ...(terminal === undefined ? {} : { terminal }),
    unhandled,
    steps,
    secrets,
    memories,
    ownedMs: ended === undefined ? ownedMs : 0,
  }
}

/**
 * What has ended a run that failed or stalled, and may be tried again: the settlement that its end
 * followed from, and what that has cancelled. All of it is in one append, so nothing else is between.
 */
function revivable(records: readonly JournalRecord[], { status }: RunEndedRecord): string[] {
  if (status !== 'failed' && status !== 'stalled') return []
  const revived: string[] = []
  for (const record of records.slice(0, -1).reverse()) {
    // What was under way in those is in the same append.
    if (record.kind === 'step') continue
    if (record.kind !== 'settle' || record.published.length > 0) return []
    revived.push(record.messageId)
    if (record.outcome !== 'cancelled') return revived.reverse()
  }
  return []
}

/** For each delivery that was revived, the number of the last record that it counts no more before. */
export function revivals(
  records: Iterable<JournalRecord>,
  next: readonly string[] = [],
): ReadonlyMap<string, number> {
  const found = new Map<string, number>()
  for (const record of records) {
    if (record.kind === 'run.reopened') for (const id of record.revived) found.set(id, record.seq)
  }
  for (const id of next) found.set(id, Number.POSITIVE_INFINITY)
  return found
}

/** What steps have read from memory, and is not forgotten. */
async function memoriesOf(
  { memory }: Journal,
  steps: readonly StepRecord[],
): Promise<readonly MemoryRecord[]> {
  const ids = new Set(steps.flatMap(memoriesRead))
  const found = await Promise.all([...ids].map((id) => memory.read(id)))
  return found.filter((record) => record !== undefined)
}

/** What the records say of one delivery so far. */
export interface DeliveryReading {
  readonly message: Message
  readonly flow: Flow
  readonly listener: string | undefined
  readonly history: StepHistory
  attempt: number
  /** The first one since it was last revived. */
  firstAttempt: number
  attemptAt: number
  starts: number
  /** Starts of the attempt that are not to blame for the end of their process. */
  excused: number
  /** The last one of them. */
  lastExcused: number
  /** What the attempt has asked. */
  asks: DeliveryReading[]
  /** How many of its starts have excused its asker. */
  excusing: number
  recordedLogs: number
  /** Those of all its attempts so far. */
  recordedMemories: number
  retryAt: number | undefined
  /** Why its flow lets it go nowhere. */
  stray?: DeadLetter
}

/**
 * Gets each delivery as it was when an attempt of it ended, and whether that settles it: not where
 * another attempt follows, also one in the run that was opened again.
 */
type OnAttemptEnded = (
  delivery: DeliveryReading,
  settlement: SettleRecord,
  isSettled: boolean,
) => void

/** Collects what the records of one run say, in the order of the records. */
export class RunReading {
  readonly past = new CausalPast()
  readonly steps: StepRecord[] = []
  readonly secrets: Secret[] = []
  opening: RunOpenedRecord | undefined
  terminal: Message | undefined
  readonly unhandled: Message[] = []
  /** Whether its main flow has failed, which ends a run in the same append. */
  hasFailed = false
  ownedMs = 0
  readonly #revivals: ReadonlyMap<string, number>
  readonly #deliveries = new Map<string, DeliveryReading>()
  /** The flows of messages, by id. */
  readonly #flows = new Map<string, Flow>()
  readonly #fanOuts = new Map<string, FanOut>()
  /** By the id of their message, until that comes. */
  readonly #dueJoins = new Map<string, DueJoin>()
  /** A fan-out whose branches are the next messages. */
  #opening: { readonly settled: SettleRecord; readonly branches: Message[] } | undefined
  readonly #once = new Set<string>()
  readonly #onEnded: OnAttemptEnded
  #lastAt: number | undefined

  /** Whether the last record is one after which nothing has begun yet, as far as the records tell. */
  #isAtRest = false

  constructor(revivals: ReadonlyMap<string, number>, onEnded: OnAttemptEnded = () => {}) {
    this.#revivals = revivals
    this.#onEnded = onEnded
  }

  get dueJoins(): readonly DueJoin[] {
    return [...this.#dueJoins.values()]
  }

  /** Those that are not settled, in journal order. Whoever had them is gone: lost, or in good order. */
  leftBehind(isLost: boolean): readonly DeliveryReading[] {
    const left = [...this.#deliveries.values()]
    for (const delivery of left) {
      if (isLost || !this.#isAtRest) delivery.starts = Math.max(1, delivery.starts)
      this.#lostStart(delivery, isLost)
    }
    return left
  }

  /**
   * A start has ended with the process; it is not to blame if that was no crash, or something that it
   * asked was at work.
   */
  #lostStart(delivery: DeliveryReading, isLost: boolean): void {
    let isExcused = !isLost
    for (const ask of delivery.asks) {
      const isOpen = this.#deliveries.get(ask.message.id) === ask
      if (isOpen && ask.starts > ask.excusing) isExcused = true
      ask.excusing = ask.starts
    }
    if (!isExcused || delivery.lastExcused === delivery.starts) return
    delivery.excused++
    delivery.lastExcused = delivery.starts
  }

  add(record: JournalRecord): void {
    this.#isAtRest = record.kind === 'run.reopened' || record.kind === 'run.ended'
    // Before a later start the run was taken over, so nobody owned it in the gap.
    if (record.kind !== 'start' && record.kind !== 'run.reopened') {
      this.ownedMs += Math.max(0, record.at - (this.#lastAt ?? record.at))
    }
    this.#lastAt = record.at
    this.secrets.push(...secretsOf(record))
    switch (record.kind) {
      case 'run.opened':
        assertKnownVersion(record)
        this.opening = record
        break
      case 'run.reopened':
        if (this.opening !== undefined) {
          this.opening = { ...this.opening, limits: record.limits }
        }
        // It has its whole time again.
        this.ownedMs = 0
        for (const delivery of this.#deliveries.values()) {
          // What a fork was served has begun in another run.
          if (isServed(record, this.opening)) notBegun(delivery)
          else this.#lostStart(delivery, false)
        }
        break
      case 'message':
        this.#addMessage(record)
        break
      case 'settle':
        if (this.#isRevived(record)) this.#addRevived(record)
        else if (record.outcome === 'failed') this.#addFailure(record)
        else this.#addSettlement(record)
        break
      case 'start': {
        const delivery = this.#deliveries.get(record.messageId)
        if (delivery === undefined) break
        this.#lostStart(delivery, true)
        delivery.starts = record.start
        delivery.excused = record.excused ?? 0
        break
      }
      case 'step':
        if (this.#isPerformed(record)) this.steps.push(record)
        this.#deliveries.get(record.messageId)?.history.add(record)
        break
      case 'log': {
        const delivery = this.#deliveries.get(record.messageId)
        if (delivery !== undefined) delivery.recordedLogs = record.number
        break
      }
      case 'memory': {
        const delivery = this.#deliveries.get(record.messageId)
        if (delivery !== undefined) delivery.recordedMemories++
        break
      }
    }
  }

  #addMessage(record: MessageRecord): void {
    const { message, asked, joined, copies = [] } = record
    const { id, causationId = '' } = message
    this.past.add(record)
    for (const listener of copies) {
      this.#deliveries.set(copyPath(id, listener), newDelivery(message, COPY_FLOW, listener))
    }
    if (asked !== undefined) this.#addAsk(record, asked)
    else if (joined !== undefined) {
      this.#dueJoins.delete(id)
      this.#begin(message, this.#fanOuts.get(causationId)?.flow ?? MAIN_FLOW)
    } else if (this.#opening?.settled.published.includes(id)) this.#addBranch(message)
    else {
      this.#tell(record, (turn) => this.#flowOf(id).handedOff(this.#host, turn, message))
      if (!this.#deliveries.has(id)) this.unhandled.push(message)
    }
  }

  /** What becomes of an ask is a step of its asker; so is that it is open. */
  #addAsk(record: MessageRecord, asked: NonNullable<MessageRecord['asked']>): void {
    const { message } = record
    const { causationId = '', sentAt } = message
    const asker = this.#deliveries.get(causationId)
    asker?.history.add(askStep(record, asked, { outcome: { type: 'intent' }, at: sentAt }))
    const flow = new AskFlow(causationId, this.#flowOf(causationId))
    flow.await((end) => asker?.history.add(askStep(record, asked, end)))
    asker?.asks.push(this.#begin(message, flow))
  }

  #addBranch(message: Message): void {
    const opening = this.#opening
    if (opening === undefined) return
    opening.branches.push(message)
    if (opening.branches.length < opening.settled.published.length) return
    this.#opening = undefined
    const fanOut = this.#fanOutOf(opening.settled, opening.branches)
    for (const [index, branch] of opening.branches.entries()) {
      this.#begin(branch, fanOut?.branches[index] ?? MAIN_FLOW)
    }
  }

  #fanOutOf(settled: SettleRecord, branches: readonly Message[]): FanOut | undefined {
    const point = this.past.get(settled.messageId)
    if (point === undefined || settled.fanOut === undefined) return undefined
    const roles = branches.map(({ to }) => to)
    const fanOut = new FanOut(point, this.#flowOf(point.id), settled.fanOut, roles)
    this.#fanOuts.set(point.id, fanOut)
    return fanOut
  }

  /** A delivery of this flow begins. */
  #begin(message: Message, flow: Flow): DeliveryReading {
    const delivery = newDelivery(message, flow)
    this.#flows.set(message.id, flow)
    this.#deliveries.set(message.id, delivery)
    return delivery
  }

  #flowOf(messageId: string): Flow {
    return this.#flows.get(messageId) ?? MAIN_FLOW
  }

  #addFailure(record: SettleRecord): void {
    const { messageId, at, attempt, retryAt } = record
    this.past.failed(messageId)
    const delivery = this.#deliveries.get(messageId)
    if (delivery === undefined) return
    this.#onEnded(delivery, record, false)
    delivery.attempt = attempt + 1
    delivery.attemptAt = at
    delivery.starts = 1
    delivery.excused = 0
    delivery.lastExcused = 0
    delivery.excusing = 0
    delivery.asks = []
    delivery.recordedLogs = 0
    delivery.retryAt = retryAt
  }

  #isRevived({ messageId, outcome, seq }: SettleRecord & { readonly seq: number }): boolean {
    return outcome !== 'failed' && seq < (this.#revivals.get(messageId) ?? 0)
  }

  /** What was cancelled goes on as if nothing had been; the others have a new attempt, and all its tries. */
  #addRevived(record: SettleRecord): void {
    if (record.outcome === 'cancelled') return
    this.#addFailure(record)
    const delivery = this.#deliveries.get(record.messageId)
    if (delivery === undefined) return
    delivery.firstAttempt = delivery.attempt
    // The run has yet to be reopened.
    if (this.#revivals.get(record.messageId) === Number.POSITIVE_INFINITY) notBegun(delivery)
  }

  #addSettlement(record: SettleRecord): void {
    const { messageId, outcome, published, fanOut, error } = record
    const delivery = this.#deliveries.get(messageId)
    const flow = delivery?.flow ?? this.#flowOf(messageId)
    if (delivery !== undefined) this.#onEnded(delivery, record, true)
    this.#deliveries.delete(messageId)
    const message = this.past.get(messageId)
    if (message === undefined || flow === COPY_FLOW) return
    for (const id of published) this.#flows.set(id, flow)
    if (fanOut !== undefined) {
      if (published.length > 0) this.#opening = { settled: record, branches: [] }
      else this.#fanOutOf(record, [])
    } else if (outcome === 'cancelled') {
      if (!(flow instanceof AskFlow) || error === undefined) return
      this.#tell(record, (turn) => flow.answer(turn, unanswered(error.code, error.message)))
    } else if (outcome === 'dead' || published.length === 0) {
      const failure = failureOf(record, message, flow)
      this.#tell(record, (turn) => flow.failed(this.#host, turn, failure))
    }
  }

  /**
   * Tells a flow what happened. Of what follows from that, the records tell everything but what
   * fan-outs and askers make of it.
   */
  #tell({ at }: { readonly at: number }, tell: (turn: Settlement) => void): void {
    const turn = new Settlement(at)
    tell(turn)
    turn.handedOver(STORED)
  }

  /** Whether a record is more than an intent, or a later attempt's copy of a `once` step's result. */
  #isPerformed({ outcome, idempotencyKey }: StepRecord): boolean {
    if (outcome.type === 'intent') return false
    if (idempotencyKey === undefined) return true
    const isFirst = !this.#once.has(idempotencyKey)
    this.#once.add(idempotencyKey)
    return isFirst
  }

  readonly #host: FlowHost = {
    isIdle: false,
    terminal: '',
    deliver: (_turn, message, flow) => {
      const isTerminal = message.to === COORDINATOR && message.type === this.opening?.terminal
      if (isTerminal) this.terminal = message
      else this.#begin(message, flow)
    },
    // A dead letter has a record of its own.
    bury: (_turn, message, flow, dead) => {
      this.#begin(message, flow).stray = dead
    },
    join: (_turn, draft, joined, flow) => {
      this.#dueJoins.set(draft.id, { draft, joined, flow })
    },
    cancelWithin() {},
    complete() {},
    close: (_turn, status) => {
      if (status === 'failed') this.hasFailed = true
    },
  }
}

const STORED = Promise.resolve(true)

const NOTHING: readonly string[] = Object.freeze([])

function failureOf(
  { outcome, attempt, reason = 'terminal', error }: SettleRecord,
  message: Message,
  flow: Flow,
): Failure {
  const { id: messageId } = message
  return outcome === 'dead'
    ? { reason, sentence: deathSentence(message, attempt, reason, error?.message), messageId }
    : { reason: 'stalled', sentence: wentNowhere(message, flow.kind), messageId }
}

/** Whether a fork was served this, or begins to go its own way by it. */
function isServed({ at }: JournalRecord, opening: RunOpenedRecord | undefined): boolean {
  return opening?.forkedFrom !== undefined && at <= opening.at
}

/** Nobody has begun the attempt yet. */
function notBegun(delivery: DeliveryReading): void {
  delivery.starts = 0
  delivery.excused = 0
  delivery.lastExcused = 0
}

function newDelivery(message: Message, flow: Flow, listener?: string): DeliveryReading {
  return {
    message,
    flow,
    listener,
    history: new StepHistory(),
    attempt: 1,
    firstAttempt: 1,
    attemptAt: message.sentAt,
    starts: 1,
    excused: 0,
    lastExcused: 0,
    asks: [],
    excusing: 0,
    recordedLogs: 0,
    recordedMemories: 0,
    retryAt: undefined,
  }
}

/** A message as its type reads it today, or why that cannot read it any more. */
export function reread(
  message: Message,
  type: MessageType | undefined,
): Pick<UnsettledDelivery, 'message' | 'dead'> {
  if (type === undefined) return { message }
  try {
    return { message: Object.freeze({ ...message, data: type.parse(message.data) }) }
  } catch (error) {
    return { message, dead: deadLetter('unreadable', describe(error)) }
  }
}

/** What of a record may have secrets in it. */
export function secretsOf(record: JournalRecord): readonly Secret[] {
  switch (record.kind) {
    case 'message':
      return secretsIn([record.original, record.message.data])
    case 'step':
      return secretsIn([record.request, record.outcome])
    case 'memory':
      return secretsIn(record.value)
    case 'log':
      return secretsIn(record.data)
    default:
      return []
  }
}
