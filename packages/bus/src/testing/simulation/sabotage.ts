import type { Journal } from '../../journal.ts'
import type { diffRuns } from '../../reading/diff.ts'
import type { replayDeliveries } from '../../replay/replay.ts'
import type { Subscriber } from '../../role.ts'
import type { Transport } from '../../transport.ts'
import type { JOINS, Probe, Question, Work } from './messages.ts'

/** A subscriber of the simulation. */
export type SimulatedSubscriber = Subscriber<
  typeof Work | typeof Probe | typeof Question | (typeof JOINS)[keyof typeof JOINS]
>

/**
 * Breaks a promise on purpose, to show that the simulation sees it. Everything is done from outside,
 * by wrapping what a bus is given, or what comes of it is read with.
 */
export interface Sabotage {
  /** Wraps the journal that all processes share. */
  store?(journal: Journal): Journal
  /** Wraps one process's way to it. */
  journal?(journal: Journal): Journal
  transport?(transport: Transport): Transport
  /** Wraps the way to the journal that a fork is made in. */
  fork?(journal: Journal): Journal
  /** Wraps how runs are replayed. */
  replay?(replay: typeof replayDeliveries): typeof replayDeliveries
  /** Wraps how runs are compared. */
  diff?(diff: typeof diffRuns): typeof diffRuns
  subscriber?(subscriber: SimulatedSubscriber, role: string): SimulatedSubscriber
}
