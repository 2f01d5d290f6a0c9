import { z } from 'zod'
import type { DeliveryContext } from '../../attempt.ts'
import type { Bus } from '../../bus.ts'
import type { MessageOf } from '../../message.ts'
import { defineMessage } from '../../message-type.ts'
import type { DeliveryOptions } from '../../role.ts'
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

const TYPES = [Asked, Drafted, Noted, KeyMade] as const

/** What a handler of these tests gets. */
type AnyMessage = MessageOf<(typeof TYPES)[number]>

export type Handle = (message: AnyMessage, ctx: DeliveryContext) => void | Promise<void>

/** Plays a role that takes every type of these tests but the last one. */
export function play(
  bus: Bus,
  role: string,
  handle: Handle,
  options: Partial<DeliveryOptions> & { readonly signal?: AbortSignal } = {},
): Disposable {
  return bus.subscribe(role, { accepts: TYPES, handle, ...options })
}

/** Hands the last message of a run off to the coordinator. */
export function answer(ctx: DeliveryContext, text = 'done'): string {
  return ctx.handoff('coordinator', Answered, { text })
}

/** Never resolves. */
export function forever(): Promise<never> {
  return new Promise(() => {})
}
