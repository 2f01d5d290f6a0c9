import { type Answered, type AskEnd, askRequest } from './ask.ts'
import { canonicalHash, canonicalJson } from './canonical.ts'
import type { DeepReadonly } from './data.ts'
import { NonDeterminismError, outcomeUnknown, type TerminalError } from './errors.ts'
import type { MemoryReads } from './memory-steps.ts'
import type { MessageDraft } from './message.ts'
import { stepPath } from './paths.ts'
import type { ErrorRecord, StepKind, StepRecord } from './records.ts'
import type { Secret } from './secret.ts'
import { doubtOf, givenRequest, recordedResponse, StepCalls, stepError } from './step-call.ts'
import { isInside, type StepHistory, sameNumbers } from './step-history.ts'
import { StepOrder } from './step-order.ts'
import { performStep } from './step-performance.ts'
import type { Timer } from './timers.ts'

/** A step: one effect of a handler on the world outside, recorded so that it is not repeated. */
export interface StepOptions<Response> {
  /** What kind of effect it is. Default `effect`. */
  readonly kind?: StepKind
  readonly name: string
  /** Everything that decides the response. JSON and secrets. */
  readonly request: unknown
  /** Performs the effect. Not called where the journal already has the response. */
  readonly perform: (scope: StepScope) => Response | Promise<Response>
  /** Never perform it a second time in any attempt: its intent is recorded first. Default false. */
  readonly once?: boolean
  /** Whether it waits for a model, an ask or a person: the delivery's clock stops meanwhile and its slot is free. */
  readonly waits?: boolean
  /** What it waits for, for the reason of a run whose time is over. Default: the step's name. */
  readonly waitsFor?: string
  /** Longest time that a step which waits may take. Default: no limit. Its end is a `WaitTimeoutError`. */
  readonly waitTimeoutMs?: number
  /** What the `WaitTimeoutError` says, in one line. Default: the step's name and time. */
  readonly waitTimeoutMessage?: string
  /** Tokens that the response used. */
  readonly usage?: (response: Response) => { inputTokens: number; outputTokens: number }
}

/** What a step's `perform` gets. */
export interface StepScope {
  /** Aborts when the attempt is over. */
  readonly signal: AbortSignal
  /** Equal in all attempts of the delivery, for services that accept an idempotency key. */
  readonly idempotencyKey: string
  /** Memory as it is now. A read has no record of its own: what came of it is in the step's. */
  readonly memory: MemoryReads
  /** A step inside this one. */
  step<Response>(options: StepOptions<Response>): Promise<DeepReadonly<Response>>
}

/** An ask: a step whose record is its message and what became of that. */
export interface AskCall {
  /** The name of the message type. */
  readonly name: string
  readonly to: string
  /** The message that is asked as this step. Throws where it is refused. */
  draft(step: number): MessageDraft
  /** Asks, or waits for what an earlier start has asked. */
  send(draft: MessageDraft, step: number, answered: Answered): void
}

/** What steps need of the attempt that they belong to. */
export interface StepHost {
  readonly runId: string
  readonly messageId: string
  readonly attempt: number
  readonly signal: AbortSignal
  /** What `perform` reads memory with. */
  readonly memoryInsideStep: MemoryReads
  /** The wall clock, in epoch milliseconds. */
  clock(): number
  /** Throws where the attempt is over. */
  assertOpen(action: string): void
  /** Calls `run` later, unless it is cancelled before. */
  after(delayMs: number, run: () => void): Timer
  /** Starts an append; resolves when it is acknowledged, to whether it was stored. */
  record(step: StepRecord): Promise<boolean>
  /** A step was really performed, and what it used counts. */
  performed(step: StepRecord): void
  /** A step has its response: its time is now the attempt's. */
  resolved(at: number): void
  /** Ends the attempt with this error, whatever the handler makes of it. */
  doom(error: TerminalError): void
  onSecret(secret: Secret): void
  waitBegins(what: string, isAsk?: boolean): void
  waitEnds(what: string, isAsk?: boolean): Promise<void>
  errorRecord(error: unknown): ErrorRecord
  /** The error that an asker gets. */
  unanswered(error: ErrorRecord): Error
}

/** What an attempt asks its steps of: those that it performs, or those that are only served. */
export interface AttemptSteps {
  /** Recorded steps that were not asked for, where no effect is under way before them. */
  readonly unserved: readonly StepRecord[]
  run<Response>(options: StepOptions<Response>): Promise<DeepReadonly<Response>>
  /** The intents of steps that are under way at this time, and that have none in the journal. */
  underWay(at: number): readonly StepRecord[]
  /** Asks as a step; resolves to the data of the reply, as a step does to its response. */
  ask(call: AskCall): Promise<unknown>
  /** The attempt is over: whoever still waits for what is not performed here gets this error. */
  close(reasonOf: () => Error): void
}

/** The steps of one start of an attempt: numbers them, serves what is recorded, performs the rest. */
export class Steps implements AttemptSteps {
  readonly #host: StepHost
  readonly #history: StepHistory
  readonly #recorded: readonly StepRecord[]
  /** What an earlier start has asked, is not answered, and was not asked again. */
  #open: readonly StepRecord[]
  readonly #order: StepOrder
  readonly #handler: Caller
  #issued = 0
  #performing = 0
  /** What the handler itself is waiting for and no record tells: no ask, whose message says so, and no `once` step. */
  #underWay: Set<Begun> | undefined
  /** Steps that are no `once` steps and whose intents are recorded. */
  #told: Set<Begun> | undefined
  /** Rejects the asks that have no reply yet. An error takes a stack, so one is only made for those. */
  #waiting: Set<(error: Error) => void> | undefined

  constructor(host: StepHost, history: StepHistory) {
    this.#host = host
    this.#history = history
    this.#handler = { calls: new StepCalls(host.runId, () => host.messageId), around: [] }
    const recorded = history.of(host.attempt)
    // Where a step is served, the steps inside it are not performed, so nobody asks for them.
    this.#recorded = recorded.filter(
      ({ step }) => !recorded.some((outer) => isInside(step, outer.step)),
    )
    this.#open = history.openAsks(host.attempt)
    this.#order = new StepOrder(this.#recorded)
  }

  get unserved(): readonly StepRecord[] {
    if (this.#performing > 0) return []
    const { unserved } = this.#order
    return this.#open.length === 0 ? unserved : [...unserved, ...this.#open]
  }

  underWay(at: number): readonly StepRecord[] {
    if (this.#underWay === undefined || this.#underWay.size === 0) return NOTHING
    return [...this.#underWay].map((begun) => ({ ...begun, at, outcome: { type: 'intent' } }))
  }

  run<Response>(options: StepOptions<Response>): Promise<DeepReadonly<Response>> {
    return this.#step([++this.#issued], options, this.#handler)
  }

  close(reasonOf: () => Error): void {
    for (const reject of this.#waiting ?? []) reject(reasonOf())
  }

  async ask(call: AskCall): Promise<unknown> {
    const host = this.#host
    const step = ++this.#issued
    host.assertOpen(`ask '${call.name}'`)
    const draft = call.draft(step)
    const recorded = this.#recordOf([step], 'ask', draft.type, askRequest(draft))
    if (recorded !== undefined) {
      await this.#order.served(recorded)
      return this.#serve(recorded)
    }
    this.#open = this.#open.filter((ask) => !sameNumbers(ask.step, [step]))
    const reply = `'${call.to}' to reply to ${call.name}`
    this.#performing++
    host.waitBegins(reply, true)
    // Whoever has got its place may have begun at once, and ended the run.
    host.assertOpen(`ask '${call.name}'`)
    const { at, outcome } = await new Promise<AskEnd>((resolve, reject) => {
      this.#waiting ??= new Set()
      this.#waiting.add(reject)
      call.send(draft, step, ({ stored, at, outcome }) => {
        this.#performing--
        // Its place among the results is that of its record, also where it then waits for a slot.
        const ready = Promise.all([stored, host.waitEnds(reply, true)])
        void this.#order.performed(ready).then(() => {
          this.#waiting?.delete(reject)
          resolve({ at, outcome })
        })
      })
    })
    host.assertOpen(`the reply to '${call.name}'`)
    host.resolved(at)
    if (outcome.type === 'error') throw host.unanswered(outcome.error)
    return outcome.response
  }

  async #step<Response>(
    numbers: readonly number[],
    options: StepOptions<Response>,
    { calls, around }: Caller,
  ): Promise<DeepReadonly<Response>> {
    const host = this.#host
    const { kind = 'effect', name } = options
    host.assertOpen(`step '${name}'`)
    const request = givenRequest(host, numbers, options.request)
    const idempotencyKey = calls.add(name, request)
    const recorded = this.#recordOf(numbers, kind, name, request)
    if (recorded !== undefined) {
      await this.#order.served(recorded)
      return this.#serve<Response>(recorded)
    }
    const base = {
      kind: 'step',
      runId: host.runId,
      messageId: host.messageId,
      attempt: host.attempt,
      step: numbers,
      stepKind: kind,
      name,
      request,
    } as const
    const begin = { ...base, startedAt: host.clock() }
    const once = options.once === true ? { idempotencyKey: idempotencyKey() } : {}
    if (once.idempotencyKey !== undefined) {
      const earlier = this.#history.once(once.idempotencyKey)
      if (earlier?.outcome.type === 'intent') {
        const error = outcomeUnknown(this.#path(numbers), name)
        host.doom(error)
        throw error
      }
      if (earlier !== undefined) {
        const copy = { ...begin, ...once, at: host.clock(), outcome: earlier.outcome }
        void host.record(copy)
        await this.#order.performed()
        return this.#serve<Response>(copy)
      }
      const intent: StepRecord = {
        ...begin,
        ...once,
        at: host.clock(),
        outcome: { type: 'intent' },
      }
      this.#history.add(intent)
      this.#tell(around)
      await host.record(intent)
      host.assertOpen(`step '${name}'`)
    }
    return this.#perform({ ...begin, ...once }, options, { idempotencyKey, around })
  }

  async #perform<Response>(
    begin: Begun,
    options: StepOptions<Response>,
    { idempotencyKey, around }: Pick<Caller, 'around'> & { readonly idempotencyKey: () => string },
  ): Promise<DeepReadonly<Response>> {
    const host = this.#host
    const isOnce = begin.idempotencyKey !== undefined
    let nested = 0
    const caller = {
      calls: new StepCalls(host.runId, idempotencyKey),
      around: isOnce ? around : [...around, begin],
    }
    const within = {
      numbers: begin.step,
      idempotencyKey,
      step: <Inner>(inner: StepOptions<Inner>) =>
        this.#step([...begin.step, ++nested], inner, caller),
    }
    this.#performing++
    if (!isOnce && begin.step.length === 1) {
      this.#underWay ??= new Set()
      this.#underWay.add(begin)
    }
    const waitsFor = options.waitsFor ?? options.name
    if (options.waits === true) {
      host.waitBegins(waitsFor)
      // Whoever has got its slot may have begun at once, and ended the run.
      if (!isOnce) host.assertOpen(`step '${options.name}'`)
    }
    const result = await performStep(host, within, options)
    this.#performing--
    if (options.waits === true) await host.waitEnds(waitsFor)
    // A late result is of no use to anyone, unless knowing it spares a `once` step its doubt.
    if (!isOnce) host.assertOpen(`the result of step '${options.name}'`)
    const record: StepRecord = {
      ...begin,
      at: host.clock(),
      outcome:
        'failure' in result ? result.failure : { type: 'response', response: result.response },
      ...('usage' in result && result.usage !== undefined ? { usage: result.usage } : {}),
    }
    const stored = host.record(record)
    this.#underWay?.delete(begin)
    host.performed(record)
    if (isOnce) this.#history.add(record)
    await this.#order.performed(isOnce ? stored : undefined)
    host.assertOpen(`the result of step '${options.name}'`)
    host.resolved(record.at)
    if ('failure' in result) throw stepError(result.failure, { cause: result.cause })
    return result.response
  }

  /** Records that these were begun: the key of a `once` step inside them is made of theirs. */
  #tell(around: readonly Begun[]): void {
    for (const begun of around) {
      this.#told ??= new Set()
      if (this.#told.has(begun)) continue
      this.#told.add(begun)
      this.#underWay?.delete(begun)
      void this.#host.record({ ...begun, at: this.#host.clock(), outcome: { type: 'intent' } })
    }
  }

  /** The recorded response or error, as the handler got it when it was performed. */
  #serve<Response>(step: StepRecord): DeepReadonly<Response>
  #serve(step: StepRecord): unknown {
    const doubt = doubtOf(step.outcome)
    if (doubt !== undefined) this.#host.doom(doubt)
    return recordedResponse(this.#host, step)
  }

  /** What an earlier start recorded as this step; an ask that is open is not recorded yet. */
  #recordOf(
    numbers: readonly number[],
    kind: StepKind,
    name: string,
    request: unknown,
  ): StepRecord | undefined {
    const isIt = ({ step }: StepRecord) => sameNumbers(step, numbers)
    const known = this.#recorded.find(isIt) ?? this.#open.find(isIt)
    if (known === undefined) return undefined
    this.#check(known, kind, name, request)
    return known.outcome.type === 'intent' ? undefined : known
  }

  /**
   * Dooms the attempt where it asks for something else. Of a model request the name is that of the model,
   * which may be another one from now on: what the earlier one has answered still counts.
   */
  #check(recorded: StepRecord, kind: StepKind, name: string, request: unknown): void {
    const { runId } = this.#host
    const isModel = kind === 'model' && recorded.stepKind === 'model'
    const expected = [recorded.stepKind, isModel ? name : recorded.name, recorded.request]
    const actual = [kind, name, request]
    if (canonicalHash(expected, runId) === canonicalHash(actual, runId)) return
    const error = new NonDeterminismError(
      this.#path(recorded.step),
      canonicalJson(expected, runId),
      canonicalJson(actual, runId),
    )
    this.#host.doom(error)
    throw error
  }

  #path(numbers: readonly number[]): string {
    return stepPath(this.#host.messageId, this.#host.attempt, numbers)
  }
}

/** A step before it is known what becomes of it. */
type Begun = Omit<StepRecord, 'at' | 'outcome'>

/** Who asks for steps: the handler, or a step for those inside it. */
interface Caller {
  readonly calls: StepCalls
  /** The steps that it is inside of, outermost first, but for `once` steps. */
  readonly around: readonly Begun[]
}

const NOTHING: readonly StepRecord[] = Object.freeze([])
