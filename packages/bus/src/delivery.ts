import { type Answered, askersOf } from './ask.ts'
import { Attempt, toErrorRecord } from './attempt.ts'
import type { AskedAt, AttemptHost } from './attempt-host.ts'
import { backoffAfter } from './backoff.ts'
import {
  type BusError,
  DeliveryTimeoutError,
  JournalError,
  NonDeterminismError,
  OutcomeUnknownError,
  TerminalError,
  TransportError,
} from './errors.ts'
import { COPY_FLOW, type Flow } from './flow.ts'
import { Gate } from './gate.ts'
import type { LiveRun } from './live-run.ts'
import type { Message, MessageDraft } from './message.ts'
import { copyPath } from './paths.ts'
import type { DeadReason, StepRecord } from './records.ts'
import type { Role } from './role.ts'
import { StepHistory } from './step-history.ts'
import { type AttemptSteps, type StepHost, Steps } from './steps.ts'
import type { Timer } from './timers.ts'

/** What the journal knows of a delivery that another process began. */
export interface DeliveryPast {
  readonly attempt: number
  /** The first attempt since the delivery was last revived. */
  readonly firstAttempt: number
  /** Starts of this attempt so far, at least 1 where a handler may have run. */
  readonly starts: number
  /** Starts that ended with the process while what it asked was handled, which is not its fault. */
  readonly excused: number
  /** When this attempt may begin; absent for at once. */
  readonly retryAt?: number
  /** When the message became visible, or the attempt before this one failed. */
  readonly attemptAt: number
  readonly history: StepHistory
  readonly recordedLogs: number
  readonly recordedMemories: number
}

/** What a handler has thrown, be it `undefined`. */
interface Thrown {
  readonly error: unknown
}

const NO_STEPS: readonly StepRecord[] = Object.freeze([])

const NO_WAITS: readonly string[] = Object.freeze([])

/** One role handling one message: its attempts, one after the other, until one settles it. */
export class Delivery implements AttemptHost {
  readonly run: LiveRun
  /** The id of its records: the message's, or a copy's. */
  readonly id: string
  readonly message: Message
  readonly role: Role
  readonly flow: Flow
  attempt: number
  /** When the attempt became possible; the attempt's `now` until it has a step. */
  attemptAt: number
  recordedLogs: number
  readonly recordedMemories: number
  /**
   * `held` until its message is in the journal for sure, `expected` until the transport brings it, then
   * `arrived`, then `begun`; `left` where it was cancelled before.
   */
  state: 'held' | 'expected' | 'arrived' | 'begun' | 'left' = 'held'
  #history: StepHistory | undefined
  readonly #firstAttempt: number
  #starts: number
  #excused: number
  #retryAt: number | undefined
  #current: Attempt | undefined
  #timer: Timer | undefined
  #remainingMs = 0
  /** What the attempt waits for. */
  #waits: readonly string[] = NO_WAITS
  /** What waited and needs the slot again. */
  #goingOn: (() => void)[] | undefined
  #hasSlot = false
  #isAlone = false
  #isInGate = false
  #isOver = false
  /** The gate that it passes. */
  #gate: Gate
  /** That of whom it asks while it holds its own one alone. */
  #inner: Gate | undefined
  /** Asks that the attempt waits for. */
  #asks = 0
  /** Whether a start in another process has asked what was open when that ended. */
  readonly #hasEarlierAsks: boolean

  constructor(run: LiveRun, message: Message, role: Role, flow: Flow, past?: DeliveryPast) {
    this.run = run
    this.id = flow === COPY_FLOW ? copyPath(message.id, role.name) : message.id
    this.message = message
    this.role = role
    this.flow = flow
    this.#gate = run.bus.gate
    this.attempt = past?.attempt ?? 1
    this.#firstAttempt = past?.firstAttempt ?? 1
    this.attemptAt = past?.attemptAt ?? message.sentAt
    this.recordedLogs = past?.recordedLogs ?? 0
    this.recordedMemories = past?.recordedMemories ?? 0
    this.#history = past?.history
    this.#hasEarlierAsks = past !== undefined && past.history.openAsks(past.attempt).length > 0
    this.#starts = past?.starts ?? 0
    this.#excused = past?.excused ?? 0
    this.#retryAt = past?.retryAt
  }

  /** What an earlier start of this attempt recorded: steps, and asks that are open. */
  get recordedSteps(): readonly StepRecord[] {
    const history = this.#history
    if (history === undefined) return NO_STEPS
    const open = history.openAsks(this.attempt)
    return open.length === 0 ? history.of(this.attempt) : [...history.of(this.attempt), ...open]
  }

  /** Whether what it has asked may be open. */
  get hasAsks(): boolean {
    return this.#asks > 0 || this.#hasEarlierAsks
  }

  stepsOf(attempt: StepHost): AttemptSteps {
    this.#history ??= new StepHistory()
    return new Steps(attempt, this.#history)
  }

  askers(): readonly string[] {
    return askersOf(this.message, this.flow, this.run.past)
  }

  ask(draft: MessageDraft, at: AskedAt, answered: Answered): void {
    this.run.ask(this, draft, at, answered)
  }

  /** Whether it waits for its turn among those of its run and role. What is asked does not. */
  get isQueued(): boolean {
    return this.flow.kind !== 'ask'
  }

  /** Whether it is settled, or its run is over. */
  get isOver(): boolean {
    return this.#isOver
  }

  /** The attempt under way. */
  get current(): Attempt | undefined {
    return this.#current
  }

  /** Its message is in the journal: it may arrive, by way of the transport. */
  send(): void {
    if (this.state !== 'held' || this.#isOver) return
    this.state = 'expected'
    const { run, message, id, role } = this
    try {
      run.bus.transport.send(
        this.flow === COPY_FLOW ? { runId: run.id, id, to: role.name } : message,
      )
    } catch (error) {
      this.run.abandon(new TransportError(this.message.id, error))
    }
  }

  /** The transport has brought the message; too early or again is no harm. */
  arrive(): void {
    if (this.state !== 'expected') return
    this.state = 'arrived'
    if (this.isQueued) this.role.mailbox.arrived(this)
    else this.begin()
  }

  /** Its end is stored: whoever waits for its slot, its turn, or the gate, may have it. */
  leave(): void {
    this.#giveSlot()
    this.#leaveGate()
    if (this.isQueued) this.role.mailbox.leave(this)
  }

  /** Its turn in its run has come. */
  begin(): void {
    this.state = 'begun'
    const waitMs = this.#retryAt === undefined ? 0 : this.#retryAt - this.run.now()
    if (waitMs > 0) this.#backOff(Math.min(waitMs, this.role.options.maxBackoffMs))
    else this.#start()
  }

  /** It begins nothing any more; for all that end together, before any of them makes room for another. */
  stop(): void {
    this.#isOver = true
  }

  /**
   * The run is over, or nobody waits for it: what is under way is aborted and settles nothing. It keeps
   * its place until it leaves, since whoever gets it may begin at once.
   */
  drop(reason: BusError): void {
    this.#isOver = true
    this.#timer?.cancel()
    const attempt = this.#current
    if (attempt === undefined) return
    this.#current = undefined
    attempt.close(reason)
    this.#release()
  }

  /** What it is at, for people. */
  get whereabouts(): string {
    const { to, type } = this.message
    const waiting = this.#waits.length === 0 ? '' : `, waiting for ${this.#waits.join(' and ')}`
    return `'${to}' with ${type}${waiting}`
  }

  /**
   * The attempt waits for something slow: its clock stops and its slot is free. It stays inside the
   * gate, since what it waits for runs in this process too; but for whom it asks, who must pass the
   * gate as well. One that holds it alone has another one for them.
   */
  waitBegins(attempt: Attempt, what: string, isAsk: boolean): void {
    if (attempt !== this.#current) return
    this.#waits = [...this.#waits, what]
    if (this.#waits.length === 1 && this.#hasSlot) {
      this.#remainingMs = this.#timer?.remainingMs() ?? 0
      this.#timer?.cancel()
      this.#giveSlot()
    }
    if (!isAsk) return
    this.#asks++
    if (!this.#isAlone) this.#leaveGate()
  }

  /**
   * Resolves when the attempt has passed the gate again, and has its slot again or waits for something
   * else; or when it is over. One that waits for further replies goes on outside the gate.
   */
  async waitEnds(attempt: Attempt, what: string, isAsk: boolean): Promise<void> {
    if (attempt !== this.#current) return
    this.#waits = this.#waits.toSpliced(this.#waits.indexOf(what), 1)
    if (isAsk) this.#asks--
    if (this.#waits.length > 0 && (this.#isInGate || this.#asks > 0)) return
    await new Promise<void>((resolve) => {
      // One slot is enough for all that goes on, so only the first asks for it.
      this.#goingOn ??= []
      if (this.#goingOn.push(resolve) === 1) this.#comeBack(attempt)
    })
  }

  /** Passes the gate where it has left it, and then takes a slot where it waits for nothing else. */
  #comeBack(attempt: Attempt): void {
    const takeSlot = () => {
      if (this.#waits.length > 0) this.#goOn()
      else this.role.mailbox.takeSlot(() => this.#gotSlot(attempt))
    }
    if (this.#isInGate) {
      takeSlot()
      return
    }
    const gate = this.#gate
    gate.enter(false, () => {
      if (attempt !== this.#current) gate.leave()
      else {
        this.#isInGate = true
        takeSlot()
      }
    })
  }

  #gotSlot(attempt: Attempt): void {
    const isCurrent = attempt === this.#current
    if (!isCurrent || this.#waits.length > 0 || this.#hasSlot) this.role.mailbox.giveSlot()
    else {
      this.#hasSlot = true
      this.#watch(attempt, this.#remainingMs)
    }
    if (isCurrent) this.#goOn()
  }

  #goOn(): void {
    // It may have asked somebody else meanwhile.
    if (this.#asks > 0 && !this.#isAlone) this.#leaveGate()
    this.#release()
  }

  /** Lets go on what waited for the slot. */
  #release(): void {
    for (const goOn of this.#goingOn?.splice(0) ?? []) goOn()
  }

  /** The gate of whom it asks. */
  get gateOfAsked(): Gate {
    if (!this.#isAlone || !this.#isInGate) return this.#gate
    this.#inner ??= new Gate()
    return this.#inner
  }

  #giveSlot(): void {
    if (!this.#hasSlot) return
    this.#hasSlot = false
    this.role.mailbox.giveSlot()
  }

  #start(): void {
    const { startsPerAttempt } = this.role.options
    const start = this.#starts + 1
    const suspicious = start - this.#excused
    if (suspicious > startsPerAttempt) {
      void this.#die('crashed', crashedError(this.message, this.attempt, this.#starts))
      return
    }
    this.#starts = start
    this.#isAlone = start > 1 && suspicious === startsPerAttempt
    this.#gate = this.run.gateOf(this.flow)
    const gate = this.#gate
    if (gate.tryEnter(this.#isAlone)) this.#passGate(start)
    else gate.enter(this.#isAlone, () => this.#passGate(start))
  }

  /** Only who has passed the gate has a slot, so that nobody at the gate keeps one from those inside. */
  #passGate(start: number): void {
    this.#isInGate = true
    if (this.#isOver) this.#leaveGate()
    else this.#takeSlot(start)
  }

  #takeSlot(start: number): void {
    const { mailbox } = this.role
    if (mailbox.tryTakeSlot()) this.#begin(start)
    else mailbox.takeSlot(() => this.#begin(start))
  }

  #begin(start: number): void {
    this.#hasSlot = true
    if (this.#isOver) this.#leaveGateAndSlot()
    else if (start === 1) this.#handle()
    else void this.#recordStart(start)
  }

  async #recordStart(start: number): Promise<void> {
    const { run, id, attempt } = this
    const record = {
      kind: 'start',
      runId: run.id,
      at: run.now(),
      messageId: id,
      attempt,
      start,
    } as const
    const excused = this.#excused
    const stored = await run.append([excused === 0 ? record : { ...record, excused }])
    if (stored && !this.#isOver) this.#handle()
    else {
      this.#giveSlot()
      if (!this.#isAlone) this.#leaveGate()
    }
  }

  #handle(): void {
    const attempt = new Attempt(this, this.run.now())
    this.#current = attempt
    this.#asks = 0
    this.#watch(attempt, this.role.options.deliveryTimeoutMs)
    try {
      const result = this.role.handle(this.message, attempt)
      if (result === undefined) this.#finish(attempt)
      else {
        Promise.resolve(result).then(
          () => this.#finish(attempt),
          (error: unknown) => this.#finish(attempt, { error }),
        )
      }
    } catch (error) {
      this.#finish(attempt, { error })
    }
  }

  #watch(attempt: Attempt, timeoutMs: number): void {
    this.#timer = this.run.bus.timers.after(timeoutMs, () => {
      const [waitedFor] = attempt.unserved
      this.#finish(attempt, {
        error:
          waitedFor === undefined
            ? new DeliveryTimeoutError(this.role.name, this.role.options.deliveryTimeoutMs)
            : skippedError(waitedFor, 'no such step in time'),
      })
    })
  }

  #finish(attempt: Attempt, failure?: Thrown): void {
    if (attempt !== this.#current) {
      this.run.refuse(this.message, `attempt ${attempt.attempt} ended after it was over`)
      return
    }
    this.#current = undefined
    this.#timer?.cancel()
    this.#waits = NO_WAITS
    const { doomed } = attempt
    attempt.close(failure?.error instanceof DeliveryTimeoutError ? failure.error : undefined)
    const problem = this.#problemOf(attempt, doomed, failure)
    const settling =
      problem === undefined ? this.run.settle(this, attempt) : this.#fail(attempt, problem.error)
    // Only now, since whoever gets the place may begin at once, and end what this one is part of.
    this.#giveSlot()
    this.#release()
    // One that ran alone keeps the gate until its outcome is stored, or it would count as a killer if
    // another one killed the process.
    if (!this.#isAlone) this.#leaveGate()
    // Most have nothing more to do here, and a settlement never rejects.
    if (problem === undefined && !this.#isInGate) return
    settling.then(
      () => this.#leaveGate(),
      (error: unknown) => this.run.abandon(new JournalError(this.run.id, error)),
    )
  }

  /** What keeps the attempt from being settled as done. */
  #problemOf(
    attempt: Attempt,
    doomed: TerminalError | undefined,
    failure: Thrown | undefined,
  ): Thrown | undefined {
    if (doomed !== undefined) return { error: doomed }
    if (failure !== undefined) return failure
    const skipped = attempt.unserved[0]
    return skipped === undefined
      ? undefined
      : { error: skippedError(skipped, 'the handler ended without it') }
  }

  #leaveGate(): void {
    if (!this.#isInGate) return
    this.#isInGate = false
    this.#gate.leave()
  }

  #leaveGateAndSlot(): void {
    this.#leaveGate()
    this.#giveSlot()
  }

  #fail(attempt: Attempt, error: unknown): Promise<unknown> {
    const { attempts } = this.role.options
    if (error instanceof OutcomeUnknownError) return this.#die('outcome_unknown', error, attempt)
    if (error instanceof TerminalError) return this.#die('terminal', error, attempt)
    if (this.#tries >= attempts) return this.#die('exhausted', error, attempt)
    return this.#retry(attempt, error)
  }

  /** Attempts since it was last revived. */
  get #tries(): number {
    return this.attempt - this.#firstAttempt + 1
  }

  #die(reason: DeadReason, error: unknown, attempt?: Attempt): Promise<unknown> {
    this.#isOver = true
    const dead = { reason, error: toErrorRecord(error, this.run.secrets) }
    return this.run.die(this, dead, attempt)
  }

  async #retry(failed: Attempt, error: unknown): Promise<void> {
    const { run, role } = this
    const { attempt } = failed
    const at = run.now()
    const waitMs = backoffAfter(this.#tries, role.options, () => run.bus.runtime.random())
    const why = toErrorRecord(error, run.secrets)
    const stored = await run.retry(this, failed, why, { at, retryAt: Math.ceil(at + waitMs) })
    if (!stored || this.#isOver) return
    this.attempt = attempt + 1
    this.attemptAt = at
    this.recordedLogs = 0
    this.#starts = 0
    this.#excused = 0
    this.#backOff(waitMs)
  }

  #backOff(waitMs: number): void {
    this.#timer = this.run.bus.timers.after(waitMs, () => this.#start())
  }
}

function skippedError(recorded: StepRecord, actual: string): NonDeterminismError {
  return new NonDeterminismError(recorded.step.join('.'), recorded.name, actual)
}

function crashedError(message: Message, attempt: number, starts: number): TerminalError {
  return new TerminalError(
    `attempt ${attempt} of ${message.id} was started ${starts} times and its process died each time: ` +
      `look for what kills it in '${message.to}'`,
    { code: 'crashed' },
  )
}
