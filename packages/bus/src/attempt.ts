import type { AttemptHost } from './attempt-host.ts'
import type { DeepReadonly } from './data.ts'
import { toData } from './data.ts'
import { DEFAULTS } from './defaults.ts'
import type { AskOptions, Branch, DeliveryContext, JoinAt, ReplyData } from './delivery-context.ts'
import {
  AlreadyHandedOffError,
  AskError,
  AttemptClosedError,
  BusError,
  describe,
  InvalidOptionError,
  NoWayError,
  type TerminalError,
} from './errors.ts'
import type { RunMemory } from './fork/fork-memory.ts'
import type { MemoryScope } from './journal.ts'
import {
  type DeliveryMemory,
  type MemoryHost,
  type MemoryReads,
  readsInSteps,
  readsInsideStep,
} from './memory-steps.ts'
import {
  draftMessage,
  type Message,
  type MessageDraft,
  type MessageOf,
  type MessageOptions,
  titleOf,
} from './message.ts'
import type { InputOf, MessageType, RequestType } from './message-type.ts'
import {
  askPath,
  branchPath,
  handoffPath,
  joinPath,
  logPath,
  memoryPath,
  replyPath,
  withoutRunId,
} from './paths.ts'
import { quiet } from './quiet.ts'
import { type Random, seededRandom, seedFrom } from './random.ts'
import type { ErrorRecord, FanOutRecord, MemoryRecord, StepRecord } from './records.ts'
import { redact, type Secret } from './secret.ts'
import type { AskCall, AttemptSteps, StepHost, StepOptions } from './steps.ts'
import type { Timer } from './timers.ts'

/** Most characters of a memory's key. */
const MAX_KEY_LENGTH = 200

/** An attempt's one way forward. */
export type Way =
  | { readonly kind: 'handoff' | 'reply'; readonly draft: MessageDraft }
  | {
      readonly kind: 'fan-out'
      readonly drafts: readonly MessageDraft[]
      readonly fanOut: FanOutRecord
    }

const NOTHING_WRITTEN: readonly MemoryRecord[] = Object.freeze([])

const NO_STEPS: readonly StepRecord[] = Object.freeze([])

const NO_OPTIONS: MessageOptions = Object.freeze({})

/** One start of an attempt, from the call of its handler to its end. */
export class Attempt implements DeliveryContext, StepHost, MemoryHost {
  readonly message: Message
  readonly attempt: number
  readonly startedAt: number
  readonly #delivery: AttemptHost
  #steps: AttemptSteps | undefined
  #way: Way | undefined
  #doom: TerminalError | undefined
  #aborter: AbortController | undefined
  #random: Random | undefined
  #logs = 0
  #memory: DeliveryMemory | undefined
  /** What it has to remember, by key. */
  #written: Map<string, MemoryRecord> | undefined
  #now: number
  #isOpen = true

  constructor(delivery: AttemptHost, startedAt: number) {
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
    return this.#delivery.id
  }

  get signal(): AbortSignal {
    if (this.#aborter === undefined) {
      this.#aborter = new AbortController()
      if (!this.#isOpen) this.#aborter.abort(this.#closedError('signal'))
    }
    return this.#aborter.signal
  }

  /** What is to be published when the handler has succeeded. */
  get way(): Way | undefined {
    return this.#way
  }

  /** The error that ends the attempt whatever the handler made of it. */
  get doomed(): TerminalError | undefined {
    return this.#doom
  }

  /** What is to be remembered when the handler has succeeded, in the order in which it was first written. */
  get written(): readonly MemoryRecord[] {
    return this.#written === undefined ? NOTHING_WRITTEN : [...this.#written.values()]
  }

  /** Steps of an earlier start that this one has not asked for. */
  get unserved(): readonly StepRecord[] {
    return this.#steps?.unserved ?? this.#delivery.recordedSteps
  }

  /** The intents of steps that are under way at this time, and that have none in the journal. */
  underWay(at: number): readonly StepRecord[] {
    return this.#steps?.underWay(at) ?? NO_STEPS
  }

  close(reason?: BusError): void {
    if (!this.#isOpen) return
    this.#isOpen = false
    this.#aborter?.abort(reason ?? this.#closedError('signal'))
    this.#steps?.close(() => this.#closedError('the reply to an ask'))
  }

  handoff<T extends MessageType>(
    to: string,
    type: T,
    data: InputOf<T>,
    options: string | MessageOptions = NO_OPTIONS,
  ): string {
    this.#assertFree('handoff')
    const draft = this.#draft(handoffPath(this.message.id), to, type, data, options)
    this.#way = { kind: 'handoff', draft }
    return draft.id
  }

  fanOut(branches: readonly Branch[], { to, type }: JoinAt): string {
    this.#assertFree('fanOut')
    const { id } = this.message
    const { types, policy } = type.join
    if (typeof policy === 'object' && policy.first > branches.length) {
      throw new NoWayError(
        `${type.name} waits for the first ${policy.first} of ${branches.length} branches: ` +
          'fan out to as many, or wait for fewer',
      )
    }
    const dead = this.#delivery.run.problemOf({ type: type.name, from: this.message.to }, to)
    if (dead !== undefined) throw new NoWayError(dead.error.message)
    const drafts = branches.map((branch, index) =>
      this.#draft(branchPath(id, index + 1), branch.to, branch.type, branch.data, branch),
    )
    const fanOut = { to, join: type.name, types: types.map(({ name }) => name), policy }
    this.#way = { kind: 'fan-out', drafts, fanOut }
    return joinPath(id)
  }

  reply<T extends MessageType>(
    type: T,
    data: InputOf<T>,
    options: string | MessageOptions = NO_OPTIONS,
  ): string {
    this.#assertFree('reply')
    const { message } = this
    const expected = this.#delivery.role.type(message.type)?.reply?.name
    if (expected !== type.name) {
      throw new NoWayError(
        `'${message.to}' replies ${type.name} to ${message.type}, which wants ${expected ?? 'no reply'}`,
      )
    }
    const { from } = message
    const draft = this.#draft(replyPath(message.id), from, type, data, options, 'Replying to')
    this.#way = { kind: 'reply', draft }
    return draft.id
  }

  ask<T extends RequestType>(
    to: string,
    type: T,
    data: InputOf<T>,
    options?: AskOptions,
  ): Promise<ReplyData<T>>
  ask<T extends RequestType>(
    to: readonly string[],
    type: T,
    data: InputOf<T>,
    options?: AskOptions,
  ): Promise<readonly ReplyData<T>[]>
  ask(
    to: string | readonly string[],
    type: RequestType,
    data: unknown,
    options: AskOptions = NO_OPTIONS,
  ): Promise<unknown> {
    this.#steps ??= this.#delivery.stepsOf(this)
    const steps = this.#steps
    const one = (role: string) => quiet(steps.ask(this.#askCall(role, type, data, options)))
    return typeof to === 'string' ? one(to) : quiet(Promise.all(to.map(one)))
  }

  #askCall(to: string, type: RequestType, data: unknown, options: AskOptions): AskCall {
    const { message, attempt } = this
    const { timeoutMs = DEFAULTS.askTimeoutMs } = options
    return {
      name: type.name,
      to,
      draft: (step) => {
        if (!(timeoutMs >= 0 && Number.isFinite(timeoutMs))) {
          throw new InvalidOptionError(
            `timeoutMs of ${type.name}`,
            timeoutMs,
            'milliseconds from 0',
          )
        }
        if (type.reply === undefined) {
          throw new NoWayError(
            `'${message.to}' asks '${to}' for ${type.name}, which names no reply: ` +
              'define it with { reply }, or hand it off',
          )
        }
        this.#assertMayAsk(to, type.name)
        return this.#draft(askPath(message.id, attempt, step), to, type, data, options, 'Asking')
      },
      send: (draft, step, answered) =>
        this.#delivery.ask(draft, { attempt, step, timeoutMs }, answered),
    }
  }

  #draft(
    id: string,
    to: string,
    type: MessageType,
    data: unknown,
    options: string | MessageOptions,
    /** What is done to the other role, for the human line; absent where it is handing off. */
    doing?: string,
  ): MessageDraft {
    const { run, message } = this.#delivery
    const said = typeof options === 'string' ? { content: options } : options
    return draftMessage(
      { id, runId: message.runId, from: message.to, to, causationId: message.id },
      type,
      data,
      doing === undefined ? said : { content: `${doing} ${titleOf(to)}.`, ...said },
      run,
    )
  }

  /** Throws where the attempt has gone a way already, or must not go this one. */
  #assertFree(action: 'handoff' | 'fanOut' | 'reply'): void {
    this.assertOpen(action)
    const { flow, role } = this.#delivery
    const { message } = this
    if (flow.kind === 'copy') {
      throw new NoWayError(
        `'${role.name}' listens to ${message.type}: a listener publishes nothing`,
      )
    }
    if (action === 'reply' && flow.kind !== 'ask') {
      throw new NoWayError(
        `'${message.to}' replies to ${message.type}, which nobody asked: hand off`,
      )
    }
    if (action !== 'reply' && flow.kind === 'ask') {
      throw new NoWayError(
        `'${message.from}' asked '${message.to}' for ${message.type} and waits: reply instead of ${action}`,
      )
    }
    if (this.#way !== undefined) {
      const first = this.#way.kind === 'fan-out' ? this.#way.fanOut.to : this.#way.draft.to
      throw new AlreadyHandedOffError(message.id, first)
    }
  }

  /** Throws for a listener, and where the role waits for this answer itself. */
  #assertMayAsk(to: string, type: string): void {
    const { flow, role } = this.#delivery
    if (flow.kind === 'copy') {
      throw new NoWayError(`'${role.name}' listens: a listener asks nobody`)
    }
    const chain = this.#delivery.askers()
    if (!chain.includes(to)) return
    const cycle = [...chain.slice(chain.indexOf(to)), to].map((name) => `'${name}'`).join(' asks ')
    throw new NoWayError(
      `${type} would ask in a circle: ${cycle}; let one of them answer by itself`,
    )
  }

  step<Response>(options: StepOptions<Response>): Promise<DeepReadonly<Response>> {
    this.#steps ??= this.#delivery.stepsOf(this)
    return quiet(this.#steps.run(options))
  }

  log(text: string, data: Readonly<Record<string, unknown>> = {}): void {
    this.assertOpen('log')
    const number = ++this.#logs
    if (number <= this.#delivery.recordedLogs) return
    const { run, id, role } = this.#delivery
    let secrets = 0
    void run.append([
      {
        kind: 'log',
        runId: run.id,
        at: run.now(),
        messageId: id,
        attempt: this.attempt,
        role: role.name,
        number,
        text: redact(text, run.secrets),
        data: toData(data, (secret) =>
          run.addSecret(secret.name(`secret:${logPath(id, number)}#${++secrets}`)),
        ),
      },
    ])
  }

  get memory(): DeliveryMemory {
    this.#memory ??= {
      ...readsInSteps(this),
      set: (key, value) => this.#write(key, value),
    }
    return this.#memory
  }

  get memoryInsideStep(): MemoryReads {
    return readsInsideStep(this)
  }

  writtenAs(key: string): MemoryRecord | undefined {
    return this.#written?.get(key)
  }

  #write(key: string, value: unknown): void {
    this.assertOpen('memory.set')
    if (key === '' || key.length > MAX_KEY_LENGTH) {
      throw new InvalidOptionError(
        'the key of a memory',
        `'${key.slice(0, MAX_KEY_LENGTH)}'`,
        `1 to ${MAX_KEY_LENGTH} characters`,
      )
    }
    this.#written ??= new Map()
    const { run, role } = this.#delivery
    const { thread } = this.scope
    const { recordedMemories } = this.#delivery
    const next = recordedMemories + this.#written.size + 1
    const id = this.#written.get(key)?.id ?? memoryPath(this.messageId, next)
    let secrets = 0
    this.#written.set(key, {
      kind: 'memory',
      runId: run.id,
      at: 0,
      messageId: this.messageId,
      attempt: this.attempt,
      id,
      role: role.name,
      ...(thread === undefined ? {} : { thread }),
      key,
      value: toData(value, (secret) => run.addSecret(secret.name(`secret:${id}#${++secrets}`))),
    })
  }

  get scope(): MemoryScope {
    const { run, role } = this.#delivery
    const { thread } = run
    const scope = { role: role.name, runId: run.id }
    return thread === undefined ? scope : { ...scope, thread }
  }

  get runMemory(): RunMemory {
    return this.#delivery.run.memory
  }

  remember(record: MemoryRecord): void {
    this.#delivery.run.remember(record)
  }

  remembered(id: string): MemoryRecord | undefined {
    return this.#delivery.run.remembered(id)
  }

  now(): number {
    this.assertOpen('now')
    return this.#now
  }

  random(): number {
    this.assertOpen('random')
    this.#random ??= seededRandom(
      seedFrom(
        `${this.#delivery.run.seed} ${withoutRunId(this.messageId, this.runId)} ${this.attempt}`,
      ),
    )
    return this.#random()
  }

  past(): readonly Message[] {
    this.assertOpen('past')
    return this.#delivery.run.past.of(this.message.id)
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
    return this.#delivery.run.after(delayMs, run)
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

  waitBegins(what: string, isAsk = false): void {
    this.#delivery.waitBegins(this, what, isAsk)
  }

  waitEnds(what: string, isAsk = false): Promise<void> {
    return this.#delivery.waitEnds(this, what, isAsk)
  }

  unanswered({ code, message }: ErrorRecord): Error {
    return new AskError(code, message)
  }

  errorRecord(error: unknown): ErrorRecord {
    return toErrorRecord(error, this.#delivery.run.secrets)
  }

  #closedError(action: string): AttemptClosedError {
    return new AttemptClosedError(action, this.messageId, this.attempt)
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
