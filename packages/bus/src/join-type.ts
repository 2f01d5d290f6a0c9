import { z } from 'zod'
import type { DeepReadonly } from './data.ts'
import { MessageTypeError } from './errors.ts'
import { type DataOf, defineMessage, type MessageType } from './message-type.ts'

/**
 * When a join closes, and with what.
 *
 * - `all`: when every branch is done; the first one that fails fails the join, and the others are
 *   cancelled.
 * - `all-settled`: when every branch is done or has failed.
 * - `{ first: n }`: when n branches are done, and the others are cancelled; it fails as soon as fewer
 *   than n can be.
 */
export type JoinPolicy = 'all' | 'all-settled' | { readonly first: number }

/** A policy in words: `all`, `all settled`, `first 2`. */
export function policyText(policy: JoinPolicy): string {
  if (typeof policy === 'object') return `first ${policy.first}`
  return policy === 'all' ? 'all' : 'all settled'
}

/** What a branch came to that ended with a message of one of these types. */
export type BranchDone<T extends MessageType = MessageType> = T extends MessageType
  ? {
      /** The role that the branch began with. */
      readonly to: string
      readonly status: 'done'
      /** The name of the type of its last message. */
      readonly type: T['name']
      readonly data: DataOf<T>
    }
  : never

/** What a branch came to that went nowhere or died. */
export interface BranchFailed {
  readonly to: string
  readonly status: 'failed'
  /** Why it is dead; `stalled` where it went nowhere, `join_failed` where a join inside it failed. */
  readonly reason: string
  /** In one sentence. */
  readonly error: string
}

/** What a branch came to that was not waited for. */
export interface BranchCancelled {
  readonly to: string
  readonly status: 'cancelled'
}

/** What one branch of a join came to, as far as the join's policy lets it. */
export type BranchResult<
  T extends MessageType = MessageType,
  Policy extends JoinPolicy = JoinPolicy,
> = Policy extends 'all'
  ? BranchDone<T>
  : Policy extends 'all-settled'
    ? BranchDone<T> | BranchFailed
    : BranchDone<T> | BranchFailed | BranchCancelled

/** The data of a join: what each branch came to, in the fan-out's order. */
export interface Joined<
  T extends MessageType = MessageType,
  Policy extends JoinPolicy = JoinPolicy,
> {
  readonly branches: readonly BranchResult<T, Policy>[]
}

/** A message type that holds the results of a fan-out. Made by `defineJoin`. */
export interface JoinType<
  Name extends string = string,
  T extends MessageType = MessageType,
  Policy extends JoinPolicy = JoinPolicy,
> extends MessageType<Name, Joined<T, Policy>, Joined<T, Policy>> {
  readonly join: {
    /** The types that a branch ends with. */
    readonly types: readonly T[]
    readonly policy: Policy
  }
}

const Failed = z.object({
  to: z.string(),
  status: z.literal('failed'),
  reason: z.string(),
  error: z.string(),
})
const Cancelled = z.object({ to: z.string(), status: z.literal('cancelled') })

/**
 * Defines a join: `const ChecksJoined = defineJoin('checks.joined', [TestReported, AuditReported])`.
 *
 * Its role accepts it like any message type. A branch that hands one of the types off to that role is
 * done. The default policy is `all`. Throws a `MessageTypeError` where no type is named, one twice, or
 * the policy waits for no branch.
 */
export function defineJoin<
  const Name extends string,
  const Types extends readonly [MessageType, ...MessageType[]],
  const Policy extends JoinPolicy = 'all',
>(
  name: Name,
  types: Types,
  options?: { readonly policy?: Policy },
): JoinType<Name, Types[number], Policy>
export function defineJoin(
  name: string,
  types: readonly MessageType[],
  { policy = 'all' }: { readonly policy?: JoinPolicy } = {},
): JoinType {
  const names = types.map((type) => type.name)
  const twice = names.find((type, index) => names.indexOf(type) !== index)
  if (names.length === 0 || twice !== undefined) {
    throw new MessageTypeError(
      `the join '${name}' ${twice === undefined ? 'names no type' : `names ${twice} twice`}: ` +
        'name each type that a branch ends with once',
    )
  }
  assertPolicy(name, policy)
  const done = types.map((type) =>
    z.object({
      to: z.string(),
      status: z.literal('done'),
      type: z.literal(type.name),
      data: type.schema,
    }),
  )
  const further = policy === 'all' ? [] : policy === 'all-settled' ? [Failed] : [Failed, Cancelled]
  const schema = z.object({ branches: z.array(z.union([...done, ...further])) })
  return { ...defineMessage(name, schema), join: { types, policy } }
}

/** A join whose policy nobody knows would never close. */
function assertPolicy(name: string, policy: JoinPolicy): void {
  if (policy === 'all' || policy === 'all-settled') return
  if (typeof policy !== 'object') {
    throw new MessageTypeError(
      `the join '${name}' has the policy '${policy}': use 'all', 'all-settled' or { first: n }`,
    )
  }
  if (!(Number.isInteger(policy.first) && policy.first >= 1)) {
    throw new MessageTypeError(
      `the join '${name}' waits for the first ${policy.first} branches: use a whole number from 1`,
    )
  }
}

/** Whether a message type is a join. */
export function isJoinType(type: MessageType): type is JoinType {
  return 'join' in type
}

/** The data of the branches that ended with a message of this type, in the fan-out's order. */
export function valuesOf<T extends MessageType>(
  joined: DeepReadonly<Joined>,
  type: T,
): readonly DataOf<T>[]
export function valuesOf({ branches }: DeepReadonly<Joined>, { name }: MessageType): unknown {
  const values: unknown[] = []
  for (const branch of branches) {
    if (branch.status === 'done' && branch.type === name) values.push(branch.data)
  }
  return values
}
