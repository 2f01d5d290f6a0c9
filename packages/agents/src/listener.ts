import type { DeliveryOptions, MessageOf, MessageType } from '@nanoagent/bus'
import { completeWorker, type WorkContext, type Worker, type WorkerDefinition } from './worker.ts'

/** How a listener is defined. */
export type ListenerDefinition<
  Role extends string,
  Listens extends MessageType,
> = WorkerDefinition<Role> & {
  /** The types that it gets copies of, whomever they are for. */
  readonly listens: readonly Listens[]
  /**
   * Handles one copy. What it throws, or how long it takes, disturbs nobody; when the run ends it has a
   * short grace.
   */
  handle(message: MessageOf<Listens>, ctx: WorkContext): unknown
}

/** A listener: gets copies of messages between others, and publishes nothing. */
export interface Listener<Role extends string = string, Listens extends MessageType = MessageType>
  extends Worker<Role>,
    Partial<DeliveryOptions> {
  readonly listens: readonly Listens[]
  handle(message: MessageOf<Listens>, ctx: WorkContext): unknown
}

/** Defines a listener. Throws a `DefinitionError` where its role, types, tools or model settings cannot be. */
export function defineListener<const Role extends string, Listens extends MessageType>(
  definition: ListenerDefinition<Role, Listens>,
): Listener<Role, Listens> {
  return {
    ...definition,
    ...completeWorker(definition, definition.listens),
    handle: (message, ctx) => definition.handle(message, ctx),
  }
}
