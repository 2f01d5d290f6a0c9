import type { DeepReadonly } from './data.ts'
import { toData } from './data.ts'
import type { Delivery } from './delivery.ts'
import {
  AlreadyHandedOffError,
  AttemptClosedError,
  BusError,
  describe,
  type TerminalError,
} from './errors.ts'
import {
  draftMessage,
  type Message,
  type MessageDraft,
  type MessageOf,
  type MessageOptions,
} from './message.ts'
import type { InputOf, MessageType } from './message-type.ts'
import { handoffPath, logPath, withoutRunId } from './paths.ts'
import { quiet } from './quiet.ts'
import { type Random, seededRandom, seedFrom } from './random.ts'
import { causalPast } from './reading/context.ts'
import type { ErrorRecord, StepRecord } from './records.ts'
import { redact, type Secret } from './secret.ts'
import { type StepHost, type StepOptions, Steps } from './steps.ts'
import type { Timer } from './timers.ts'

/**
 * What a handler gets beside its message. It closes with the attempt: everything on it throws an
 * `AttemptClosedError` afterwards.
 */
export interface DeliveryContext {
  readonly message: Message
  /** Which try of the delivery this is, from 1. */
  readonly attempt: number
  /** Aborts when the attempt is over, at the latest at its timeout or when the run ends. */
  readonly signal: AbortSignal
  /**
   * Hands off to the next role, once, and returns the message's id. Validated at once, held until
   * the handler has succeeded, and gone when it fails. `options` may be just the human line.
   */
  handoff<T extends MessageType>(
    to: string,
    type: T,
    data: InputOf<T>,
    options?: string | MessageOptions,
  ): string
  /**
   * Performs an effect on the world outside and records it; gives the recorded response instead
   * when the attempt starts again. Steps are told apart by the order in which they are asked for.
   */
  step<Response>(options: StepOptions<Response>): Promise<DeepReadonly<Response>>
  /** Records a line for whoever watches. `{name}` in the text stands for that entry of `data`. */
  log(text: string, data?: Readonly<Record<string, unknown>>): void
  /** Epoch milliseconds of the attempt's latest record: the same when it starts again. */
  now(): number
  /** From 0 up to 1, seeded by run, message and attempt: the same when it starts again. */
  random(): number
  /** The messages that led here, root first, with the handled one last. */
  past(): readonly Message[]
  /** The latest message of a type among those that led here. */
  latest<T extends MessageType>(type: T): MessageOf<T> | undefined
  /** The secret that a handle of this run stands for. */
  secret(handle: string): Secret | undefined
  /** The text with the value of every secret of this run replaced by its handle. */
  redact(text: string): string
  /** Throws an `AttemptClosedError` that names the action, where the attempt is over. */
  assertOpen(action: string): void
}

const NO_OPTIONS: MessageOptions = Object.freeze({})

/** One start of an attempt, from the call of its handler to its end. */
export class Attempt implements DeliveryContext, StepHost {
  readonly message: Message
  readonly attempt: number
  readonly startedAt: number
  readonly #delivery: Delivery
  #steps: Steps | undefined
  #outgoing: MessageDraft | undefined
  #doom: TerminalError | undefined
  #aborter: AbortController | undefined
  #random: Random | undefined
  #logs = 0
  #now: number
  #isOpen = true

  constructor(delivery: Delivery, startedAt: number) {
    this.#delivery = delivery
    this.message = delivery.message
    this.attempt = delivery.attempt
    this.startedAt = startedAt
    this.#now = delivery.attemptAt
  }

  get runId(): string {
    return this.message.runId
  }

  get messageId(): string {
    return this.message.id
  }

  get signal(): AbortSignal {
    if (this.#aborter === undefined) {
      this.#aborter = new AbortController()
      if (!this.#isOpen) this.#aborter.abort(this.#closedError('signal'))
    }
    return this.#aborter.signal
  }

  /** What is to be published when the handler has succeeded. */
  get outgoing(): MessageDraft | undefined {
    return this.#outgoing
  }

  /** The error that ends the attempt whatever the handler made of it. */
  get doomed(): TerminalError | undefined {
    return this.#doom
  }

  /** Steps of an earlier start that this one has not asked for. */
  get unserved(): readonly StepRecord[] {
    return this.#steps?.unserved ?? this.#delivery.recordedSteps
  }

  close(reason?: BusError): void {
    if (!this.#isOpen) return
    this.#isOpen = false
    this.#aborter?.abort(reason ?? this.#closedError('signal'))
  }

  handoff<T extends MessageType>(
    to: string,
    type: T,
    data: InputOf<T>,
    options: string | MessageOptions = NO_OPTIONS,
  ): string {
    this.assertOpen('handoff')
    const { message } = this
    if (this.#outgoing !== undefined) {
      throw new AlreadyHandedOffError(message.id, this.#outgoing.to)
    }
    const place = {
      id: handoffPath(message.id),
      runId: message.runId,
      from: message.to,
      to,
      causationId: message.id,
    }
    const { run } = this.#delivery
    this.#outgoing = draftMessage(
      place,
      type,
      data,
      typeof options === 'string' ? { content: options } : options,
      (secret) => run.addSecret(secret),
    )
    return place.id
  }

  step<Response>(options: StepOptions<Response>): Promise<DeepReadonly<Response>> {
    this.#steps ??= new Steps(this, this.#delivery.history)
    return quiet(this.#steps.run(options))
  }

  log(text: string, data: Readonly<Record<string, unknown>> = {}): void {
    this.assertOpen('log')
    const number = ++this.#logs
    if (number <= this.#delivery.recordedLogs) return
    const { run, message } = this.#delivery
    let secrets = 0
    void run.append([
      {
        kind: 'log',
        runId: run.id,
        at: run.now(),
        messageId: message.id,
        attempt: this.attempt,
        role: message.to,
        number,
        text: redact(text, run.secrets),
        data: toData(data, (secret) =>
          run.addSecret(secret.name(`secret:${logPath(message.id, number)}#${++secrets}`)),
        ),
      },
    ])
  }

  now(): number {
    this.assertOpen('now')
    return this.#now
  }

  random(): number {
    this.assertOpen('random')
    this.#random ??= seededRandom(
      seedFrom(
        `${this.#delivery.run.seed} ${withoutRunId(this.message.id, this.runId)} ${this.attempt}`,
      ),
    )
    return this.#random()
  }

  past(): readonly Message[] {
    this.assertOpen('past')
    return causalPast(this.#delivery.run.messages, this.message.id)
  }

  latest<T extends MessageType>(type: T): MessageOf<T> | undefined
  latest(type: MessageType): Message | undefined {
    return this.past().findLast((message) => message.type === type.name)
  }

  secret(handle: string): Secret | undefined {
    this.assertOpen('secret')
    return this.#delivery.run.secret(handle)
  }

  redact(text: string): string {
    return redact(text, this.#delivery.run.secrets)
  }

  assertOpen(action: string): void {
    if (!this.#isOpen) throw this.#closedError(action)
  }

  after(delayMs: number, run: () => void): Timer {
    return this.#delivery.run.bus.timers.after(delayMs, run)
  }

  clock(): number {
    return this.#delivery.run.now()
  }

  record(step: StepRecord): Promise<boolean> {
    return this.#delivery.run.append([step])
  }

  performed(step: StepRecord): void {
    this.#delivery.run.count(step)
  }

  resolved(at: number): void {
    this.#now = at
  }

  doom(error: TerminalError): void {
    this.#doom ??= error
  }

  onSecret(secret: Secret): void {
    this.#delivery.run.addSecret(secret)
  }

  waitBegins(what: string): void {
    this.#delivery.waitBegins(this, what)
  }

  waitEnds(what: string): Promise<void> {
    return this.#delivery.waitEnds(this, what)
  }

  errorRecord(error: unknown): ErrorRecord {
    return toErrorRecord(error, this.#delivery.run.secrets)
  }

  #closedError(action: string): AttemptClosedError {
    return new AttemptClosedError(action, this.message.id, this.attempt)
  }
}

function nameOf(error: unknown): string {
  try {
    return error instanceof Error && typeof error.name === 'string' ? error.name : 'Error'
  } catch {
    return 'Error'
  }
}

/** An error as records keep it: one line, and no secret of these in it. */
export function toErrorRecord(error: unknown, secrets: Iterable<Secret>): ErrorRecord {
  return {
    name: nameOf(error),
    code: error instanceof BusError ? error.code : 'error',
    message: describe(error, (text) => redact(text, secrets)),
  }
}
