import type { Message, MessageOptions } from './message.ts'
import type { InputOf, MessageType } from './message-type.ts'
import type { RunStatus, Usage } from './records.ts'

/** How a run ended. */
export interface RunEnd {
  readonly runId: string
  readonly status: RunStatus
  /** Why, for every status but `completed`; a sentence that says what to do where that is known. */
  readonly reason?: string
  /** The terminal message; absent unless `completed`. */
  readonly message?: Message
  /** All messages of the run, in journal order, the root first. */
  readonly messages: readonly Message[]
  readonly usage: Usage
  /** Milliseconds from the opening to the end, as far as this process owned the run. */
  readonly durationMs: number
}

/** A run as its publisher sees it. */
export interface Run {
  readonly id: string
  /** Resolves when the root message is durable; rejects where the run is not opened, or cancelled before. */
  readonly opened: Promise<void>
  /** Resolves at the end, whatever the status; rejects only where the journal fails or the bus closes. */
  readonly result: Promise<RunEnd>
  /**
   * Publishes a further message into the open run, from outside it. Resolves to its id when it is
   * durable; rejects where the run has ended.
   */
  publish<T extends MessageType>(
    to: string,
    type: T,
    data: InputOf<T>,
    options?: MessageOptions,
  ): Promise<string>
  /** Ends the run as cancelled, unless it has ended already. */
  cancel(reason: string): void
}
