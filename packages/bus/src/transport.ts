import { EventEmitter } from 'eventemitter3'
import type { Message } from './message.ts'

/**
 * What carries visible messages to the buses that play their roles.
 *
 * A transport delivers at least once, in any order, and never invents a message: the bus removes
 * duplicates and restores the journal's order.
 */
export interface Transport {
  /** Sends a message that is already in the journal. Must not throw for want of a receiver. */
  send(message: Message): void
  /** Receives the messages for a role until the disposable is disposed. */
  receive(role: string, deliver: (message: Message) => void): Disposable
}

/** The transport inside one process: an event for each role. */
export function createLocalTransport(): Transport {
  const emitter = new EventEmitter<Record<string, [Message]>>()
  return {
    send(message) {
      emitter.emit(message.to, message)
    },
    receive(role, deliver) {
      emitter.on(role, deliver)
      return { [Symbol.dispose]: () => void emitter.off(role, deliver) }
    },
  }
}
