import { type Answered, ASK_TIMEOUT, ASKER_DONE, AskFlow, unanswered } from './ask.ts'
import type { Attempt } from './attempt.ts'
import type { AskedAt, AttemptRun } from './attempt-host.ts'
import type { BusCore } from './bus-core.ts'
import { type DeadLetter, deadOnArrival, deathSentence } from './dead-letter.ts'
import { Delivery, type DeliveryPast } from './delivery.ts'
import {
  noReplyInTime,
  tookTooLong,
  tooManyHops,
  tooManyTokens,
  wentNowhere,
} from './end-reasons.ts'
import {
  type BusError,
  CancelledError,
  describe,
  JournalConflictError,
  JournalError,
  RunEndedError,
  StaleEpochError,
} from './errors.ts'
import { FanOut } from './fan-out.ts'
import { COPY_FLOW, type Flow, type FlowHost, isWithin, MAIN_FLOW } from './flow.ts'
import { forkMemory, type RunMemory } from './fork/fork-memory.ts'
import type { Gate } from './gate.ts'
import type { Lease } from './journal.ts'
import { Later } from './later.ts'
import type { Lane } from './mailbox.ts'
import {
  COORDINATOR,
  draftMessage,
  handoffLine,
  type Message,
  type MessageDraft,
  type MessageOptions,
  sealMessage,
} from './message.ts'
import type { InputOf, MessageType } from './message-type.ts'
import { copyPath, externalPath, hasMoreHops, hopsOf } from './paths.ts'
import { CausalPast } from './reading/context.ts'
import type {
  ErrorRecord,
  JournalRecord,
  MemoryRecord,
  MessageRecord,
  RecordDraft,
  RunEndedRecord,
  RunLimits,
  RunOpenedRecord,
  RunStatus,
  SettleRecord,
  StepRecord,
} from './records.ts'
import type { OpenRun } from './recovery.ts'
import { Registry } from './registry.ts'
import type { Role } from './role.ts'
import type { Run, RunEnd } from './run.ts'
import { redact, type Secret, secretsIn } from './secret.ts'
import { NO_SECRETS, SecretRegister } from './secret-register.ts'
import { Settlement } from './settlement.ts'
import type { Timer } from './timers.ts'
import { UsageCount } from './usage-count.ts'

/** The record that opens a run, before it is known when. */
interface RunOpening extends Omit<RunOpenedRecord, 'at'> {
  at: number
}

const NO_IDS: readonly string[] = Object.freeze([])

/** A run that this process owns: what it holds of it, and the only place that appends to it. */
export class LiveRun implements Run, FlowHost, AttemptRun {
  readonly bus: BusCore
  past = new CausalPast()
  /** Its deliveries by role, as the mailboxes of the roles keep them: a linked list. */
  lanes: Lane | undefined
  readonly #opening: RunOpening
  /** Those that are not settled, by message id. */
  readonly #deliveries = new Registry<Delivery>()
  /** How many of them handle copies. */
  #copies = 0
  #secrets: SecretRegister | undefined
  /** Memories that were read, by id. */
  #memories: Map<string, MemoryRecord> | undefined
  readonly #usage = new UsageCount()
  readonly #lease: Lease
  #startedAt: number
  /** What the wall clock says less the runtime's `elapsed`, when the run began here. */
  #clock: number
  #released: Promise<void> | undefined
  #hasEnded = false
  #left: readonly string[] | undefined
  /** When the lease was granted or last renewed, by the runtime's `elapsed`. */
  renewedAt: number
  #external = 0
  readonly #opened = new Later<void>()
  readonly #result = new Later<RunEnd>()
  /** `waiting` for admission, then `live`, then `over`. */
  #state: 'waiting' | 'live' | 'over' = 'waiting'
  #terminal: Message | undefined
  #deadline: Timer | undefined

  constructor(bus: BusCore, opening: RunOpening, lease: Lease) {
    this.bus = bus
    this.#opening = opening
    this.#lease = lease
    this.#startedAt = bus.runtime.elapsed()
    this.#clock = bus.runtime.now() - this.#startedAt
    this.renewedAt = this.#startedAt
  }

  get opened(): Promise<void> {
    return this.#opened.promise
  }

  get result(): Promise<RunEnd> {
    return this.#result.promise
  }

  get isWaiting(): boolean {
    return this.#state === 'waiting'
  }

  get isLive(): boolean {
    return this.#state === 'live'
  }

  /** Whether its end is in the journal, or it ended before it was opened. */
  get hasEnded(): boolean {
    return this.#hasEnded
  }

  /** Resolves when a run that was given up holds its lease no longer. */
  get released(): Promise<void> {
    return this.#released ?? Promise.resolve()
  }

  get id(): string {
    return this.#opening.runId
  }

  get terminal(): string {
    return this.#opening.terminal
  }

  get seed(): number {
    return this.#opening.seed
  }

  get limits(): RunLimits {
    return this.#opening.limits
  }

  get thread(): string | undefined {
    return this.#opening.thread
  }

  get memory(): RunMemory {
    const known = this.#opening.forkedFrom?.memory
    const { memory } = this.bus.journal
    return known === undefined ? memory : forkMemory(memory, known)
  }

  get lease(): Lease {
    return this.#lease
  }

  /** Every secret that was part of the run; those of failed attempts may share a handle. */
  get secrets(): Iterable<Secret> {
    return this.#secrets?.all ?? NO_SECRETS
  }

  /** Ids of the deliveries that are not settled, or were not when the run was given up. */
  get unsettled(): readonly string[] {
    return this.#left ?? this.#deliveries.values().map(({ id }) => id)
  }

  get isIdle(): boolean {
    return this.#deliveries.size === this.#copies
  }

  /** Whether listeners are still at what has happened. */
  get isListenedTo(): boolean {
    return this.#copies > 0
  }

  /** Epoch milliseconds, which do not jump while the run is live: what its records say it took, it took. */
  now(): number {
    return Math.floor(this.#clock + this.bus.runtime.elapsed())
  }

  after(delayMs: number, run: () => void): Timer {
    return this.bus.timers.after(delayMs, run)
  }

  addSecret(secret: Secret): void {
    this.#secrets ??= new SecretRegister()
    this.#secrets.add(secret)
  }

  secret(handle: string): Secret | undefined {
    return this.#secrets?.get(handle)
  }

  remember(record: MemoryRecord): void {
    this.#memories ??= new Map()
    this.#memories.set(record.id, record)
    for (const secret of secretsIn(record.value)) this.addSecret(secret)
  }

  remembered(id: string): MemoryRecord | undefined {
    return this.#memories?.get(id)
  }

  /** Puts the run and its root message into the journal, and delivers it. */
  open(root: MessageDraft): void {
    if (this.#state !== 'waiting') return
    this.#state = 'live'
    const { runtime } = this.bus
    this.#startedAt = runtime.elapsed()
    this.#clock = runtime.now() - this.#startedAt
    this.renewedAt = this.#startedAt
    this.#startDeadline()
    const turn = new Settlement(this.now(), [this.#opening])
    this.#opening.at = turn.at
    MAIN_FLOW.handedOff(this, turn, this.#seal(turn, root))
    void this.#append(turn)
  }

  /** Goes on with a run that another process began, or that has ended. */
  async reown(open: OpenRun): Promise<void> {
    const { ended, past, unsettled, steps, secrets, memories, ownedMs } = open
    this.#state = 'live'
    this.past = past
    for (const secret of secrets) this.addSecret(secret)
    for (const memory of memories) this.remember(memory)
    if (ended !== undefined) await this.#reopen(ended, open.revived)
    this.#opened.resolve()
    for (const { id } of past.all()) {
      if (id.startsWith(`${this.id}.x`) && hopsOf(id) === 1) this.#external++
    }
    for (const step of steps) this.#usage.add(step)
    this.#endOverBudget()
    this.#endTooFar(open)
    if (!this.isLive) return
    this.#startDeadline(ownedMs)
    const lost: (() => Promise<unknown>)[] = []
    for (const { message, flow, listener, past, dead: unhandled } of unsettled) {
      const role = listener === undefined ? this.bus.role(message.to) : this.bus.listener(listener)
      const dead = unhandled ?? deadOnArrival(message, listener ?? message.to, role, this.bus)
      if (role !== undefined && dead === undefined) this.#expect(message, role, flow, past)
      else if (dead !== undefined) {
        lost.push(() => {
          const turn = new Settlement(this.now())
          if (past.history.openAsks(past.attempt).length > 0) this.#cancelAsks(turn, message)
          const who = { message, flow, role: listener ?? message.to }
          this.#bury(turn, who, { attempt: past.attempt }, dead)
          return this.#append(turn)
        })
      }
    }
    for (const bury of lost) await bury()
    await this.#publishDue(open)
    if (!this.isLive) return
    if (this.isIdle) this.end('stalled', 'nothing of it was left to do')
    // What is asked is handled when its asker asks again.
    for (const delivery of this.#deliveries.values()) {
      if (delivery.flow.kind !== 'ask') delivery.send()
    }
  }

  /** Ends the run where what is left of it has more hops than it may have. */
  #endTooFar({ unsettled, unhandled }: OpenRun): void {
    const turn = new Settlement(this.now())
    for (const message of [...unsettled.map(({ message }) => message), ...unhandled]) {
      if (!this.isLive || !this.#isTooFar(turn, message)) continue
      void this.#append(turn)
    }
  }

  /** What a bound on hops had held back becomes visible. */
  async #publishDue({ joins, terminal }: OpenRun): Promise<void> {
    if (!this.isLive || (joins.length === 0 && terminal === undefined)) return
    const turn = new Settlement(this.now())
    for (const { draft, joined, flow } of joins) this.join(turn, draft, joined, flow)
    if (terminal !== undefined) this.complete(turn, terminal)
    await this.#append(turn)
  }

  async #reopen({ status, reason }: RunEndedRecord, revived: readonly string[]): Promise<void> {
    const { id: runId, limits } = this
    const why = reason === undefined ? `it was ${status}` : `it was ${status}: ${reason}`
    await this.append([
      { kind: 'run.reopened', runId, at: this.now(), reason: why, limits, revived },
    ])
  }

  async publish<T extends MessageType>(
    to: string,
    type: T,
    data: InputOf<T>,
    options: MessageOptions = {},
  ): Promise<string> {
    await this.opened
    if (!this.isLive) throw new RunEndedError(this.id, 'no longer live')
    const id = externalPath(this.id, this.#external + 1)
    const place = { id, runId: this.id, from: COORDINATOR, to, causationId: this.id }
    const draft = draftMessage(place, type, data, options, this)
    this.#external++
    const turn = new Settlement(this.now())
    this.#handOff(turn, draft, MAIN_FLOW)
    const isStored = await this.#append(turn)
    if (!isStored) throw new RunEndedError(this.id, 'no longer live')
    return id
  }

  cancel(reason: string): void {
    this.end('cancelled', reason)
  }

  /** The transport brought a message. A duplicate, or one that is settled, changes nothing. */
  receive(deliveryId: string): void {
    this.#deliveries.get(deliveryId)?.arrive()
  }

  /** A handler succeeded: its settlement and what it published become durable, then visible. */
  settle(delivery: Delivery, attempt: Attempt): Promise<unknown> {
    if (this.#isOverdue()) this.#timeOut()
    if (!this.isLive) return this.#gone(delivery)
    const { message, flow } = delivery
    const { way } = attempt
    const turn = new Settlement(this.now())
    const settled: SettleRecord = {
      kind: 'settle',
      runId: this.id,
      at: turn.at,
      messageId: delivery.id,
      attempt: attempt.attempt,
      role: delivery.role.name,
      outcome: 'done',
      startedAt: attempt.startedAt,
      published:
        way === undefined
          ? NO_IDS
          : way.kind === 'fan-out'
            ? way.drafts.map(({ id }) => id)
            : [way.draft.id],
      seq: 0,
    }
    for (const record of attempt.written) turn.records.push({ ...record, at: turn.at })
    for (const record of attempt.underWay(turn.at)) turn.records.push(record)
    turn.records.push(way?.kind === 'fan-out' ? { ...settled, fanOut: way.fanOut } : settled)
    this.#remove(turn, delivery)
    if (way === undefined) {
      flow.failed(this, turn, {
        reason: 'stalled',
        sentence: wentNowhere(message, flow.kind),
        messageId: message.id,
      })
    } else if (way.kind === 'fan-out') {
      const roles = way.drafts.map(({ to }) => to)
      this.#fanOut(turn, way.drafts, new FanOut(message, flow, way.fanOut, roles))
    } else this.#handOff(turn, way.draft, flow)
    return this.#append(turn)
  }

  /** An attempt failed, and another one follows; resolves to whether that is stored. */
  retry(
    delivery: Delivery,
    failed: Attempt,
    error: ErrorRecord,
    { at, retryAt }: { readonly at: number; readonly retryAt: number },
  ): Promise<boolean> {
    if (!this.isLive) return this.#gone(delivery)
    const turn = new Settlement(at)
    turn.records.push(...failed.underWay(at), {
      kind: 'settle',
      runId: this.id,
      at: turn.at,
      messageId: delivery.id,
      attempt: failed.attempt,
      role: delivery.role.name,
      outcome: 'failed',
      startedAt: failed.startedAt,
      published: NO_IDS,
      error,
      retryAt,
    })
    if (delivery.hasAsks) this.#cancelAsks(turn, delivery.message)
    this.past.failed(delivery.id)
    return this.#append(turn)
  }

  /** A delivery is dead. */
  die(delivery: Delivery, dead: DeadLetter, ended?: Attempt): Promise<unknown> {
    if (!this.isLive) return this.#gone(delivery)
    const { message, flow, role, attempt } = delivery
    const turn = new Settlement(this.now())
    this.#remove(turn, delivery)
    if (ended !== undefined) turn.records.push(...ended.underWay(turn.at))
    const who = { message, flow, role: role.name }
    this.#bury(turn, who, { attempt, startedAt: ended?.startedAt }, dead)
    return this.#append(turn)
  }

  /** Asks what a handler asks as a step, or waits again for what an earlier start has asked. */
  ask(
    asker: Delivery,
    draft: MessageDraft,
    { attempt, step, timeoutMs }: AskedAt,
    answered: Answered,
  ): void {
    const known = this.#deliveries.get(draft.id)
    const flow =
      known?.flow instanceof AskFlow ? known.flow : new AskFlow(asker.message.id, asker.flow)
    const timer = this.bus.timers.after(timeoutMs, () => this.#askTimedOut(draft, flow, timeoutMs))
    flow.await(answered, timer)
    if (known !== undefined) {
      known.send()
      return
    }
    const turn = new Settlement(this.now())
    this.deliver(turn, this.#seal(turn, draft, { asked: { attempt, step } }), flow)
    if (!this.isLive) flow.forget()
    void this.#append(turn)
  }

  /** Why a role can handle no message of this type; `undefined` where it can. */
  problemOf(message: Pick<Message, 'type' | 'from'>, to: string): DeadLetter | undefined {
    return deadOnArrival(message, to, this.bus.role(to), this.bus)
  }

  /** The gate that deliveries of a flow pass. */
  gateOf({ kind, scope = '' }: Flow): Gate {
    const asker = kind === 'ask' ? this.#deliveries.get(scope) : undefined
    return asker?.gateOfAsked ?? this.bus.gate
  }

  #askTimedOut({ id, to, type }: MessageDraft, flow: AskFlow, timeoutMs: number): void {
    const delivery = this.#deliveries.get(id)
    if (!this.isLive || delivery === undefined) return
    const turn = new Settlement(this.now())
    const error = { code: ASK_TIMEOUT, message: noReplyInTime(to, type, timeoutMs) }
    flow.answer(turn, unanswered(error.code, error.message))
    this.#cancel(turn, delivery, error)
    void this.#append(turn)
  }

  /** Ends the run, unless it has ended. */
  end(status: RunStatus, why: string): void {
    const reason = redact(why, this.secrets)
    if (this.#state === 'waiting') {
      this.#state = 'over'
      this.#opened.reject(new RunEndedError(this.id, status, reason))
      this.#resolve({ status, reason, usage: this.#usage.total() })
      return
    }
    if (!this.isLive) return
    const turn = new Settlement(this.now())
    this.close(turn, status, reason)
    void this.#append(turn)
  }

  /** Stops without an end: the journal keeps the run open, for another process to go on with. */
  abandon(error: BusError): void {
    if (this.#state !== 'over') {
      this.#left = this.unsettled
      this.#drop(() => error)
    }
    this.dropCopies(error)
    if (!(error instanceof StaleEpochError)) this.#released ??= this.#release()
    this.#opened.reject(error)
    this.#result.reject(error)
    this.bus.left(this)
  }

  /** Gives the lease back; the journal stores what is on its way before. */
  async #release(): Promise<void> {
    try {
      await this.bus.journal.release(this.#lease)
    } catch (error) {
      this.bus.logger?.warn(
        { runId: this.id, error: describe(error) },
        'the lease was not released',
      )
    }
  }

  /** A role is no longer played: what waits for it can never be handled. */
  orphan(role: string): void {
    for (const delivery of this.#deliveries.values()) {
      if (delivery.role.name !== role || delivery.state === 'begun' || delivery.isOver) continue
      const player = delivery.flow === COPY_FLOW ? this.bus.listener(role) : this.bus.role(role)
      const dead = deadOnArrival(delivery.message, role, player, this.bus)
      if (dead !== undefined && this.isLive) void this.die(delivery, dead)
    }
  }

  /** Says to whoever watches the logs that something came too late. */
  refuse(message: Message, what: string): void {
    this.bus.logger?.debug({ runId: this.id, messageId: message.id }, `refused: ${what}`)
  }

  /** Adds what a step used, and ends the run where that is over its budget. */
  count(step: StepRecord): void {
    this.#usage.add(step)
    this.#endOverBudget()
  }

  #endOverBudget(): void {
    const { maxTokens } = this.limits
    const { tokens } = this.#usage
    if (maxTokens !== undefined && tokens > maxTokens) {
      this.end('budget_exhausted', tooManyTokens(tokens, maxTokens))
    }
  }

  /**
   * Appends records that settle nothing; resolves to whether they were stored. Where they were not, the
   * run is no longer this process's: everything under way is aborted and the result is rejected.
   */
  append(records: RecordDraft[]): Promise<boolean> {
    return this.#store(records)
  }

  /** Appends a settlement, and lets it take effect once it is stored. */
  #append(turn: Settlement): Promise<boolean> {
    const stored = this.#store(turn.records, turn)
    turn.handedOver(stored)
    return stored
  }

  #store(batch: RecordDraft[], turn?: Settlement): Promise<boolean> {
    if (!this.isLive) {
      const kind = batch.at(-1)?.kind
      if (kind !== 'run.ended') {
        this.bus.logger?.debug({ runId: this.id, kind }, 'refused: the run has ended')
        turn?.lost()
        return Promise.resolve(false)
      }
    }
    try {
      return this.bus.journal.append(batch, this.#lease).then(
        (records) => this.#stored(records, turn),
        (error: unknown) => this.#lost(error, turn),
      )
    } catch (error) {
      return Promise.resolve(this.#lost(error, turn))
    }
  }

  #stored(records: readonly JournalRecord[], turn: Settlement | undefined): true {
    this.bus.observed(records)
    this.#opened.resolve()
    if (!this.isLive) {
      const last = records.at(-1)
      if (last?.kind === 'run.ended') this.#resolve(last)
    }
    try {
      turn?.stored()
    } catch (error) {
      this.#lost(error, turn)
    }
    return true
  }

  #lost(error: unknown, turn: Settlement | undefined): false {
    const isRefusal = error instanceof StaleEpochError || error instanceof JournalConflictError
    this.abandon(isRefusal ? error : new JournalError(this.id, error))
    turn?.lost()
    return false
  }

  /** The run has this message from now on, and its listeners get copies. */
  #seal(
    turn: Settlement,
    draft: MessageDraft,
    origin?: Pick<MessageRecord, 'asked' | 'joined'>,
  ): Message {
    const content =
      draft.content === undefined
        ? (this.bus.role(draft.to)?.handoffLine ?? handoffLine(draft.to))
        : redact(draft.content, this.secrets)
    sealMessage(draft, turn.at, content)
    const listeners = this.bus.listenersOf(draft.type)
    const record: MessageRecord = {
      kind: 'message',
      runId: this.id,
      at: turn.at,
      message: draft,
      seq: 0,
    }
    const full =
      origin === undefined && listeners.length === 0
        ? record
        : {
            ...record,
            ...origin,
            ...(listeners.length === 0 ? {} : { copies: listeners.map(({ name }) => name) }),
          }
    turn.records.push(full)
    this.past.add(full)
    if (listeners.length > 0) {
      for (const listener of listeners) turn.sends(this.#expect(draft, listener, COPY_FLOW))
    }
    return draft
  }

  /** Publishes what a settlement hands off, or replies. */
  #handOff(turn: Settlement, draft: MessageDraft, flow: Flow): void {
    const message = this.#seal(turn, draft)
    if (this.#isTooFar(turn, message)) return
    flow.handedOff(this, turn, message)
  }

  #fanOut(turn: Settlement, drafts: readonly MessageDraft[], fanOut: FanOut): void {
    const dead: (() => void)[] = []
    const messages = drafts.map((draft) => this.#seal(turn, draft))
    let branch = 0
    for (const message of messages) {
      const flow = fanOut.branches[branch++]
      if (flow === undefined || this.#isTooFar(turn, message)) return
      const problem = this.#enter(turn, message, flow)
      // Whatever a dead one leads to, its siblings are there to be cancelled.
      if (problem !== undefined) dead.push(() => this.bury(turn, message, flow, problem))
    }
    for (const bury of dead) bury()
    fanOut.closeIfMet(this, turn)
  }

  join(turn: Settlement, draft: MessageDraft, joined: readonly string[], flow: Flow): void {
    this.deliver(turn, this.#seal(turn, draft, { joined }), flow)
  }

  deliver(turn: Settlement, message: Message, flow: Flow): void {
    if (!this.isLive || this.#isTooFar(turn, message)) return
    const dead = this.#enter(turn, message, flow)
    if (dead !== undefined) this.bury(turn, message, flow, dead)
  }

  /** Sends a message to its role's mailbox; says why where it is dead instead. */
  #enter(turn: Settlement, message: Message, flow: Flow): DeadLetter | undefined {
    const role = this.bus.role(message.to)
    const dead = deadOnArrival(message, message.to, role, this.bus)
    if (dead === undefined && role !== undefined) turn.sends(this.#expect(message, role, flow))
    return dead
  }

  bury(turn: Settlement, message: Message, flow: Flow, dead: DeadLetter): void {
    this.#bury(turn, { message, flow, role: message.to }, { attempt: 1 }, dead)
  }

  complete(turn: Settlement, message: Message): void {
    if (!this.isLive) return
    this.#terminal = message
    this.close(turn, 'completed')
  }

  cancelWithin(turn: Settlement, messageId: string, why: Omit<ErrorRecord, 'name'>): void {
    const within = this.#deliveries.values().filter(({ flow }) => isWithin(flow, messageId))
    for (const delivery of within) delivery.stop()
    for (const delivery of within) this.#cancel(turn, delivery, why)
  }

  #cancel(turn: Settlement, delivery: Delivery, why: Omit<ErrorRecord, 'name'>): void {
    if (this.#deliveries.get(delivery.id) !== delivery) return
    const error = { name: 'CancelledError', ...why }
    const { current } = delivery
    if (current !== undefined) turn.records.push(...current.underWay(turn.at))
    turn.records.push({
      kind: 'settle',
      runId: this.id,
      at: turn.at,
      messageId: delivery.id,
      attempt: delivery.attempt,
      role: delivery.role.name,
      outcome: 'cancelled',
      ...(current === undefined ? {} : { startedAt: current.startedAt }),
      published: NO_IDS,
      error,
    })
    if (delivery.flow instanceof AskFlow) delivery.flow.forget()
    delivery.drop(new CancelledError(delivery.id, why.message))
    this.#remove(turn, delivery)
  }

  /** A delivery is settled, and whatever it has asked is of no use any more. */
  #remove(turn: Settlement, delivery: Delivery): void {
    this.#deliveries.remove(delivery.id)
    if (delivery.flow === COPY_FLOW) this.#copies--
    turn.leaves(delivery)
    if (delivery.hasAsks) this.#cancelAsks(turn, delivery.message)
  }

  #cancelAsks(turn: Settlement, { id, to }: Message): void {
    this.cancelWithin(turn, id, {
      code: ASKER_DONE,
      message: `'${to}', which asked, waits for no reply any more`,
    })
  }

  #isTooFar(turn: Settlement, message: Message): boolean {
    const { maxHops } = this.limits
    if (!hasMoreHops(message.id, maxHops)) return false
    this.close(turn, 'budget_exhausted', tooManyHops(message, maxHops))
    return true
  }

  /** Takes a place in the mailbox of the message's role; the delivery is sent when it is visible. */
  #expect(message: Message, role: Role, flow: Flow, past?: DeliveryPast): Delivery {
    const delivery = new Delivery(this, message, role, flow, past)
    this.#deliveries.add(delivery.id, delivery)
    if (flow === COPY_FLOW) this.#copies++
    if (delivery.isQueued) role.mailbox.expect(delivery)
    return delivery
  }

  /** Adds a dead letter, and what follows from it. */
  #bury(
    turn: Settlement,
    {
      message,
      flow,
      role,
    }: { readonly message: Message; readonly flow: Flow; readonly role: string },
    at: { readonly attempt: number; readonly startedAt?: number | undefined },
    { reason, error }: DeadLetter,
  ): void {
    if (!this.isLive) return
    const { attempt, startedAt } = at
    turn.records.push({
      kind: 'settle',
      runId: this.id,
      at: turn.at,
      messageId: flow === COPY_FLOW ? copyPath(message.id, role) : message.id,
      attempt,
      role,
      outcome: 'dead',
      ...(startedAt === undefined ? {} : { startedAt }),
      published: NO_IDS,
      reason,
      error,
    })
    const sentence = deathSentence(message, attempt, reason, error.message)
    flow.failed(this, turn, { reason, sentence, messageId: message.id })
  }

  /** A listener is done with a copy, after the end of the run. */
  #gone(delivery: Delivery): Promise<false> {
    if (this.#deliveries.get(delivery.id) === delivery) {
      this.#deliveries.remove(delivery.id)
      this.#copies--
      delivery.leave()
      if (this.#copies === 0) this.bus.unlistened(this)
    }
    return Promise.resolve(false)
  }

  /** The grace of the listeners is over. */
  dropCopies(reason: BusError): void {
    for (const delivery of this.#deliveries.values()) {
      delivery.drop(reason)
      delivery.leave()
    }
    this.#deliveries.clear()
    this.#copies = 0
    this.bus.unlistened(this)
  }

  /** Adds the run's end; from here on nothing else of the run is appended. */
  close(turn: Settlement, status: RunStatus, reason?: string): void {
    if (!this.isLive) return
    const usage = this.#usage.total()
    const { at } = turn
    const end = { kind: 'run.ended', runId: this.id, at, status, usage, seq: 0 } as const
    turn.records.push(reason === undefined ? end : { ...end, reason })
    this.#drop(() => new RunEndedError(this.id, status, reason), turn)
  }

  /**
   * Aborts what is under way, but for listeners. An error takes a stack, so it is only made where
   * somebody gets it.
   */
  #drop(reasonOf: () => BusError, turn?: Settlement): void {
    this.#state = 'over'
    this.#deadline?.cancel()
    if (this.#copies === 0) this.lanes = undefined
    if (this.isIdle) return
    const reason = reasonOf()
    const ending = this.#deliveries.values().filter(({ flow }) => flow !== COPY_FLOW)
    for (const delivery of ending) delivery.stop()
    for (const delivery of ending) {
      if (delivery.flow instanceof AskFlow) delivery.flow.forget()
      delivery.drop(reason)
      this.#deliveries.remove(delivery.id)
      if (turn === undefined) delivery.leave()
      else turn.leaves(delivery)
    }
  }

  #resolve({ status, reason, usage }: Pick<RunEndedRecord, 'status' | 'reason' | 'usage'>): void {
    this.#hasEnded = true
    const message = this.#terminal
    const messages = this.past.all()
    const durationMs = this.bus.runtime.elapsed() - this.#startedAt
    const { id: runId } = this
    this.#result.resolve(
      message === undefined
        ? {
            runId,
            status,
            ...(reason === undefined ? {} : { reason }),
            messages,
            usage,
            durationMs,
          }
        : { runId, status, message, messages, usage, durationMs },
    )
    this.bus.left(this)
  }

  /** Time in which other processes owned the run counts; time in which nobody did does not. */
  #startDeadline(ownedMs = 0): void {
    const { timeoutMs } = this.limits
    if (timeoutMs === undefined) return
    this.#deadline = this.bus.timers.after(Math.max(0, timeoutMs - ownedMs), () => this.#timeOut())
  }

  /** Whether the deadline has passed, though a handler that blocks the process let no timer ring. */
  #isOverdue(): boolean {
    return this.#deadline?.remainingMs() === 0
  }

  #timeOut(): void {
    const at = this.#deliveries.values().filter(({ flow }) => flow !== COPY_FLOW)
    this.end(
      'timed_out',
      tookTooLong(
        this.limits.timeoutMs,
        at.map(({ whereabouts }) => whereabouts),
      ),
    )
  }
}
