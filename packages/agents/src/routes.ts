import type { InputOf, JoinType, MessageOptions, MessageType, RequestType } from '@nanoagent/bus'

/** A way out of an agent: the role it hands off to, and with which message type. */
export interface Route<To extends string = string, T extends MessageType = MessageType> {
  readonly to: To
  readonly type: T
}

/** Says that an agent hands off to a role with a message type. */
export function to<const To extends string, T extends MessageType>(
  role: To,
  type: T,
): Route<To, T> {
  return { to: role, type }
}

/** Whom an agent asks what. */
export type AskRoute = Route<string, RequestType>

/** A way out of an agent that fans out: where its branches may begin, and where they come together. */
export interface FanOutRoute<
  Branches extends Route = Route,
  Join extends Route<string, JoinType> = Route<string, JoinType>,
> {
  readonly branches: readonly Branches[]
  readonly join: Join
}

/**
 * Says that an agent fans out: `fanOut([to('tester', PasswordReady), to('auditor', PasswordReady)],
 * to('reviewer', ChecksJoined))`. How many branches there are, the handler decides.
 */
export function fanOut<
  const Branches extends readonly Route[],
  Join extends Route<string, JoinType>,
>(branches: Branches, join: Join): FanOutRoute<Branches[number], Join> {
  return { branches, join }
}

/** The message types that these routes lead to a role with. */
export type TypeFor<Routes, To extends string> =
  Routes extends Route<infer Target, infer T> ? (To extends Target ? T : never) : never

/** The roles to which these routes lead with a message type. */
export type RoleFor<Routes, T extends MessageType> =
  Routes extends Route<infer To, infer Type> ? (T extends Type ? To : never) : never

/** What a handler says of one branch of a fan-out. */
export type BranchOf<Routes> =
  Routes extends Route<infer To, infer T>
    ? MessageOptions & { readonly to: To; readonly type: T; readonly data: InputOf<T> }
    : never

/** Where those of these fan-outs begin that come together in this join. */
export type BranchesTo<FanOuts, Join> =
  FanOuts extends FanOutRoute<infer Branches, infer At>
    ? Join extends At
      ? Branches
      : never
    : never

/** A message from an agent to a role, and how it gets there. */
export interface Link extends Route {
  readonly how: 'handoff' | 'branch' | 'join' | 'ask'
}

/** Every message that an agent can cause, by its definition. */
export function linksOf({
  emits,
  fansOut,
  asks,
}: {
  readonly emits: readonly Route[]
  readonly fansOut: readonly FanOutRoute[]
  readonly asks: readonly Route[]
}): readonly Link[] {
  return [
    ...emits.map((route): Link => ({ ...route, how: 'handoff' })),
    ...fansOut.flatMap(({ branches, join }): Link[] => [
      ...branches.map((branch): Link => ({ ...branch, how: 'branch' })),
      { ...join, how: 'join' },
    ]),
    ...asks.map((route): Link => ({ ...route, how: 'ask' })),
  ]
}
