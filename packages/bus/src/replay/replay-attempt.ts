import { askersOf } from '../ask.ts'
import { Attempt } from '../attempt.ts'
import type { AttemptHost } from '../attempt-host.ts'
import type { OutcomeUnknownError } from '../errors.ts'
import type { Flow } from '../flow.ts'
import type { Message } from '../message.ts'
import type { StepRecord } from '../records.ts'
import type { Role } from '../role.ts'
import type { AttemptSteps, StepHost } from '../steps.ts'
import { Comparison } from './comparison.ts'
import type { Divergence, ReplayedEnd } from './divergence.ts'
import { deadBy, endOf } from './outcome.ts'
import type { RecordedAttempt, RecordedStep } from './recorded-run.ts'
import { ReplayRun, type ReplayWorld, unperformed } from './replay-run.ts'
import { type ReplayedCall, ReplaySteps, type StepWitness } from './replay-steps.ts'

/**
 * Makes an attempt that has ended again: its handler gets the message, and each of its steps as it was recorded.
 * Nothing is performed, published or stored. Resolves to where it first does something else than was
 * recorded; `undefined` where it does the same.
 */
export function replayAttempt(
  world: ReplayWorld,
  recorded: RecordedAttempt,
  role: Role,
  message: Message,
): Promise<Divergence | undefined> {
  return new ReplayingHost(world, recorded, role, message).replay()
}

/** The delivery of an attempt that is made again, which ends with the first difference. */
class ReplayingHost implements AttemptHost, StepWitness {
  readonly run: ReplayRun
  readonly message: Message
  readonly role: Role
  readonly recordedLogs = 0
  readonly #world: ReplayWorld
  readonly #recorded: RecordedAttempt
  readonly #comparison: Comparison
  readonly #attempt: Attempt
  readonly #over = Promise.withResolvers<void>()
  #patience: NodeJS.Timeout | undefined
  #isOver = false

  constructor(world: ReplayWorld, recorded: RecordedAttempt, role: Role, message: Message) {
    this.#world = world
    this.#recorded = recorded
    this.#comparison = new Comparison(world.run, recorded, () => this.run.secrets)
    this.run = new ReplayRun(world, recorded, message, (line) => {
      if (!this.#isOver) this.#saw(() => this.#comparison.line(line))
    })
    this.message = message
    this.role = role
    this.#attempt = new Attempt(this, recorded.settlement.startedAt ?? recorded.attemptAt)
  }

  get id(): string {
    return this.#recorded.deliveryId
  }

  get recordedMemories(): number {
    return this.#recorded.earlierMemories
  }

  get flow(): Flow {
    return this.#recorded.flow
  }

  get attempt(): number {
    return this.#recorded.attempt
  }

  get attemptAt(): number {
    return this.#recorded.attemptAt
  }

  /** Those that it has not asked for, where it asks for none at all. */
  get recordedSteps(): readonly StepRecord[] {
    return [...this.#recorded.steps.values()].map(({ record }) => record)
  }

  async replay(): Promise<Divergence | undefined> {
    this.#patience = setTimeout(() => this.#ended(undefined), this.#world.patienceMs)
    try {
      Promise.resolve(this.role.handle(this.message, this.#attempt)).then(
        () => this.#ended({ outcome: 'done' }),
        (error: unknown) => this.#ended(this.#failedWith(error)),
      )
    } catch (error) {
      this.#ended(this.#failedWith(error))
    }
    await this.#over.promise
    return this.#comparison.found
  }

  stepsOf(attempt: StepHost): AttemptSteps {
    return new ReplaySteps(attempt, this.#recorded, this)
  }

  askers(): readonly string[] {
    return askersOf(this.message, this.flow, this.#world.run.past)
  }

  isRecorded(call: ReplayedCall, recorded: RecordedStep | undefined): boolean {
    if (!this.#isOver) this.#saw(() => this.#comparison.call(call, recorded))
    return !this.#isOver
  }

  served(recorded: RecordedStep): void {
    this.#comparison.served(recorded)
    this.#patience?.refresh()
  }

  inDoubt(error: OutcomeUnknownError): void {
    if (!this.#isOver) this.#comparison.doubt(this.#failedWith(error))
    this.#finish()
  }

  ask(): never {
    return unperformed()
  }

  waitBegins(): never {
    return unperformed()
  }

  waitEnds(): never {
    return unperformed()
  }

  /** Something was seen of it, and everything is over where that is a difference. */
  #saw(compare: () => void): void {
    this.#patience?.refresh()
    compare()
    if (this.#comparison.found !== undefined) this.#finish()
  }

  /** The handler has ended by itself, or has thrown; `undefined` where it goes on for too long. */
  #ended(end: ReplayedEnd | undefined): void {
    if (this.#isOver) return
    const attempt = this.#attempt
    const unasked = new Set(attempt.unserved)
    const steps = [...this.#recorded.steps.values()].filter(({ record }) => unasked.has(record))
    this.#comparison.end(this.#isDoomed ? endOf(this.#recorded.settlement) : end, steps, attempt)
    this.#finish()
  }

  /** Whether it was doomed by what was in doubt inside a step, which is served here: however its handler ends. */
  get #isDoomed(): boolean {
    const { settlement, history } = this.#recorded
    return settlement.reason === 'outcome_unknown' && history.isInDoubtInside
  }

  #failedWith(error: unknown): ReplayedEnd {
    const end = deadBy(error, this.run.secrets)
    const isLast = end.reason !== 'exhausted' || this.#recorded.settlement.outcome !== 'failed'
    return isLast ? end : { outcome: 'failed', error: end.error }
  }

  #finish(): void {
    this.#isOver = true
    clearTimeout(this.#patience)
    this.#attempt.close()
    this.#over.resolve()
  }
}
