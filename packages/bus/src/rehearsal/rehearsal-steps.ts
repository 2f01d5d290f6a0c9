import { askRequest } from '../ask.ts'
import type { DeepReadonly } from '../data.ts'
import { NotRecordedError, outcomeUnknown, type TerminalError } from '../errors.ts'
import { stepPath } from '../paths.ts'
import { quiet } from '../quiet.ts'
import type { StepKind, StepRecord } from '../records.ts'
import { fieldDifferences } from '../replay/divergence.ts'
import { givenRequest, recordedResponse, StepCalls, stepError } from '../step-call.ts'
import { performStep } from '../step-performance.ts'
import type { AskCall, AttemptSteps, StepHost, StepOptions } from '../steps.ts'
import { calledName, type RecordedCall, type RecordedCalls } from './recorded-calls.ts'
import { ServingOrder } from './serving-order.ts'

/**
 * What a rehearsal performs: `nothing`, so that all is served from the record; `live`, whatever is not in the
 * record but memory reads and asks, and every model request; `attached`, all but asks, since nothing is in
 * the record of one who was not there.
 */
export type RehearsalMode = 'nothing' | 'live' | 'attached'

/** A step as a handler asks for it. */
interface Call {
  readonly number: number
  readonly kind: StepKind
  readonly name: string
  readonly request: unknown
}

/**
 * The steps of a rehearsed attempt. A call is served where the record has the same one: of this kind, with
 * this name, request and occurrence. What is served has its recorded time, what is performed that of the
 * recorded step in its place.
 */
export class RehearsalSteps implements AttemptSteps {
  readonly #host: StepHost
  readonly #recorded: RecordedCalls
  readonly #mode: RehearsalMode
  /** Ends the attempt, whatever its handler makes of it. */
  readonly #onLost: (error: TerminalError) => void
  readonly #order = new ServingOrder()
  readonly #calls: StepCalls
  readonly #asks: StepCalls
  /** Rejects what never comes. */
  readonly #waiting: ((error: Error) => void)[] = []
  #issued = 0

  constructor(
    host: StepHost,
    recorded: RecordedCalls,
    mode: RehearsalMode,
    onLost: (error: TerminalError) => void,
  ) {
    this.#host = host
    this.#recorded = recorded
    this.#mode = mode
    this.#onLost = onLost
    this.#calls = new StepCalls(host.runId, () => host.messageId)
    this.#asks = new StepCalls(host.runId, () => host.messageId)
  }

  /** A handler may ask for less than was recorded. */
  get unserved(): readonly StepRecord[] {
    return []
  }

  underWay(): readonly StepRecord[] {
    return []
  }

  run<Response>(options: StepOptions<Response>): Promise<DeepReadonly<Response>>
  async run(options: StepOptions<unknown>): Promise<unknown> {
    const host = this.#host
    const { kind = 'effect', name } = options
    const number = ++this.#issued
    host.assertOpen(`step '${name}'`)
    const request = givenRequest(host, [number], options.request)
    const key = this.#calls.add(calledName(kind, name), request)
    const isAnew = kind === 'model' && this.#mode !== 'nothing'
    const recorded = isAnew ? undefined : this.#recorded.find(kind, key())
    if (recorded !== undefined) return this.#serve(recorded)
    const begun = options.once === true ? this.#recorded.once(key()) : undefined
    if (begun !== undefined) return this.#serve({ record: begun, order: 0 })
    if (!this.#performs(kind, name)) throw this.#lost({ number, kind, name, request })
    return this.#perform([number], { ...options, request }, key)
  }

  async ask(call: AskCall): Promise<unknown> {
    const number = ++this.#issued
    this.#host.assertOpen(`ask '${call.name}'`)
    const draft = call.draft(number)
    const { type: name } = draft
    const request = askRequest(draft)
    const recorded = this.#recorded.find('ask', this.#asks.add(name, request)())
    if (recorded !== undefined) return this.#serve(recorded)
    throw this.#lost({ number, kind: 'ask', name, request })
  }

  close(reasonOf: () => Error): void {
    for (const reject of this.#waiting.splice(0)) reject(reasonOf())
  }

  #performs(kind: StepKind, name: string): boolean {
    if (this.#mode === 'nothing' || kind === 'ask') return false
    return this.#mode === 'attached' || kind !== 'memory' || name === 'fingerprint'
  }

  async #serve({ record, order }: RecordedCall): Promise<unknown> {
    const host = this.#host
    if (record.outcome.type === 'intent') {
      if (record.idempotencyKey === undefined) return this.#never()
      const path = stepPath(host.messageId, record.attempt, record.step)
      throw this.#end(outcomeUnknown(path, record.name))
    }
    await this.#order.turn(order)
    host.assertOpen(`the result of step '${record.name}'`)
    return recordedResponse(host, record)
  }

  /** Nothing comes of it as long as the attempt lasts, as nothing came of it then. */
  #never(): Promise<never> {
    return quiet(
      new Promise((_resolve, reject) => {
        this.#waiting.push(reject)
      }),
    )
  }

  async #perform<Response>(
    numbers: readonly number[],
    options: StepOptions<Response>,
    idempotencyKey: () => string,
  ): Promise<DeepReadonly<Response>> {
    const host = this.#host
    const { kind: stepKind = 'effect', name, request, waitsFor = name } = options
    let nested = 0
    const calls = new StepCalls(host.runId, idempotencyKey)
    const step = async <Inner>(inner: StepOptions<Inner>) => {
      const within = [...numbers, ++nested]
      const request = givenRequest(host, within, inner.request)
      return this.#perform(within, { ...inner, request }, calls.add(inner.name, request))
    }
    const startedAt = host.clock()
    const known = this.#recorded.at(numbers[0] ?? 0)
    if (options.waits === true) host.waitBegins(waitsFor)
    const performing = performStep(host, { numbers, idempotencyKey, step }, options)
    const turn = this.#turnOf(numbers, known, performing)
    const result = await performing
    if (options.waits === true) await host.waitEnds(waitsFor)
    const at = known?.record.at ?? startedAt
    const usage = 'usage' in result ? result.usage : undefined
    const outcome =
      'failure' in result
        ? result.failure
        : ({ type: 'response', response: result.response } as const)
    host.performed({
      kind: 'step',
      runId: host.runId,
      messageId: host.messageId,
      attempt: host.attempt,
      step: numbers,
      stepKind,
      name,
      request,
      startedAt,
      at,
      outcome,
      ...(usage === undefined ? {} : { usage }),
    })
    await (turn ?? this.#order.turn())
    host.assertOpen(`the result of step '${name}'`)
    host.resolved(at)
    if ('failure' in result) throw stepError(result.failure, { cause: result.cause })
    return result.response
  }

  /** The turn of a result that has a place in the record, where a step like it has its number. */
  #turnOf(
    numbers: readonly number[],
    known: RecordedCall | undefined,
    performing: Promise<unknown>,
  ): Promise<void> | undefined {
    const hasPlace = numbers.length === 1 && Number.isFinite(known?.order)
    return hasPlace ? this.#order.turn(known?.order, performing) : undefined
  }

  #lost(call: Call): TerminalError {
    const { kind, name, number, request } = call
    const known = this.#recorded.at(number)?.record
    const isAlike = known?.stepKind === kind && known.name === name
    const differing = isAlike ? fieldDifferences(known.request, request, this.#host.runId) : []
    const paths = differing.slice(0, MOST_NAMED).map(({ path }) => path || 'it')
    const differs =
      paths.length === 0
        ? ''
        : ` (${paths.join(', ')} ${paths.length === 1 ? 'differs' : 'differ'})`
    const next =
      kind === 'ask'
        ? 'nobody answers in a run that is past'
        : this.#mode === 'nothing'
          ? 'replay it live to have it made'
          : 'what it would have found then is not known'
    return this.#end(
      new NotRecordedError(`step ${number}, ${NOUNS[kind]} '${name}'${differs},`, next),
    )
  }

  #end<Reason extends TerminalError>(error: Reason): Reason {
    this.#onLost(error)
    return error
  }
}

/** Most fields that an error names. */
const MOST_NAMED = 3

const NOUNS: Readonly<Record<StepKind, string>> = {
  model: 'a request to model',
  tool: 'a call of',
  ask: 'an ask for',
  memory: 'the memory read',
  effect: 'the effect',
}
