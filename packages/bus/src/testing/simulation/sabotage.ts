import type { Journal } from '../../journal.ts'
import type { Subscriber } from '../../role.ts'
import type { Transport } from '../../transport.ts'
import type { JOINS, Probe, Question, Work } from './messages.ts'

/** A subscriber of the simulation. */
export type SimulatedSubscriber = Subscriber<
  typeof Work | typeof Probe | typeof Question | (typeof JOINS)[keyof typeof JOINS]
>

/**
 * Breaks a promise on purpose, to show that the simulation sees it. Everything is done from outside,
 * by wrapping what a bus is given.
 */
export interface Sabotage {
  /** Wraps the journal that all processes share. */
  store?(journal: Journal): Journal
  /** Wraps one process's way to it. */
  journal?(journal: Journal): Journal
  transport?(transport: Transport): Transport
  subscriber?(subscriber: SimulatedSubscriber, role: string): SimulatedSubscriber
}
