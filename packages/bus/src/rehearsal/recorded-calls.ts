import type { StepKind, StepRecord } from '../records.ts'
import type { RecordedAttempt } from '../replay/recorded-run.ts'
import { StepCalls } from '../step-call.ts'
import type { StepHistory } from '../step-history.ts'

/** A call as it was recorded. */
export interface RecordedCall {
  readonly record: StepRecord
  /** Where its result came among those of its attempt; infinite where it has none. */
  readonly order: number
}

type CallsOf = Pick<RecordedAttempt, 'deliveryId' | 'attempt' | 'history' | 'served' | 'steps'>

/**
 * What a delivery has asked for, in any of its attempts, by what was asked for: a call that is made again
 * finds what came of it, whatever was called before. Of equal calls in several attempts the last one counts.
 */
export class RecordedCalls {
  readonly #byKey = new Map<string, RecordedCall>()
  readonly #byNumber = new Map<number, RecordedCall>()
  readonly #history: StepHistory | undefined

  /** Nothing where it was never handled. */
  constructor(recorded?: CallsOf) {
    this.#history = recorded?.history
    if (recorded === undefined) return
    const { deliveryId, attempt, history, served, steps } = recorded
    for (let earlier = 1; earlier < attempt; earlier++) {
      const results = history.of(earlier).filter(isOuter)
      this.#add(deliveryId, results, results)
    }
    const last = [...steps.values()].map(({ record }) => record)
    for (const record of last) {
      this.#byNumber.set(record.step[0] ?? 0, { record, order: placeIn(served, record) })
    }
    this.#add(deliveryId, last, served)
  }

  /** The call of this kind that has this key. */
  find(kind: StepKind, key: string): RecordedCall | undefined {
    return this.#byKey.get(`${kind} ${key}`)
  }

  /** What is known of a `once` step of this key. */
  once(key: string): StepRecord | undefined {
    return this.#history?.once(key)
  }

  /** What the last attempt has asked for at this place. */
  at(number: number): RecordedCall | undefined {
    return this.#byNumber.get(number)
  }

  #add(
    deliveryId: string,
    records: readonly StepRecord[],
    /** Those with results, in the order in which the handler got them. */
    results: readonly StepRecord[],
  ): void {
    const runId = records[0]?.runId ?? ''
    const calls = new StepCalls(runId, () => deliveryId)
    const asks = new StepCalls(runId, () => deliveryId)
    for (const record of records.toSorted(byNumber)) {
      const { stepKind, name, request } = record
      // Asks have no idempotency keys, and do not count among the calls that have.
      const key = (stepKind === 'ask' ? asks : calls).add(calledName(stepKind, name), request)()
      const known = this.find(stepKind, key)
      if (record.outcome.type === 'intent' && known !== undefined) continue
      this.#byKey.set(`${stepKind} ${key}`, { record, order: placeIn(results, record) })
    }
  }
}

/** What a call is known by: of a model request not the model, since another one may have gone on. */
export function calledName(kind: StepKind, name: string): string {
  return kind === 'model' ? '' : name
}

function placeIn(results: readonly StepRecord[], record: StepRecord): number {
  const place = results.indexOf(record)
  return place === -1 ? Number.POSITIVE_INFINITY : place
}

function isOuter({ step }: StepRecord): boolean {
  return step.length === 1
}

function byNumber(a: StepRecord, b: StepRecord): number {
  return (a.step[0] ?? 0) - (b.step[0] ?? 0)
}
