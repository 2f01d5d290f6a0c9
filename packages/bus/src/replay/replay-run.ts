import type { AttemptRun } from '../attempt-host.ts'
import { type DeadLetter, deadOnArrival } from '../dead-letter.ts'
import type { RunMemory } from '../fork/fork-memory.ts'
import type { Message } from '../message.ts'
import type { LogRecord, MemoryRecord, RecordDraft, StepRecord } from '../records.ts'
import type { Role } from '../role.ts'
import { type Secret, secretsIn } from '../secret.ts'
import { SecretRegister } from '../secret-register.ts'
import type { Timer } from '../timers.ts'
import type { RecordedAttempt, RecordedRun } from './recorded-run.ts'

/** What all attempts of one run that are made again share. */
export interface ReplayWorld {
  readonly run: RecordedRun
  /** Who plays which role now. */
  readonly roles: ReadonlyMap<string, Role>
  /** What the run has read from memory, by id. */
  readonly memories: ReadonlyMap<string, MemoryRecord>
  /** How long a handler may wait for what is no step, in real milliseconds. */
  readonly patienceMs: number
}

/** Whatever a replay has no use for, since it performs, stores and sends nothing. */
export function unperformed(): never {
  throw new Error('a replay performs nothing')
}

/** Whose attempt sees the run, and when in it. */
export interface RecordedDelivery extends Pick<RecordedAttempt, 'deliveryId' | 'attempt'> {
  readonly settlement: Pick<RecordedAttempt['settlement'], 'at' | 'seq'>
}

/** The run as an attempt sees it that is made again. */
export class ReplayRun implements AttemptRun {
  readonly #world: ReplayWorld
  readonly #recorded: RecordedDelivery
  readonly #message: Message
  readonly #onLine: (line: LogRecord) => void
  #secrets: SecretRegister | undefined

  constructor(
    world: ReplayWorld,
    recorded: RecordedDelivery,
    message: Message,
    onLine: (line: LogRecord) => void,
  ) {
    this.#world = world
    this.#recorded = recorded
    this.#message = message
    this.#onLine = onLine
  }

  get id(): string {
    return this.#world.run.opening.runId
  }

  get seed(): number {
    return this.#world.run.opening.seed
  }

  get thread(): string | undefined {
    return this.#world.run.opening.thread
  }

  get secrets(): Iterable<Secret> {
    return this.#register.all
  }

  /** The causal past, with the message as it is read today. */
  get past(): AttemptRun['past'] {
    const { past } = this.#world.run
    return {
      of: (id) =>
        past.of(id).map((message) => (message.id === this.#message.id ? this.#message : message)),
    }
  }

  get memory(): RunMemory {
    return unperformed()
  }

  now(): number {
    return this.#recorded.settlement.at
  }

  append(records: readonly RecordDraft[]): Promise<boolean> {
    for (const record of records) if (record.kind === 'log') this.#onLine(record)
    return Promise.resolve(true)
  }

  addSecret(secret: Secret): void {
    this.#register.add(secret)
  }

  secret(handle: string): Secret | undefined {
    return this.#register.get(handle)
  }

  remembered(id: string): MemoryRecord | undefined {
    const record = this.#world.memories.get(id)
    for (const secret of secretsIn(record?.value)) this.addSecret(secret)
    return record
  }

  problemOf(message: Pick<Message, 'type' | 'from'>, to: string): DeadLetter | undefined {
    const { roles } = this.#world
    return deadOnArrival(message, to, roles.get(to), { roles: [...roles.keys()] })
  }

  after(_delayMs: number, _run: () => void): Timer {
    return unperformed()
  }

  count(_step: StepRecord): void {
    unperformed()
  }

  remember(_record: MemoryRecord): void {
    unperformed()
  }

  /** Made when somebody asks, since few handlers do. */
  get #register(): SecretRegister {
    if (this.#secrets === undefined) {
      const { deliveryId, attempt, settlement } = this.#recorded
      this.#secrets = new SecretRegister()
      const { secrets } = this.#world.run
      for (const secret of secrets.before(settlement.seq, `${deliveryId}/${attempt}`)) {
        this.#secrets.add(secret)
      }
    }
    return this.#secrets
  }
}
