import type { Backoff } from './backoff.ts'
import { DEFAULTS } from './defaults.ts'
import type { DeliveryContext } from './delivery-context.ts'
import { InvalidOptionError } from './errors.ts'
import { Mailbox } from './mailbox.ts'
import { handoffLine, type Message, type MessageOf } from './message.ts'
import type { MessageType } from './message-type.ts'

/** How a role's deliveries are tried. Each has its default in `DEFAULTS`. */
export interface DeliveryOptions extends Backoff {
  /** Tries of one delivery. */
  readonly attempts: number
  /** Time of one attempt, without what it spends waiting for a model. */
  readonly deliveryTimeoutMs: number
  /** Starts of one attempt before it counts as a killer of processes. */
  readonly startsPerAttempt: number
  /** Deliveries at once, of all runs together. */
  readonly roleConcurrency: number
  /** Deliveries of one run at once. With 1, the default, they are handled in order. */
  readonly perRunConcurrency: number
}

/** What plays a role: the message types it accepts and the handler. */
export interface Subscriber<T extends MessageType> extends Partial<DeliveryOptions> {
  readonly accepts: readonly T[]
  /**
   * Handles one message. What it throws fails the attempt; a `TerminalError` fails the delivery. What it
   * returns is awaited, and otherwise ignored.
   */
  handle(message: MessageOf<T>, context: DeliveryContext): unknown
  /** Ends the subscription. */
  readonly signal?: AbortSignal
}

/** A role that is played on a bus. */
export class Role {
  readonly name: string
  /** The human line of messages for it whose publishers gave none. */
  readonly handoffLine: string
  readonly options: DeliveryOptions
  readonly mailbox: Mailbox
  readonly #accepts: ReadonlyMap<string, MessageType>
  readonly #subscriber: Subscriber<MessageType>

  /** The mailbox is the role's, whoever plays it, so that the order holds when it is handed over. */
  constructor(name: string, subscriber: Subscriber<MessageType>, mailbox = new Mailbox()) {
    this.name = name
    this.handoffLine = handoffLine(name)
    this.options = deliveryOptions(name, subscriber)
    this.mailbox = mailbox
    mailbox.setConcurrency(this.options.roleConcurrency, this.options.perRunConcurrency)
    this.#accepts = new Map(subscriber.accepts.map((type) => [type.name, type]))
    this.#subscriber = subscriber
  }

  get accepted(): readonly string[] {
    return [...this.#accepts.keys()]
  }

  /** The message type of this name, where the role accepts it. */
  type(name: string): MessageType | undefined {
    return this.#accepts.get(name)
  }

  handle(message: Message, context: DeliveryContext): unknown {
    return this.#subscriber.handle(message, context)
  }
}

function deliveryOptions(role: string, given: Partial<DeliveryOptions>): DeliveryOptions {
  const whole = (name: string, value: number): number => {
    if (!Number.isInteger(value) || value < 1) {
      throw new InvalidOptionError(`${name} of '${role}'`, value, 'a whole number from 1')
    }
    return value
  }
  const milliseconds = (name: string, value: number): number => {
    if (!(value >= 0 && Number.isFinite(value))) {
      throw new InvalidOptionError(`${name} of '${role}'`, value, 'milliseconds from 0')
    }
    return value
  }
  return {
    attempts: whole('attempts', given.attempts ?? DEFAULTS.attempts),
    backoffMs: milliseconds('backoffMs', given.backoffMs ?? DEFAULTS.backoffMs),
    maxBackoffMs: milliseconds('maxBackoffMs', given.maxBackoffMs ?? DEFAULTS.maxBackoffMs),
    deliveryTimeoutMs: milliseconds(
      'deliveryTimeoutMs',
      given.deliveryTimeoutMs ?? DEFAULTS.deliveryTimeoutMs,
    ),
    startsPerAttempt: whole(
      'startsPerAttempt',
      given.startsPerAttempt ?? DEFAULTS.startsPerAttempt,
    ),
    roleConcurrency: whole('roleConcurrency', given.roleConcurrency ?? DEFAULTS.roleConcurrency),
    perRunConcurrency: whole('perRunConcurrency', given.perRunConcurrency ?? 1),
  }
}
