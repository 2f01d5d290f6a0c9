import type { DeadLetter } from './dead-letter.ts'
import { COORDINATOR, type Message, type MessageDraft } from './message.ts'
import type { DeadReason, ErrorRecord, RunStatus } from './records.ts'
import type { Settlement } from './settlement.ts'

/** Why a flow cannot go on. */
export interface Failure {
  readonly reason: DeadReason | 'stalled' | 'join_failed'
  /** In a sentence for a person. */
  readonly sentence: string
  /** The message that it got no further than. */
  readonly messageId: string
}

/** What a flow can do to its run. */
export interface FlowHost {
  /** Name of the type that ends the run. */
  readonly terminal: string
  /** Whether nothing is left that could bring it to its end. */
  readonly isIdle: boolean
  /** Sends a message to its role's mailbox, or finds it dead. */
  deliver(turn: Settlement, message: Message, flow: Flow): void
  /** Settles a message as dead that nobody has handled. */
  bury(turn: Settlement, message: Message, flow: Flow, dead: DeadLetter): void
  /** Publishes what a fan-out came to, with the ids of the last messages of its branches. */
  join(turn: Settlement, draft: MessageDraft, joined: readonly string[], flow: Flow): void
  /** Cancels whatever was led to by this message's fan-out or asks, and is not settled. */
  cancelWithin(turn: Settlement, messageId: string, why: Omit<ErrorRecord, 'name'>): void
  /** Ends the run with its terminal message. */
  complete(turn: Settlement, message: Message): void
  close(turn: Settlement, status: RunStatus, reason: string): void
}

/**
 * A chain of messages, each of which led to the next: the main flow, a branch, an ask, a copy. It
 * decides what it means that one of its deliveries hands off, is answered, goes nowhere or dies.
 */
export interface Flow {
  readonly kind: 'main' | 'branch' | 'ask' | 'copy'
  /** The flow that it comes from; absent on the main flow. */
  readonly parent?: Flow
  /** The message whose handler has fanned out or asks; absent on the main flow and for a copy. */
  readonly scope?: string
  /** A message of it was handed off, or replied. */
  handedOff(run: FlowHost, turn: Settlement, message: Message): void
  /** A delivery of it was settled with nothing, or is dead. */
  failed(run: FlowHost, turn: Settlement, failure: Failure): void
}

/** The flow from the root, or from a message from outside, to the terminal message. */
export const MAIN_FLOW: Flow = {
  kind: 'main',
  handedOff(run, turn, message) {
    if (message.to === COORDINATOR && message.type === run.terminal) run.complete(turn, message)
    else run.deliver(turn, message, MAIN_FLOW)
  },
  failed(run, turn, { reason, sentence }) {
    if (reason !== 'stalled') run.close(turn, 'failed', sentence)
    else if (run.isIdle) run.close(turn, 'stalled', sentence)
  },
}

/** What a listener does with a copy: nobody waits for it. */
export const COPY_FLOW: Flow = { kind: 'copy', handedOff() {}, failed() {} }

/** Whether a flow was led to by this message's fan-out or asks, directly or not. */
export function isWithin(flow: Flow, messageId: string): boolean {
  for (let at: Flow | undefined = flow; at !== undefined; at = at.parent) {
    if (at.scope === messageId) return true
  }
  return false
}
