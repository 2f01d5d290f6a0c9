import { EventEmitter } from 'eventemitter3'

/** What a transport carries: word of a delivery, whose message is in the journal. */
export interface Notice {
  readonly runId: string
  /** The message's id; with `@` and a listener's role where that one gets a copy. */
  readonly id: string
  /** The role that is to handle it. */
  readonly to: string
}

/**
 * What carries word of visible messages to the buses that play their roles.
 *
 * A transport delivers at least once, in any order, and never invents a message: the bus removes
 * duplicates and restores the journal's order.
 */
export interface Transport {
  /** Sends word of a message that is already in the journal. Must not throw for want of a receiver. */
  send(notice: Notice): void
  /** Receives what is sent to a role until the disposable is disposed. */
  receive(role: string, deliver: (notice: Notice) => void): Disposable
}

/** The transport inside one process: an event for each role. */
export function createLocalTransport(): Transport {
  const emitter = new EventEmitter<Record<string, [Notice]>>()
  return {
    send(notice) {
      emitter.emit(notice.to, notice)
    },
    receive(role, deliver) {
      emitter.on(role, deliver)
      return { [Symbol.dispose]: () => void emitter.off(role, deliver) }
    },
  }
}
