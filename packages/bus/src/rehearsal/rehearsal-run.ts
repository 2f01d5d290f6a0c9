import type { RunMemory } from '../fork/fork-memory.ts'
import type { Message } from '../message.ts'
import type { LogRecord, MemoryRecord, StepRecord, Usage } from '../records.ts'
import { type RecordedDelivery, ReplayRun, type ReplayWorld } from '../replay/replay-run.ts'
import { secretsIn } from '../secret.ts'
import type { Timer, Timers } from '../timers.ts'
import { UsageCount } from '../usage-count.ts'

/** What performed steps have of the world outside. */
export interface RehearsalOutside {
  readonly timers: Timers
  /** What steps that are performed read memory with. */
  readonly memory: RunMemory
}

/** The run as an attempt sees it that is rehearsed: as it was then, but what is performed takes its time. */
export class RehearsalRun extends ReplayRun {
  readonly #outside: RehearsalOutside
  readonly #usage = new UsageCount()
  readonly #read = new Map<string, MemoryRecord>()

  constructor(
    world: ReplayWorld,
    delivery: RecordedDelivery,
    message: Message,
    outside: RehearsalOutside & { readonly onLine: (line: LogRecord) => void },
  ) {
    super(world, delivery, message, outside.onLine)
    this.#outside = outside
  }

  /** What it has used of models and tools. */
  get usage(): Usage {
    return this.#usage.total()
  }

  override get memory(): RunMemory {
    return this.#outside.memory
  }

  override after(delayMs: number, run: () => void): Timer {
    return this.#outside.timers.after(delayMs, run)
  }

  override count(step: StepRecord): void {
    this.#usage.add(step)
  }

  override remember(record: MemoryRecord): void {
    this.#read.set(record.id, record)
    for (const secret of secretsIn(record.value)) this.addSecret(secret)
  }

  override remembered(id: string): MemoryRecord | undefined {
    return this.#read.get(id) ?? super.remembered(id)
  }

  /** Who else plays then is not known: where a message would go is compared, or told. */
  override problemOf(): undefined {
    return undefined
  }
}
