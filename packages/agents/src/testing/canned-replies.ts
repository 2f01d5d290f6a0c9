import {
  type InputOf,
  type Message,
  type MessageOf,
  type ReplyOf,
  type RequestType,
  TerminalError,
} from '@nanoagent/bus'
import type { Agent, AgentContext } from '../agent.ts'
import type { AskRoute, FanOutRoute, Route, TypeFor } from '../routes.ts'

/** What a role replies in a test: data, or a function of what it is asked. */
export type CannedReply<T extends RequestType> =
  | InputOf<ReplyOf<T>>
  | ((request: MessageOf<T>) => InputOf<ReplyOf<T>> | Promise<InputOf<ReplyOf<T>>>)

/** What those reply in a test whom an agent asks, by role. */
export type CannedReplies<Asks extends AskRoute = AskRoute> = {
  readonly [To in Asks['to']]?: CannedReply<TypeFor<Asks, To>>
}

/** Whether messages of this type ask for a reply. */
export function isRequest(type: { readonly reply?: unknown }): type is RequestType {
  return type.reply !== undefined
}

/** Throws where there is a reply of somebody whom the agent does not ask. */
export function checkReplies({ role, asks }: Agent, replies: CannedReplies): void {
  const asked = asks.map(({ to }) => to)
  const stray = Object.keys(replies).find((to) => !asked.includes(to))
  if (stray === undefined) return
  const names = [...new Set(asked)].map((to) => `'${to}'`).join(', ')
  throw new TypeError(
    `'${role}' does not ask '${stray}' (it asks ${names || 'nobody'}): leave its reply out, or mend asks`,
  )
}

/** Replies to what was asked as the test has written it down; fails for good where it has not. */
export async function replyAs(
  type: RequestType,
  message: Message,
  ctx: AgentContext<Route, FanOutRoute, AskRoute, RequestType>,
  replies: CannedReplies,
): Promise<void> {
  const canned: unknown = replies[message.to]
  if (canned === undefined) {
    throw new TerminalError(
      `the test has no reply of it: run the agent with { replies: { '${message.to}': … } }`,
    )
  }
  ctx.reply(type.reply, isFunction(canned) ? await canned(message) : canned)
}

function isFunction(canned: unknown): canned is (request: Message) => unknown {
  return typeof canned === 'function'
}
