import { askersOf } from '../ask.ts'
import { Attempt } from '../attempt.ts'
import type { AttemptHost } from '../attempt-host.ts'
import { DeliveryTimeoutError } from '../errors.ts'
import type { Flow } from '../flow.ts'
import type { RunMemory } from '../fork/fork-memory.ts'
import type { Message } from '../message.ts'
import type { FanOutRecord, LogRecord, MemoryRecord, StepRecord, Usage } from '../records.ts'
import { type ReplayedEnd, type ReplayedMessage, redactTexts } from '../replay/divergence.ts'
import { deadBy, draftsOf, shownDraft } from '../replay/outcome.ts'
import type { RecordedAttempt } from '../replay/recorded-run.ts'
import type { RecordedDelivery, ReplayWorld } from '../replay/replay-run.ts'
import type { Role } from '../role.ts'
import type { Runtime } from '../runtime.ts'
import { redact } from '../secret.ts'
import type { AttemptSteps, StepHost } from '../steps.ts'
import { type Timer, Timers } from '../timers.ts'
import { usageOf } from '../usage-count.ts'
import type { RecordedCalls } from './recorded-calls.ts'
import { RehearsalRun } from './rehearsal-run.ts'
import { type RehearsalMode, RehearsalSteps } from './rehearsal-steps.ts'

/** What a handler would have done. Values of secrets in its texts are replaced by their handles. */
export interface Rehearsal {
  /** How its attempt would have ended. Where that is not `done`, it would have published nothing. */
  readonly end: ReplayedEnd
  /** What it would have published, in that order. */
  readonly messages: readonly ReplayedMessage[]
  /** How the messages would have come together; `null` where they do not. */
  readonly fanOut: FanOutRecord | null
  /** What it would have remembered. */
  readonly memories: readonly Pick<MemoryRecord, 'key' | 'value'>[]
  /** What it has logged. */
  readonly lines: readonly Pick<LogRecord, 'text' | 'data'>[]
  /** What was performed: nothing that was served. */
  readonly usage: Usage
}

/** What a handler would have done, with the texts that it would have written. */
export interface Rehearsed {
  readonly rehearsal: Rehearsal
  /** Replaces the values of all secrets of the run, and of those that its attempt knew at its end. */
  readonly redact: (text: string) => string
}

/** A rehearsal as it is told. */
export function toldOf({ rehearsal, redact }: Rehearsed): Rehearsal {
  const { fanOut, usage, ...texts } = rehearsal
  return { ...redactTexts(texts, redact), fanOut, usage }
}

/** What has done nothing. */
export const NOTHING_DONE: Omit<Rehearsal, 'end'> = Object.freeze({
  messages: [],
  fanOut: null,
  memories: [],
  lines: [],
  usage: usageOf([]),
})

/** A delivery that can be rehearsed: when in its run it is, and what of it is recorded. */
export interface RehearsedDelivery
  extends RecordedDelivery,
    Pick<RecordedAttempt, 'flow' | 'attemptAt' | 'earlierMemories'> {
  readonly message: Message
  readonly startedAt: number
  readonly calls: RecordedCalls
}

/** How a delivery is rehearsed. */
export interface RehearsalPlan {
  readonly role: Role
  readonly mode: RehearsalMode
  /** What steps that are performed read memory with. */
  readonly memory: RunMemory
  readonly runtime: Runtime
  /** Time for the handler, without what it waits for a model. */
  readonly timeoutMs: number
  /** Ends it. */
  readonly signal?: AbortSignal
}

/**
 * Rehearses a delivery: its handler gets the recorded message and what led to it; what it would have done
 * is collected. Nothing is published, asked or stored. Rejects with the reason of its signal.
 */
export function rehearse(
  world: ReplayWorld,
  delivery: RehearsedDelivery,
  plan: RehearsalPlan,
): Promise<Rehearsed> {
  return new RehearsedAttempt(world, delivery, plan).rehearse()
}

class RehearsedAttempt implements AttemptHost {
  readonly run: RehearsalRun
  readonly recordedLogs = 0
  readonly recordedSteps: readonly StepRecord[] = []
  readonly recordedMemories: number
  readonly #world: ReplayWorld
  readonly #delivery: RehearsedDelivery
  readonly #plan: RehearsalPlan
  readonly #attempt: Attempt
  readonly #timers: Timers
  readonly #lines: LogRecord[] = []
  readonly #over = Promise.withResolvers<Rehearsal>()
  #timer: Timer | undefined
  #remainingMs: number
  #waits = 0
  #isOver = false

  constructor(world: ReplayWorld, delivery: RehearsedDelivery, plan: RehearsalPlan) {
    this.#world = world
    this.#delivery = delivery
    this.#plan = plan
    this.recordedMemories = delivery.earlierMemories
    this.#remainingMs = plan.timeoutMs
    const timers = new Timers(plan.runtime)
    const { memory } = plan
    this.#timers = timers
    this.run = new RehearsalRun(world, delivery, delivery.message, {
      timers,
      memory,
      onLine: (line) => this.#lines.push(line),
    })
    this.#attempt = new Attempt(this, delivery.startedAt)
  }

  get id(): string {
    return this.#delivery.deliveryId
  }

  get message(): Message {
    return this.#delivery.message
  }

  get role(): Role {
    return this.#plan.role
  }

  get flow(): Flow {
    return this.#delivery.flow
  }

  get attempt(): number {
    return this.#delivery.attempt
  }

  get attemptAt(): number {
    return this.#delivery.attemptAt
  }

  async rehearse(): Promise<Rehearsed> {
    const { signal } = this.#plan
    signal?.throwIfAborted()
    const abort = () => {
      this.#finish()
      this.#over.reject(signal?.reason)
    }
    signal?.addEventListener('abort', abort, { once: true })
    this.#watch()
    try {
      this.#handle()
      const rehearsal = await this.#over.promise
      const [known, all] = [this.run.secrets, this.#world.run.secrets.all]
      return { rehearsal, redact: (text) => redact(redact(text, known), all) }
    } finally {
      signal?.removeEventListener('abort', abort)
    }
  }

  stepsOf(attempt: StepHost): AttemptSteps {
    const { calls } = this.#delivery
    return new RehearsalSteps(attempt, calls, this.#plan.mode, (error) => this.#ended({ error }))
  }

  askers(): readonly string[] {
    return askersOf(this.message, this.flow, this.#world.run.past)
  }

  ask(): never {
    throw new Error('a rehearsal asks nobody')
  }

  /** What it waits for does not count as its time. */
  waitBegins(): void {
    if (++this.#waits > 1 || this.#timer === undefined) return
    this.#remainingMs = this.#timer.remainingMs()
    this.#timer.cancel()
  }

  async waitEnds(): Promise<void> {
    if (--this.#waits === 0 && !this.#isOver) this.#watch()
  }

  #handle(): void {
    try {
      Promise.resolve(this.role.handle(this.message, this.#attempt)).then(
        () => this.#ended(),
        (error: unknown) => this.#ended({ error }),
      )
    } catch (error) {
      this.#ended({ error })
    }
  }

  #watch(): void {
    const { timeoutMs, role } = this.#plan
    this.#timer = this.#timers.after(this.#remainingMs, () =>
      this.#ended({ error: new DeliveryTimeoutError(role.name, timeoutMs) }),
    )
  }

  /** The handler has ended, or has thrown, or cannot go on. */
  #ended(thrown?: { readonly error: unknown }): void {
    if (this.#isOver) return
    const { way, written, doomed } = this.#attempt
    this.#finish()
    const failure = doomed === undefined ? thrown : { error: doomed }
    const lines = this.#lines.map(({ text, data }) => ({ text, data }))
    const { usage } = this.run
    if (failure !== undefined) {
      const end = deadBy(failure.error, this.run.secrets)
      this.#over.resolve({ ...NOTHING_DONE, end, lines, usage })
      return
    }
    const { secrets } = this.run
    this.#over.resolve({
      end: { outcome: 'done' },
      messages: draftsOf(way).map((draft) => shownDraft(draft, (text) => redact(text, secrets))),
      fanOut: way?.kind === 'fan-out' ? way.fanOut : null,
      memories: written.map(({ key, value }) => ({ key, value })),
      lines,
      usage,
    })
  }

  #finish(): void {
    this.#isOver = true
    this.#attempt.close()
    this.#timers.clear()
  }
}
