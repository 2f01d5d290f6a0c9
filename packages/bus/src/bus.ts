import { EventBus } from './event-bus.ts'
import type { ForkOptions } from './fork/fork.ts'
import type { Journal, JournalRequirements } from './journal.ts'
import type { Logger } from './logger.ts'
import type { MessageOptions } from './message.ts'
import type { InputOf, MessageType } from './message-type.ts'
import type { JournalRecord, RunLimits } from './records.ts'
import type { Subscriber } from './role.ts'
import type { Run } from './run.ts'
import type { Runtime } from './runtime.ts'
import type { Transport } from './transport.ts'

/** How a bus is made. */
export interface BusOptions {
  /** Default: a new memory journal. It stays open when the bus closes. */
  readonly journal?: Journal
  /** Default: inside this process. */
  readonly transport?: Transport
  /** What the journal must offer; refused with a `JournalFeatureError` where it does not. */
  readonly requires?: JournalRequirements
  /** Most runs that are live at once. Default 1,000. */
  readonly liveRuns?: number
  /** Whether a publisher waits for a place among the live runs, or is refused. Default `wait`. */
  readonly whenFull?: 'wait' | 'refuse'
  /** Milliseconds that listeners have left when their run has ended. Default 1,000. */
  readonly listenerGraceMs?: number
  /** Gets a line for each record, and what was refused. A pino logger fits. */
  readonly logger?: Logger
  readonly runtime?: Runtime
}

/** How a run is opened. */
export interface PublishOptions extends Partial<RunLimits>, MessageOptions {
  /** The type that ends the run when it is handed off to `coordinator`. */
  readonly terminal: MessageType
  /** Default: a new one. */
  readonly runId?: string
  /** Cancels the run. */
  readonly signal?: AbortSignal
  /** The sequence of runs that it shares memory with. Default: none. */
  readonly thread?: string
  /** What to keep with the run for those who read it: JSON. */
  readonly about?: Readonly<Record<string, unknown>>
}

/** How a run goes on. Limits that are not given stay what they were. */
export interface ResumeOptions extends Partial<RunLimits> {
  /** Whether a run that has ended, but is not completed, goes on as well. Default false. */
  readonly reopen?: boolean
  /** Cancels the run. */
  readonly signal?: AbortSignal
}

/** What a drain left behind. */
export interface DrainReport {
  readonly isDrained: boolean
  /** The runs that are still live, and their unsettled messages. */
  readonly left: readonly { readonly runId: string; readonly messages: readonly string[] }[]
}

/** A typed event bus: agents subscribe to their role, runs are published, observers watch the records. */
export interface Bus extends AsyncDisposable {
  readonly journal: Journal
  /**
   * Plays a role: from now on its messages are handled by this subscriber. Throws a `RoleTakenError`
   * where the role is played already. Disposing lets what has begun end; what waits is dead.
   */
  subscribe<T extends MessageType>(role: string, subscriber: Subscriber<T>): Disposable
  /**
   * Listens under this name: gets a copy of each message of these types that is published from now on,
   * whomever it is for. A listener publishes and asks nothing, and what becomes of it changes no run;
   * when one ends, its listeners have a short grace, of which nothing is recorded. Throws a
   * `RoleTakenError` where the name is taken. Disposing lets what has begun end.
   */
  listen<T extends MessageType>(name: string, listener: Subscriber<T>): Disposable
  /**
   * Opens a run with its root message. Throws at once where the data is invalid, the bus is closed,
   * or full and set to refuse.
   */
  publish<T extends MessageType>(
    to: string,
    type: T,
    data: InputOf<T>,
    options: PublishOptions,
  ): Run
  /**
   * Calls a listener with each record once it is stored, a run's records in their order. What it
   * throws, or how long it takes, disturbs nobody.
   */
  observe(
    listener: (record: JournalRecord) => unknown,
    options?: { readonly runId?: string; readonly signal?: AbortSignal },
  ): Disposable
  /**
   * Goes on with an open run of the journal: settled deliveries are kept, attempts that had no end start
   * again with their steps served. With `reopen` also with one that has ended and is not completed: the
   * dead letter that ended it has a new attempt, what was cancelled by that goes on, and the run has its
   * whole time again. Rejects with a `NotResumableError` where somebody else owns the run, or it has
   * ended or is unknown.
   */
  resume(runId: string, options?: ResumeOptions): Promise<Run>
  /**
   * Makes a new run from one of the journal, open or not, and goes on with it: whatever the message `at` has
   * not led to is served from the record, and what it leads to happens anew. The run itself, and its thread,
   * stay as they are. Where it ended by nothing that the message led to, its fork has ended as well. Rejects
   * with a `NotForkableError` where the run or the message is unknown, or nobody knows the type of new data,
   * and with an `InvalidMessageError` where that is invalid; nothing is stored then.
   */
  fork(runId: string, options: ForkOptions): Promise<Run>
  /** Takes no new runs and waits for those that are live and for their listeners, at most `timeoutMs` (default: no limit). */
  drain(options?: { readonly timeoutMs?: number }): Promise<DrainReport>
  /**
   * Stops at once: handlers are aborted, open runs stay open in the journal. Only listeners of runs
   * that have ended have the rest of their grace. Idempotent.
   */
  close(): Promise<void>
}

/** Creates a bus. */
export function createBus(options: BusOptions = {}): Bus {
  return new EventBus(options)
}
