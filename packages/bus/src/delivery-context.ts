import type { DeepReadonly } from './data.ts'
import type { JoinType } from './join-type.ts'
import type { DeliveryMemory } from './memory-steps.ts'
import type { Message, MessageOf, MessageOptions } from './message.ts'
import type { DataOf, InputOf, MessageType, ReplyOf, RequestType } from './message-type.ts'
import type { Secret } from './secret.ts'
import type { StepOptions } from './steps.ts'

/** One branch of a fan-out: the role that it begins with, and what that one gets. */
export interface Branch<T extends MessageType = MessageType> extends MessageOptions {
  readonly to: string
  readonly type: T
  readonly data: InputOf<T>
}

/** Where the branches of a fan-out come together. */
export interface JoinAt<T extends JoinType = JoinType> {
  readonly to: string
  readonly type: T
}

/** What an asker may say about an ask besides its data. */
export interface AskOptions extends MessageOptions {
  /** Longest wait for the reply. Default 60 s. */
  readonly timeoutMs?: number | undefined
}

/** The data of the reply to a request. */
export type ReplyData<T extends MessageType> = DataOf<ReplyOf<T>>

/**
 * What a handler gets beside its message. It closes with the attempt: everything on it throws an
 * `AttemptClosedError` afterwards.
 */
export interface DeliveryContext {
  readonly message: Message
  /** Which try of the delivery this is, from 1. */
  readonly attempt: number
  /** Aborts when the attempt is over, at the latest at its timeout or when the run ends. */
  readonly signal: AbortSignal
  /**
   * Hands off to the next role, once, and returns the message's id. Validated at once, held until
   * the handler has succeeded, and gone when it fails. `options` may be just the human line.
   */
  handoff<T extends MessageType>(
    to: string,
    type: T,
    data: InputOf<T>,
    options?: string | MessageOptions,
  ): string
  /**
   * Fans out, instead of handing off: each branch is a chain of its own, and is done when it hands one
   * of the join's types off to the join's role. That role then gets one message with the results, in
   * the order of the branches. Returns its id.
   */
  fanOut<const Types extends readonly MessageType[]>(
    branches: { readonly [Index in keyof Types]: Branch<Types[Index]> },
    join: JoinAt,
  ): string
  /**
   * Asks another role, and resolves to the data of its reply; of several roles, to those of all of
   * them in their order. Published at once, and handled before whatever else waits for that role. Does
   * not count as time of the delivery. Rejects with an `AskError` where nobody replies, and with a
   * `NoWayError` where the role is already among those that ask.
   */
  ask<T extends RequestType>(
    to: string,
    type: T,
    data: InputOf<T>,
    options?: AskOptions,
  ): Promise<ReplyData<T>>
  ask<T extends RequestType>(
    to: readonly string[],
    type: T,
    data: InputOf<T>,
    options?: AskOptions,
  ): Promise<readonly ReplyData<T>[]>
  /** Replies to what was asked, instead of handing off; gives the reply's id. */
  reply<T extends MessageType>(type: T, data: InputOf<T>, options?: string | MessageOptions): string
  /**
   * Performs an effect on the world outside and records it; gives the recorded response instead
   * when the attempt starts again. Steps are told apart by the order in which they are asked for.
   */
  step<Response>(options: StepOptions<Response>): Promise<DeepReadonly<Response>>
  /** What the role remembers of earlier runs of the thread. */
  readonly memory: DeliveryMemory
  /** Records a line for whoever watches. `{name}` in the text stands for that entry of `data`. */
  log(text: string, data?: Readonly<Record<string, unknown>>): void
  /** Epoch milliseconds of the attempt's latest record: the same when it starts again. */
  now(): number
  /** From 0 up to 1, seeded by run, message and attempt: the same when it starts again. */
  random(): number
  /** The messages that led here, root first, with the handled one last. */
  past(): readonly Message[]
  /** The latest message of a type among those that led here. */
  latest<T extends MessageType>(type: T): MessageOf<T> | undefined
  /** The secret that a handle of this run stands for. */
  secret(handle: string): Secret | undefined
  /** The text with the value of every secret of this run replaced by its handle. */
  redact(text: string): string
  /** Throws an `AttemptClosedError` that names the action, where the attempt is over. */
  assertOpen(action: string): void
}
