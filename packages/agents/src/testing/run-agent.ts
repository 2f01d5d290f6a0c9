import {
  COORDINATOR,
  defineMessage,
  hopsOf,
  type InputOf,
  type Message,
  type MessageOf,
  type MessageType,
} from '@nanoagent/bus'
import { z } from 'zod'
import { type Agent, type AgentContext, defineAgent } from '../agent.ts'
import { linksOf, type Route } from '../routes.ts'
import { GivenMessage } from './given-message.ts'
import { type HarnessOptions, runOnBus, type TestRun } from './harness.ts'

type IsUnion<T, Whole = T> = T extends unknown ? ([Whole] extends [T] ? false : true) : never

/** What an agent can be given: a message of a type that it accepts, or only its data where there is one type. */
export type GivenTo<Accepts extends MessageType> =
  | GivenMessage<Accepts>
  | (true extends IsUnion<Accepts> ? never : InputOf<Accepts>)

/** What an agent can hand off: a union of its messages, with their recipients. */
export type HandoffOf<Emits extends Route> =
  Emits extends Route<infer To, infer T> ? MessageOf<T> & { readonly to: To } : never

/** How one agent is run in a test. */
export interface AgentRunOptions extends HarnessOptions {
  /** The messages that led to the given one, root first: what `ctx.context` shows. */
  readonly past?: readonly GivenMessage[]
}

/** What came of a run of one agent. It is `completed` where the agent has handed off. */
export interface AgentRun<Emits extends Route = Route> extends TestRun {
  /** What the agent handed off; absent where it did not. `history` has nothing else. */
  readonly handoff?: HandoffOf<Emits>
}

/**
 * Lets one agent handle one message, on a bus of its own; the run ends where the agent hands off.
 *
 * What it is given is the data of the type that it accepts, or a `message(Type, data)`, which it must be
 * where it accepts several. Throws where that is invalid.
 */
export function runAgent<Role extends string, Accepts extends MessageType, Emits extends Route>(
  agent: Agent<Role, Accepts, Emits>,
  given: GivenTo<Accepts>,
  options?: AgentRunOptions,
): Promise<AgentRun<Emits>>
export async function runAgent(
  agent: Agent,
  given: unknown,
  options: AgentRunOptions = {},
): Promise<AgentRun<Route>> {
  const chain = [...(options.past ?? []), givenMessage(agent, given)]
  const [root = givenMessage(agent, given)] = chain
  const stages = chain.map((sent, index) => ({
    sent,
    to: chain[index + 1] === undefined ? agent.role : senderOf(chain, index + 1),
  }))
  const terminal = linksOf(agent).find(({ to }) => to === COORDINATOR)?.type ?? Nothing
  const run = await runOnBus(
    { agents: playersOf(agent, stages) },
    { ...root.options, to: stages[0]?.to ?? agent.role, type: root.type, data: root.data },
    terminal,
    options,
  )
  const handoff = run.messages.find(({ id }) => hopsOf(id) === chain.length)
  if (handoff === undefined) return { ...run, history: [] }
  // How the run ends without those who come next says nothing of the agent.
  const { reason, error, ...rest } = run
  return { ...rest, status: 'completed', history: [handoff], handoff }
}

/** Ends a run whose agent hands nothing to the coordinator: it never comes. */
const Nothing = defineMessage('nothing', z.null())

interface Stage {
  readonly sent: GivenMessage
  readonly to: string
}

function givenMessage(agent: Agent, given: unknown): GivenMessage {
  const types = agent.accepts.map(({ name }) => name).join(', ')
  if (given instanceof GivenMessage) {
    if (agent.accepts.some(({ name }) => name === given.type.name)) return given
    throw new TypeError(`'${agent.role}' does not accept ${given.type.name} (it accepts ${types})`)
  }
  const [type, second] = agent.accepts
  if (type === undefined || second !== undefined) {
    throw new TypeError(
      `'${agent.role}' accepts several types (${types}): say which with message(Type, data)`,
    )
  }
  type.parse(given)
  return new GivenMessage(type, given, {})
}

function senderOf(chain: readonly GivenMessage[], index: number): string {
  return chain[index]?.options.from ?? `sender-${index}`
}

/**
 * The agent, with those who hand off the messages of its past and those who take what it hands off.
 * How far a message is from the root says which of it a role has to do, since one may have several.
 */
function playersOf(agent: Agent, stages: readonly Stage[]): readonly Agent[] {
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
      if (next === undefined) return hops < stages.length ? agent.handle(message, ctx) : undefined
      const { content, metadata } = next.sent.options
      return ctx.handoff(next.to, next.sent.type, next.sent.data, { content, metadata })
    }
    return role === agent.role
      ? { ...agent, accepts, handle }
      : defineAgent({ role, description: 'Stands in for an agent.', accepts, emits: [], handle })
  })
}
