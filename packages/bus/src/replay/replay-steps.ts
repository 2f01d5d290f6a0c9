import { askRequest } from '../ask.ts'
import type { DeepReadonly } from '../data.ts'
import { type OutcomeUnknownError, outcomeUnknown } from '../errors.ts'
import type { MessageDraft } from '../message.ts'
import { stepPath } from '../paths.ts'
import { quiet } from '../quiet.ts'
import type { StepKind, StepRecord } from '../records.ts'
import { givenRequest, recordedResponse, StepCalls } from '../step-call.ts'
import { StepOrder } from '../step-order.ts'
import type { AskCall, AttemptSteps, StepHost, StepOptions } from '../steps.ts'
import type { RecordedAttempt, RecordedStep } from './recorded-run.ts'

/** What a handler asks for as a step. */
export interface ReplayedCall {
  readonly number: number
  readonly stepKind: StepKind
  readonly name: string
  readonly request: unknown
  /** What it asks, where it is an ask. */
  readonly draft?: MessageDraft
}

type GivenStep = Pick<StepOptions<unknown>, 'kind' | 'name' | 'request' | 'once'>

/** Whom the steps of an attempt that is made again tell what it asks for. */
export interface StepWitness {
  /**
   * Says whether the call is the one that was recorded, which is absent where none was. The attempt is
   * over where it is not.
   */
  isRecorded(call: ReplayedCall, recorded: RecordedStep | undefined): boolean
  /** A step was served: the handler knows from now on how it ended. */
  served(recorded: RecordedStep): void
  /** Nobody knows what became of a step, which ends the attempt. */
  inDoubt(error: OutcomeUnknownError): void
}

/** The steps of an attempt that is made again: all of them are served, and nothing is performed. */
export class ReplaySteps implements AttemptSteps {
  readonly #host: StepHost
  readonly #recorded: RecordedAttempt
  readonly #witness: StepWitness
  readonly #order: StepOrder
  readonly #calls: StepCalls
  readonly #asked = new Set<number>()
  /** Rejects what never comes. */
  readonly #waiting: ((error: Error) => void)[] = []
  #issued = 0

  constructor(host: StepHost, recorded: RecordedAttempt, witness: StepWitness) {
    this.#host = host
    this.#recorded = recorded
    this.#witness = witness
    this.#order = new StepOrder(recorded.served)
    this.#calls = new StepCalls(host.runId, () => host.messageId)
  }

  get unserved(): readonly StepRecord[] {
    return [...this.#recorded.steps]
      .filter(([number]) => !this.#asked.has(number))
      .map(([, { record }]) => record)
  }

  /** Those of the record have their intents there. */
  underWay(): readonly StepRecord[] {
    return []
  }

  run<Response>(options: StepOptions<Response>): Promise<DeepReadonly<Response>>
  async run({ kind = 'effect', name, request, once }: GivenStep): Promise<unknown> {
    const host = this.#host
    const number = ++this.#issued
    host.assertOpen(`step '${name}'`)
    const given = givenRequest(host, [number], request)
    const key = this.#calls.add(name, given)
    const { steps, history, settlement } = this.#recorded
    const known = once === true && !steps.has(number) ? history.once(key()) : undefined
    // What came of it may have been told after the attempt had been ended by that nobody knew.
    const isUnknown = known?.outcome.type === 'intent' || settlement.reason === 'outcome_unknown'
    if (known !== undefined && isUnknown) {
      const path = stepPath(host.messageId, host.attempt, [number])
      const error = outcomeUnknown(path, name)
      this.#witness.inDoubt(error)
      throw error
    }
    return this.#serve({ number, stepKind: kind, name, request: given })
  }

  async ask(call: AskCall): Promise<unknown> {
    const number = ++this.#issued
    this.#host.assertOpen(`ask '${call.name}'`)
    const draft = call.draft(number)
    const { type: name } = draft
    return this.#serve({ number, stepKind: 'ask', name, request: askRequest(draft), draft })
  }

  close(reasonOf: () => Error): void {
    for (const reject of this.#waiting.splice(0)) reject(reasonOf())
  }

  async #serve(call: ReplayedCall): Promise<unknown> {
    const recorded = this.#recorded.steps.get(call.number)
    this.#asked.add(call.number)
    if (!this.#witness.isRecorded(call, recorded)) this.#host.assertOpen(`step '${call.name}'`)
    if (recorded === undefined || recorded.record.outcome.type === 'intent') return this.#never()
    await this.#order.served(recorded.record)
    this.#witness.served(recorded)
    return recordedResponse(this.#host, recorded.record)
  }

  /** Nothing comes of it as long as the attempt lasts. */
  #never(): Promise<never> {
    return quiet(
      new Promise((_resolve, reject) => {
        this.#waiting.push(reject)
      }),
    )
  }
}
