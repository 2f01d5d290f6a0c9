import type { InputOf, MessageOptions, MessageType } from '@nanoagent/bus'

/** What a test may say about a message besides its data. */
export interface GivenMessageOptions extends MessageOptions {
  /** The role that handed it off. Default: one that stands for whoever it was; a root is from `coordinator`. */
  readonly from?: string
}

/** A message that a test gives to an agent, or puts into its past. Made by `message`. */
export class GivenMessage<T extends MessageType = MessageType> {
  readonly type: T
  readonly data: InputOf<T>
  readonly options: GivenMessageOptions

  constructor(type: T, data: InputOf<T>, options: GivenMessageOptions) {
    this.type = type
    this.data = data
    this.options = options
  }
}

/**
 * A message for `runAgent`: `message(PlanReady, plan, { from: 'planner' })`. Throws an
 * `InvalidMessageError` where the data does not fit its type.
 */
export function message<T extends MessageType>(
  type: T,
  data: InputOf<T>,
  options: GivenMessageOptions = {},
): GivenMessage<T> {
  type.parse(data)
  return new GivenMessage(type, data, options)
}
