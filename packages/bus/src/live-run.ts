import type { Attempt } from './attempt.ts'
import type { BusCore } from './bus-core.ts'
import { type DeadLetter, deadOnArrival, deathSentence } from './dead-letter.ts'
import { Delivery, type DeliveryPast } from './delivery.ts'
import { stalledAt, tookTooLong, tooManyHops, tooManyTokens } from './end-reasons.ts'
import {
  type BusError,
  describe,
  JournalConflictError,
  JournalError,
  RunEndedError,
  StaleEpochError,
} from './errors.ts'
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
import { externalPath, hasMoreHops, hopsOf } from './paths.ts'
import type {
  JournalRecord,
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
import { redact, type Secret } from './secret.ts'
import { NO_SECRETS, SecretRegister } from './secret-register.ts'
import type { Timer } from './timers.ts'
import { UsageCount } from './usage-count.ts'

/** The record that opens a run, before it is known when. */
interface RunOpening extends Omit<RunOpenedRecord, 'at'> {
  at: number
}

const NO_IDS: readonly string[] = Object.freeze([])

/** A run that this process owns: what it holds of it, and the only place that appends to it. */
export class LiveRun implements Run {
  readonly bus: BusCore
  readonly messages = new Map<string, Message>()
  /** Its deliveries by role, as the mailboxes of the roles keep them: a linked list. */
  lanes: Lane | undefined
  readonly #opening: RunOpening
  /** Those that are not settled, by message id. */
  readonly #deliveries = new Registry<Delivery>()
  #secrets: SecretRegister | undefined
  readonly #usage = new UsageCount()
  readonly #lease: Lease
  #startedAt: number
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

  get seed(): number {
    return this.#opening.seed
  }

  get limits(): RunLimits {
    return this.#opening.limits
  }

  get lease(): Lease {
    return this.#lease
  }

  /** Every secret that was part of the run; those of failed attempts may share a handle. */
  get secrets(): Iterable<Secret> {
    return this.#secrets?.all ?? NO_SECRETS
  }

  /** Message ids of the deliveries that are not settled, or were not when the run was given up. */
  get unsettled(): readonly string[] {
    return this.#left ?? this.#deliveries.values().map(({ message }) => message.id)
  }

  now(): number {
    return this.bus.runtime.now()
  }

  addSecret(secret: Secret): void {
    this.#secrets ??= new SecretRegister()
    this.#secrets.add(secret)
  }

  secret(handle: string): Secret | undefined {
    return this.#secrets?.get(handle)
  }

  /** Puts the run and its root message into the journal, and delivers it. */
  open(root: MessageDraft): void {
    if (this.#state !== 'waiting') return
    this.#state = 'live'
    this.#startedAt = this.bus.runtime.elapsed()
    this.renewedAt = this.#startedAt
    this.#startDeadline()
    const at = this.now()
    this.#opening.at = at
    const published = this.#seal(root, at)
    const batch: RecordDraft[] = [this.#opening, published]
    const delivery = this.#arrive(batch, published.message, at)
    void this.append(batch, undefined, delivery)
  }

  /** Goes on with a run that another process began. */
  async reown({ messages, unsettled, steps, ownedMs }: OpenRun): Promise<void> {
    this.#state = 'live'
    this.#opened.resolve()
    for (const message of messages.values()) {
      this.messages.set(message.id, message)
      if (message.id.startsWith(`${this.id}.x`) && hopsOf(message.id) === 1) this.#external++
    }
    for (const step of steps) this.#usage.add(step)
    this.#endOverBudget()
    if (!this.isLive) return
    this.#startDeadline(ownedMs)
    for (const { message, past, unreadable } of unsettled) {
      const dead = unreadable ?? this.#problem(message)
      if (dead !== undefined) {
        await this.#endDead(message, past.attempt, dead)
        return
      }
    }
    for (const { message, past } of unsettled) {
      this.messages.set(message.id, message)
      const role = this.bus.role(message.to)
      if (role !== undefined) this.#expect(message, role, past)
    }
    if (this.#deliveries.size === 0) this.end('stalled', 'nothing of it was left to do')
    for (const delivery of this.#deliveries.values()) delivery.send()
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
    const draft = draftMessage(place, type, data, options, (secret) => this.addSecret(secret))
    this.#external++
    const at = this.now()
    const published = this.#seal(draft, at)
    const batch: RecordDraft[] = [published]
    const delivery = this.#arrive(batch, published.message, at)
    const isStored = await this.append(batch, undefined, delivery)
    if (!isStored) throw new RunEndedError(this.id, 'no longer live')
    return id
  }

  cancel(reason: string): void {
    this.end('cancelled', reason)
  }

  /** The transport brought a message. A duplicate, or one that is settled, changes nothing. */
  receive(messageId: string): void {
    this.#deliveries.get(messageId)?.arrive()
  }

  /** A handler succeeded: its settlement and what it published become durable, then visible. */
  settle(delivery: Delivery, attempt: Attempt): Promise<unknown> {
    if (this.#isOverdue()) this.#timeOut()
    if (!this.isLive) return Promise.resolve()
    const { message } = delivery
    const { outgoing, startedAt } = attempt
    const at = this.now()
    const settled: SettleRecord = {
      kind: 'settle',
      runId: this.id,
      at,
      messageId: message.id,
      attempt: attempt.attempt,
      role: message.to,
      outcome: 'done',
      startedAt,
      published: outgoing === undefined ? NO_IDS : [outgoing.id],
      seq: 0,
    }
    this.#deliveries.remove(message.id)
    let batch: RecordDraft[]
    let next: Delivery | undefined
    if (outgoing !== undefined) {
      const published = this.#seal(outgoing, at)
      batch = [settled, published]
      next = this.#arrive(batch, published.message, at)
    } else {
      batch = [settled]
      if (this.#deliveries.size === 0) this.#close(batch, at, 'stalled', stalledAt(message))
    }
    return this.append(batch, delivery, next)
  }

  /** A delivery is dead, and with it, on the main flow, the run. */
  bury(delivery: Delivery, dead: DeadLetter, startedAt?: number): Promise<void> {
    if (!this.isLive) return Promise.resolve()
    this.#deliveries.remove(delivery.message.id)
    return this.#endDead(delivery.message, delivery.attempt, dead, startedAt)
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
    const batch: RecordDraft[] = []
    this.#close(batch, this.now(), status, reason)
    void this.append(batch)
  }

  /** Stops without an end: the journal keeps the run open, for another process to go on with. */
  abandon(error: BusError): void {
    if (this.#state !== 'over') {
      this.#left = this.unsettled
      this.#drop(() => error)
    }
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
      if (delivery.message.to !== role || delivery.state === 'begun') continue
      const dead = this.#problem(delivery.message)
      if (dead !== undefined) void this.bury(delivery, dead)
      return
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
   * Appends to the journal; resolves to whether it was stored. Then a delivery that it settles leaves
   * its mailbox, and one that it makes visible is sent. Where it was not stored, the run is no longer
   * this process's: everything under way is aborted and the result is rejected.
   */
  append(batch: RecordDraft[], settled?: Delivery, visible?: Delivery): Promise<boolean> {
    const kind = batch.at(-1)?.kind
    if (!this.isLive && kind !== 'run.ended') {
      this.bus.logger?.debug({ runId: this.id, kind }, 'refused: the run has ended')
      return Promise.resolve(false)
    }
    try {
      return this.bus.journal
        .append(batch, this.#lease)
        .then((records) => this.#stored(records, settled, visible), this.#lost)
    } catch (error) {
      return Promise.resolve(this.#lost(error))
    }
  }

  #stored(records: readonly JournalRecord[], settled?: Delivery, visible?: Delivery): true {
    this.bus.observed(records)
    this.#opened.resolve()
    const last = records.at(-1)
    if (last?.kind === 'run.ended') this.#resolve(last)
    try {
      settled?.role.mailbox.leave(settled)
      visible?.send()
    } catch (error) {
      this.#lost(error)
    }
    return true
  }

  readonly #lost = (error: unknown): false => {
    const isRefusal = error instanceof StaleEpochError || error instanceof JournalConflictError
    this.abandon(isRefusal ? error : new JournalError(this.id, error))
    return false
  }

  /** The record of a message that the run has from now on. */
  #seal(draft: MessageDraft, at: number): MessageRecord {
    const content = draft.content ?? this.bus.role(draft.to)?.handoffLine ?? handoffLine(draft.to)
    sealMessage(draft, at, redact(content, this.secrets))
    this.messages.set(draft.id, draft)
    return { kind: 'message', runId: this.id, at, message: draft, seq: 0 }
  }

  /**
   * Adds to the batch whatever the arrival of a message that it publishes means: the run's end, or a
   * dead letter. Else gives its delivery, which is to be sent once the batch is stored.
   */
  #arrive(batch: RecordDraft[], message: Message, at: number): Delivery | undefined {
    const { maxHops } = this.limits
    if (hasMoreHops(message.id, maxHops)) {
      this.#close(batch, at, 'budget_exhausted', tooManyHops(message, maxHops))
      return undefined
    }
    if (message.to === COORDINATOR && message.type === this.#opening.terminal) {
      this.#terminal = message
      this.#close(batch, at, 'completed')
      return undefined
    }
    const role = this.bus.role(message.to)
    const dead = deadOnArrival(message, role, this.bus)
    if (dead === undefined) return role && this.#expect(message, role)
    this.#addDead(batch, message, 1, dead)
    return undefined
  }

  /** Takes a place in the mailbox of the message's role; the delivery is sent when it is visible. */
  #expect(message: Message, role: Role, past?: DeliveryPast): Delivery {
    const delivery = new Delivery(this, message, role, past)
    this.#deliveries.add(message.id, delivery)
    role.mailbox.expect(delivery)
    return delivery
  }

  #problem(message: Message): DeadLetter | undefined {
    return deadOnArrival(message, this.bus.role(message.to), this.bus)
  }

  async #endDead(
    message: Message,
    attempt: number,
    dead: DeadLetter,
    startedAt?: number,
  ): Promise<void> {
    const batch: RecordDraft[] = []
    this.#addDead(batch, message, attempt, dead, startedAt)
    await this.append(batch)
  }

  #addDead(
    batch: RecordDraft[],
    message: Message,
    attempt: number,
    { reason, error }: DeadLetter,
    startedAt?: number,
  ): void {
    const at = this.now()
    batch.push({
      kind: 'settle',
      runId: this.id,
      at,
      messageId: message.id,
      attempt,
      role: message.to,
      outcome: 'dead',
      ...(startedAt === undefined ? {} : { startedAt }),
      published: [],
      reason,
      error,
    })
    this.#close(batch, at, 'failed', deathSentence(message, attempt, reason, error.message))
  }

  /** Adds the run's end to the batch; from here on nothing else of the run is appended. */
  #close(batch: RecordDraft[], at: number, status: RunStatus, reason?: string): void {
    const usage = this.#usage.total()
    const end = { kind: 'run.ended', runId: this.id, at, status, usage, seq: 0 } as const
    batch.push(reason === undefined ? end : { ...end, reason })
    this.#drop(() => new RunEndedError(this.id, status, reason))
  }

  /** Aborts what is under way. An error takes a stack, so it is only made where somebody gets it. */
  #drop(reasonOf: () => BusError): void {
    this.#state = 'over'
    this.#deadline?.cancel()
    this.lanes = undefined
    if (this.#deliveries.size === 0) return
    const reason = reasonOf()
    for (const delivery of this.#deliveries.values()) delivery.drop(reason)
    this.#deliveries.clear()
  }

  #resolve({ status, reason, usage }: Pick<RunEndedRecord, 'status' | 'reason' | 'usage'>): void {
    this.#hasEnded = true
    const message = this.#terminal
    const messages = [...this.messages.values()]
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
    const at = this.#deliveries.values().map(({ whereabouts }) => whereabouts)
    this.end('timed_out', tookTooLong(this.limits.timeoutMs, at))
  }
}
