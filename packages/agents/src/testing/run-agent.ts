import {
  COORDINATOR,
  defineMessage,
  hopsOf,
  type InputOf,
  joinPath,
  type Message,
  type MessageOf,
  type MessageType,
  type ReplyOf,
  type RequestType,
  replyPath,
  type SettleRecord,
} from '@nanoagent/bus'
import { z } from 'zod'
import type { Agent } from '../agent.ts'
import { type AskRoute, type FanOutRoute, linksOf, type Route } from '../routes.ts'
import { type CannedReplies, checkReplies } from './canned-replies.ts'
import { type RememberedValues, writtenIn } from './given-memory.ts'
import { GivenMessage } from './given-message.ts'
import { type HarnessOptions, runOnBus, type TestRun } from './harness.ts'
import { playersOf, stagesOf } from './players.ts'

type IsUnion<T, Whole = T> = T extends unknown ? ([Whole] extends [T] ? false : true) : never

/** What an agent can be given: a message of a type that it accepts, or only its data where there is one type. */
export type GivenTo<Accepts extends MessageType> =
  | GivenMessage<Accepts>
  | (true extends IsUnion<Accepts> ? never : InputOf<Accepts>)

/** What an agent can hand off: a union of its messages, with their recipients. */
export type HandoffOf<Emits extends Route> =
  Emits extends Route<infer To, infer T> ? MessageOf<T> & { readonly to: To } : never

/** How an agent can fan out: the branches, in the order in which it named them, and where they come together. */
export type FanOutOf<FanOuts extends FanOutRoute> =
  FanOuts extends FanOutRoute<infer Branches, infer Join>
    ? { readonly branches: readonly HandoffOf<Branches>[]; readonly join: Join }
    : never

/** How one agent is run in a test. */
export interface AgentRunOptions<Asks extends AskRoute = AskRoute> extends HarnessOptions {
  /** The messages that led to the given one, root first: what `ctx.context` shows. */
  readonly past?: readonly GivenMessage[]
  /** What those reply whom the agent asks. An ask of anybody else fails. */
  readonly replies?: CannedReplies<Asks>
  /** What the agent remembers from earlier runs, by key: JSON with secrets. Default: nothing. */
  readonly memory?: RememberedValues
}

/** What came of a run of one agent. It is `completed` where the agent has gone one of its ways. */
export interface AgentRun<
  Emits extends Route = Route,
  FanOuts extends FanOutRoute = FanOutRoute,
  Accepts extends MessageType = MessageType,
> extends TestRun {
  /**
   * What came after the given message, in journal order: what the agent asked and was replied, and what
   * it handed off, fanned out or replied.
   */
  readonly history: readonly Message[]
  /** What the agent handed off; absent where it did not. */
  readonly handoff?: HandoffOf<Emits>
  /** How the agent fanned out; absent where it did not. */
  readonly fanOut?: FanOutOf<FanOuts>
  /** What the agent replied to what it was asked; absent where it did not. */
  readonly reply?: MessageOf<ReplyOf<Accepts>>
  /** What the agent has written for later runs, by key. */
  readonly memory: RememberedValues
}

/**
 * Lets one agent handle one message, on a bus of its own; the run ends where the agent goes one of its ways.
 *
 * What it is given is the data of the type that it accepts, or a `message(Type, data)`, which it must be
 * where it accepts several. A type that names a reply is asked, by whoever it is `from`. Throws where what
 * is given is invalid, or a reply is of somebody whom it does not ask.
 */
export function runAgent<
  Role extends string,
  Accepts extends MessageType,
  Emits extends Route,
  FanOuts extends FanOutRoute,
  Asks extends AskRoute,
>(
  agent: Agent<Role, Accepts, Emits, FanOuts, Asks>,
  given: GivenTo<Accepts>,
  options?: AgentRunOptions<Asks>,
): Promise<AgentRun<Emits, FanOuts, Accepts>>
export async function runAgent(
  agent: Agent,
  given: unknown,
  options: AgentRunOptions = {},
): Promise<AgentRun<Route, FanOutRoute, RequestType>> {
  const { past = [], replies = {}, memory } = options
  checkReplies(agent, replies)
  const stages = stagesOf(agent, past, givenMessage(agent, given))
  const [root, ...rest] = stages
  let unanswered: string | undefined
  const onUnanswered = (why: string) => {
    unanswered = why
  }
  const players = playersOf(agent, { stages, replies, onUnanswered })
  const { type, data, options: said } = root.sent
  const terminal = linksOf(agent).find(({ to }) => to === COORDINATOR)?.type ?? Nothing
  const all = await runOnBus(
    { agents: players, memory: memory === undefined ? undefined : { [agent.role]: memory } },
    { ...said, to: root.to, type, data },
    terminal,
    options,
  )
  // Those who surround the agent are no matter of the test.
  const run = {
    ...all,
    agents: players.filter(({ role }) => role === agent.role),
    memory: writtenIn(all.records)[agent.role] ?? {},
  }
  const handled = run.messages.find(({ id }) => hopsOf(id) === rest.length)
  if (handled === undefined) return { ...run, history: [] }
  const history = run.messages
    .slice(run.messages.indexOf(handled) + 1)
    .filter(({ id }) => id !== joinPath(handled.id))
  const way = wayOf(agent, handled, run)
  if (way !== undefined) {
    // How the run ends without those who come next says nothing of the agent.
    const { reason, error, ...end } = run
    return { ...end, status: 'completed', history, ...way }
  }
  if (unanswered === undefined) return { ...run, history }
  const error = settlementOf(handled, run)?.error
  return {
    ...run,
    status: error === undefined ? 'stalled' : 'failed',
    reason: unanswered,
    ...(error === undefined ? {} : { error }),
    history,
  }
}

/** The way that the agent has gone; `undefined` where it went none. */
function wayOf(
  agent: Agent,
  handled: Message,
  run: TestRun,
): Pick<AgentRun<Route, FanOutRoute, RequestType>, 'handoff' | 'fanOut' | 'reply'> | undefined {
  const { published = [], fanOut } = settlementOf(handled, run) ?? {}
  const messages = run.messages.filter(({ id }) => published.includes(id))
  if (fanOut !== undefined) {
    const { to, join: name } = fanOut
    const route = agent.fansOut.find(({ join }) => join.to === to && join.type.name === name)
    return route === undefined ? undefined : { fanOut: { branches: messages, join: route.join } }
  }
  const [message] = messages
  if (message === undefined) return undefined
  return message.id === replyPath(handled.id) ? { reply: message } : { handoff: message }
}

/** How the agent's delivery was settled; `undefined` where it was not. */
function settlementOf({ id }: Message, { records }: TestRun): SettleRecord | undefined {
  return records
    .filter((record) => record.kind === 'settle')
    .find(({ messageId, outcome }) => messageId === id && outcome !== 'failed')
}

/** Ends a run whose agent hands nothing to the coordinator: it never comes. */
const Nothing = defineMessage('nothing', z.null())

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
