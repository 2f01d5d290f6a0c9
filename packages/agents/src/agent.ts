import type {
  AskOptions,
  DeliveryOptions,
  InputOf,
  MessageOf,
  MessageOptions,
  MessageType,
  ReplyData,
  ReplyOf,
} from '@nanoagent/bus'
import type {
  AskRoute,
  BranchesTo,
  BranchOf,
  FanOutRoute,
  RoleFor,
  Route,
  TypeFor,
} from './routes.ts'
import { completeWorker, type WorkContext, type Worker, type WorkerDefinition } from './worker.ts'

/**
 * What an agent's handler gets beside its message. It may go one way: hand off, fan out, or reply to
 * what it was asked. That is validated at once, and published when the handler has succeeded.
 */
export interface AgentContext<
  Emits extends Route = Route,
  FanOuts extends FanOutRoute = FanOutRoute,
  Asks extends AskRoute = AskRoute,
  Accepts extends MessageType = MessageType,
> extends WorkContext {
  /** Hands off to the next role; gives the message's id. `options` may be just the human line. */
  handoff<To extends Emits['to'], T extends TypeFor<Emits, To>>(
    to: To,
    type: T,
    data: InputOf<T>,
    options?: string | MessageOptions,
  ): string
  /**
   * Fans out: each branch is a chain of its own, which is done when it hands one of the join's types off
   * to the join's role. That one then gets one message with the results, in the order of the branches.
   * Gives its id.
   */
  fanOut<Join extends FanOuts['join']>(
    branches: readonly BranchOf<BranchesTo<FanOuts, Join>>[],
    join: Join,
  ): string
  /**
   * Asks another role, and gives the data of its reply; of several roles, that of all replies in their
   * order. Published at once. Throws an `AskError` where nobody replies, or not in time.
   */
  ask<T extends Asks['type'], To extends RoleFor<Asks, T>>(
    to: readonly To[],
    type: T,
    data: InputOf<T>,
    options?: AskOptions,
  ): Promise<readonly ReplyData<T>[]>
  // The last one is what the compiler holds a wrong call against.
  ask<To extends Asks['to'], T extends TypeFor<Asks, To>>(
    to: To,
    type: T,
    data: InputOf<T>,
    options?: AskOptions,
  ): Promise<ReplyData<T>>
  /** Replies to what was asked; gives the reply's id. `options` may be just the human line. */
  reply<T extends ReplyOf<Accepts>>(
    type: T,
    data: InputOf<T>,
    options?: string | MessageOptions,
  ): string
}

/** How an agent is defined. */
export type AgentDefinition<
  Role extends string,
  Accepts extends MessageType,
  Emits extends Route = never,
  FanOuts extends FanOutRoute = never,
  Asks extends AskRoute = never,
> = WorkerDefinition<Role> & {
  readonly accepts: readonly Accepts[]
  /** What it hands off to whom, as `to(role, Type)`. Default: nothing. */
  readonly emits?: readonly Emits[]
  /** How it fans out, as `fanOut(branches, join)`. Default: it does not. */
  readonly fansOut?: readonly FanOuts[]
  /** Whom it asks what, as `to(role, Type)`. Default: nobody. */
  readonly asks?: readonly Asks[]
  /**
   * Handles one message. What it throws fails the attempt; a `TerminalError` fails the delivery. What it
   * returns is awaited, and otherwise ignored.
   */
  handle(message: MessageOf<Accepts>, ctx: AgentContext<Emits, FanOuts, Asks, Accepts>): unknown
}

/** An agent: a role, what it accepts, emits and asks, its instructions, its tools, its handler. */
export interface Agent<
  Role extends string = string,
  Accepts extends MessageType = MessageType,
  Emits extends Route = Route,
  FanOuts extends FanOutRoute = FanOutRoute,
  Asks extends AskRoute = AskRoute,
> extends Worker<Role>,
    Partial<DeliveryOptions> {
  readonly accepts: readonly Accepts[]
  readonly emits: readonly Emits[]
  readonly fansOut: readonly FanOuts[]
  readonly asks: readonly Asks[]
  handle(message: MessageOf<Accepts>, ctx: AgentContext<Emits, FanOuts, Asks, Accepts>): unknown
}

/** Defines an agent. Throws a `DefinitionError` where its role, types, tools or model settings cannot be. */
export function defineAgent<
  const Role extends string,
  Accepts extends MessageType,
  Emits extends Route = never,
  FanOuts extends FanOutRoute = never,
  Asks extends AskRoute = never,
>(
  definition: AgentDefinition<Role, Accepts, Emits, FanOuts, Asks>,
): Agent<Role, Accepts, Emits, FanOuts, Asks> {
  const { accepts, emits = [], fansOut = [], asks = [] } = definition
  return {
    ...definition,
    ...completeWorker(definition, accepts),
    emits,
    fansOut,
    asks,
    handle: (message, ctx) => definition.handle(message, ctx),
  }
}
