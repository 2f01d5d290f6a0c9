import type { StepRecord } from './records.ts'

/** What the journal knows of the steps of one delivery. */
export class StepHistory {
  /** Steps with a response or error, by attempt, in recorded order. */
  readonly #byAttempt = new Map<number, StepRecord[]>()
  /** The latest record of each `once` step, by idempotency key. */
  readonly #once = new Map<string, StepRecord>()
  /** The intents of asks without a record of what became of them. */
  #open: StepRecord[] | undefined

  add(record: StepRecord): void {
    if (record.idempotencyKey !== undefined) this.#once.set(record.idempotencyKey, record)
    if (record.stepKind === 'ask') this.#addAsk(record)
    if (record.outcome.type === 'intent') return
    const steps = this.#byAttempt.get(record.attempt)
    if (steps === undefined) this.#byAttempt.set(record.attempt, [record])
    else steps.push(record)
  }

  of(attempt: number): readonly StepRecord[] {
    return this.#byAttempt.get(attempt) ?? []
  }

  /** The latest record of a `once` step. */
  once(idempotencyKey: string): StepRecord | undefined {
    return this.#once.get(idempotencyKey)
  }

  /** Whether nobody knows what became of a `once` step inside another one. */
  get isInDoubtInside(): boolean {
    return [...this.#once.values()].some(
      ({ step, outcome }) => step.length > 1 && outcome.type === 'intent',
    )
  }

  /** What an attempt has asked that is not answered, in the order in which it was asked. */
  openAsks(attempt: number): readonly StepRecord[] {
    return this.#open?.filter((ask) => ask.attempt === attempt) ?? []
  }

  #addAsk(ask: StepRecord): void {
    const others = (this.#open ?? []).filter(
      ({ attempt, step }) => attempt !== ask.attempt || !sameNumbers(step, ask.step),
    )
    this.#open = ask.outcome.type === 'intent' ? [...others, ask] : others
  }
}

/** Whether a step is inside another one. */
export function isInside(inner: readonly number[], outer: readonly number[]): boolean {
  return inner.length > outer.length && sameNumbers(inner.slice(0, outer.length), outer)
}

/** Whether two steps of one attempt are the same. */
export function sameNumbers(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((number, index) => number === b[index])
}
