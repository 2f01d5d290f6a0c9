import { RunEndedError } from './errors.ts'
import { COORDINATOR, type Message, type MessageOptions } from './message.ts'
import type { InputOf, MessageType } from './message-type.ts'
import type { JournalRecord, RunStatus, Usage } from './records.ts'

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

/** How a run ended, as its records tell; `undefined` where it is open. */
export function endOf(records: readonly JournalRecord[]): RunEnd | undefined {
  const [opening] = records
  const ended = records.at(-1)
  if (opening?.kind !== 'run.opened' || ended?.kind !== 'run.ended') return undefined
  const { runId, status, reason, usage } = ended
  const messages = records.flatMap((record) => (record.kind === 'message' ? record.message : []))
  const terminal = messages.findLast(
    ({ to, type }) => to === COORDINATOR && type === opening.terminal,
  )
  return {
    runId,
    status,
    ...(reason === undefined ? {} : { reason }),
    ...(status === 'completed' && terminal !== undefined ? { message: terminal } : {}),
    messages,
    usage,
    durationMs: 0,
  }
}

/** A run of which nothing is left to do. */
export function endedRun(end: RunEnd): Run {
  const { runId: id, status } = end
  return {
    id,
    opened: Promise.resolve(),
    result: Promise.resolve(end),
    publish: () => Promise.reject(new RunEndedError(id, status)),
    cancel() {},
  }
}
