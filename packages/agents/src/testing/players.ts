import { AskError, COORDINATOR, defineMessage, hopsOf, type Message } from '@nanoagent/bus'
import { z } from 'zod'
import { type Agent, type AgentContext, defineAgent } from '../agent.ts'
import { linksOf } from '../routes.ts'
import { type CannedReplies, isRequest, replyAs } from './canned-replies.ts'
import { GivenMessage } from './given-message.ts'

/** Longer than anybody waits. */
const FOREVER_MS = 2 ** 31 - 1

/** A message of the way that leads to the agent under test, and the role that handles it. */
export interface Stage {
  readonly sent: GivenMessage
  readonly to: string
}

/** What begins a run whose agent is asked, where the test says nothing of what led to that. */
const Begun = defineMessage('test.begun', z.null())

/** The messages that lead to the agent, the one that it is given last. */
export function stagesOf(
  agent: Agent,
  past: readonly GivenMessage[],
  given: GivenMessage,
): readonly [Stage, ...Stage[]] {
  // Only a handler can ask, so somebody must have got something before.
  const begun =
    past.length === 0 && isRequest(given.type) ? [new GivenMessage(Begun, null, {})] : past
  const stages: [Stage, ...Stage[]] = [{ sent: given, to: agent.role }]
  for (const sent of begun.toReversed()) {
    const [next] = stages
    stages.unshift({
      sent,
      to: next.sent.options.from ?? `sender-${begun.length - stages.length + 1}`,
    })
  }
  return stages
}

/** What those who surround an agent under test go by. */
export interface Surroundings {
  readonly stages: readonly Stage[]
  readonly replies: CannedReplies
  /** The agent was asked and gave no reply. */
  readonly onUnanswered: (why: string) => void
}

/**
 * The agent, with those who hand off the messages of its past, those whom it asks, and those who take what
 * it publishes. How far a message is from the root says which of it a role has to do, since one may have
 * several.
 */
export function playersOf(agent: Agent, surroundings: Surroundings): readonly Agent[] {
  const { stages } = surroundings
  const received = [
    ...stages.map(({ to, sent }) => ({ to, type: sent.type })),
    ...linksOf(agent).filter(({ to }) => to !== COORDINATOR),
  ]
  const roles = new Set([agent.role, ...received.map(({ to }) => to)])
  return [...roles].map((role) => {
    const accepts = [
      ...(role === agent.role ? agent.accepts : []),
      ...received.filter(({ to }) => to === role).map(({ type }) => type),
    ]
    const handle = (message: Message, ctx: AgentContext): unknown => {
      const hops = hopsOf(message.id)
      const next = stages[hops + 1]
      if (next !== undefined) return pass(next, ctx, surroundings)
      if (hops < stages.length) return agent.handle(message, ctx)
      // Whatever the agent does not ask goes no further.
      const type = accepts.find(({ name }) => name === message.type)
      return type !== undefined && isRequest(type)
        ? replyAs(type, message, ctx, surroundings.replies)
        : undefined
    }
    return role === agent.role
      ? { ...agent, accepts, handle }
      : defineAgent({ role, description: 'Stands in for an agent.', accepts, attempts: 1, handle })
  })
}

/** Hands the message of a stage off, or asks it. */
async function pass(
  { sent, to }: Stage,
  ctx: AgentContext,
  { onUnanswered }: Surroundings,
): Promise<void> {
  const { type, data, options } = sent
  const { content, metadata } = options
  if (!isRequest(type)) {
    ctx.handoff(to, type, data, { content, metadata })
    return
  }
  try {
    await ctx.ask(to, type, data, { content, metadata, timeoutMs: FOREVER_MS })
  } catch (error) {
    if (!(error instanceof AskError)) throw error
    onUnanswered(error.message)
  }
}
