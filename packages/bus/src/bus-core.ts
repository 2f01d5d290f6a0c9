import type { Gate } from './gate.ts'
import type { Journal } from './journal.ts'
import type { LiveRun } from './live-run.ts'
import type { Logger } from './logger.ts'
import type { JournalRecord } from './records.ts'
import type { Role } from './role.ts'
import type { Runtime } from './runtime.ts'
import type { Timers } from './timers.ts'
import type { Transport } from './transport.ts'

/** What a live run uses of the bus that it lives on. */
export interface BusCore {
  readonly journal: Journal
  readonly transport: Transport
  readonly runtime: Runtime
  readonly timers: Timers
  readonly gate: Gate
  readonly logger: Logger | undefined
  /** Names of the roles that are played now. */
  readonly roles: readonly string[]
  role(name: string): Role | undefined
  /** The listener of this name. */
  listener(name: string): Role | undefined
  /** The listeners that get copies of messages of this type. */
  listenersOf(type: string): readonly Role[]
  /** Records were stored: tells the observers. */
  observed(records: readonly JournalRecord[]): void
  /** A run is no longer live here: its place is free. Calling it again is no harm. */
  left(run: LiveRun): void
  /** No listener is at a run that has ended any more. Calling it again is no harm. */
  unlistened(run: LiveRun): void
}
