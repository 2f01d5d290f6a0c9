import { z } from 'zod'
import type { Bus } from '../../bus.ts'
import type { DeepReadonly } from '../../data.ts'
import type { Branch, DeliveryContext } from '../../delivery-context.ts'
import { type BranchResult, defineJoin, type JoinType } from '../../join-type.ts'
import type { MessageOf } from '../../message.ts'
import { defineMessage, type MessageType } from '../../message-type.ts'
import type { DeliveryOptions, Subscriber } from '../../role.ts'
import { secret } from '../../secret.ts'

/** Opens the runs of these tests. */
export const Asked = defineMessage('question.asked', z.object({ text: z.string() }))

/** Goes from role to role. */
export const Drafted = defineMessage(
  'text.drafted',
  z.object({
    text: z.string(),
    sections: z
      .array(z.object({ title: z.string().min(1), tags: z.array(z.string()).optional() }))
      .default([]),
  }),
)

/** Ends the runs of these tests. */
export const Answered = defineMessage('question.answered', z.object({ text: z.string() }))

/** Takes whatever is JSON. */
export const Noted = defineMessage('note.taken', z.object({ anything: z.unknown() }))

/** Has a secret. */
export const KeyMade = defineMessage('key.made', z.object({ owner: z.string(), key: secret() }))

/** Asks for a hint; answered by one. */
export const Hinted = defineMessage('hint.given', z.object({ text: z.string() }))
export const HintWanted = defineMessage('hint.wanted', z.object({ text: z.string() }), {
  reply: Hinted,
})

/** Asks for a key; both it and its reply have a secret. */
export const KeyGiven = defineMessage('key.given', z.object({ key: secret() }))
export const KeyWanted = defineMessage('key.wanted', z.object({ pin: secret() }), {
  reply: KeyGiven,
})

/** Ends a branch. */
export const Part = defineMessage('part.made', z.object({ text: z.string() }))
export const KeyPart = defineMessage('key.part', z.object({ key: secret() }))

/** Joins, one of each policy. */
export const All = defineJoin('all.joined', [Part, KeyPart])
export const Settled = defineJoin('settled.joined', [Part], { policy: 'all-settled' })
export const First = defineJoin('first.joined', [Part], { policy: { first: 2 } })

const TYPES = [
  Asked,
  Drafted,
  Noted,
  KeyMade,
  HintWanted,
  KeyWanted,
  Part,
  All,
  Settled,
  First,
] as const

/** What a handler of these tests gets. */
type AnyMessage = MessageOf<(typeof TYPES)[number]>

export type Handle = (message: AnyMessage, ctx: DeliveryContext) => void | Promise<void>

/** What plays a role that takes every type of these tests but the last one. */
export function subscriber(handle: Handle): Subscriber<MessageType> {
  return { accepts: TYPES, handle }
}

/** Plays a role that takes every type of these tests but the last one. */
export function play(
  bus: Bus,
  role: string,
  handle: Handle,
  options: Partial<DeliveryOptions> & { readonly signal?: AbortSignal } = {},
): Disposable {
  return bus.subscribe(role, { ...subscriber(handle), ...options })
}

/** Hands the last message of a run off to the coordinator. */
export function answer(ctx: DeliveryContext, text = 'done'): string {
  return ctx.handoff('coordinator', Answered, { text })
}

/** Never resolves. */
export function forever(): Promise<never> {
  return new Promise(() => {})
}

/** What listens to every type of these tests. */
export function listener(
  handle: (message: MessageOf<MessageType>, ctx: DeliveryContext) => unknown,
): Subscriber<MessageType> {
  return { accepts: [...TYPES, Answered, Hinted], handle }
}

/** Listens under a name to every type of these tests. */
export function hear(
  bus: Bus,
  name: string,
  handle: (message: MessageOf<MessageType>, ctx: DeliveryContext) => unknown,
  options: Partial<DeliveryOptions> = {},
): Disposable {
  return bus.listen(name, { ...listener(handle), ...options })
}

/** What a branch came to. */
export type Result = DeepReadonly<BranchResult>

/** What the branches came to, where the message is a join. */
export function resultsOf({ data }: AnyMessage): readonly Result[] {
  return 'branches' in data ? data.branches : []
}

/** Branches to these roles, each with its number. */
export function branches(...roles: readonly string[]): Branch<typeof Drafted>[] {
  return roles.map((to, index) => ({ to, type: Drafted, data: { text: String(index + 1) } }))
}

/** Handles any message by fanning out to these roles. */
export function fansOut(roles: readonly string[], to: string, type: JoinType): Handle {
  return (_message, ctx) => {
    ctx.fanOut(branches(...roles), { to, type })
  }
}

/** Ends a branch at `joiner`. */
export function part(ctx: DeliveryContext, text: string): string {
  return ctx.handoff('joiner', Part, { text })
}
