import {
  type Agent,
  agentPlayer,
  createContext,
  type GenerationLimits,
  type Listener,
  limitRequests,
  listenerPlayer,
  type Model,
  replayPlayers,
} from '@nanoagent/agents'
import {
  type InboxDelivery,
  type InboxOutcome,
  type MessageType,
  type RunOpenedRecord,
  recordedInbox,
  type Subscriber,
  type Usage,
  usageOf,
} from '@nanoagent/bus'
import {
  doWithRuns,
  isListener,
  type RecordedRun,
  type RehearsedRunsOptions,
  type Task,
} from './rehearsed-runs.ts'
import { givenLimits, limitsOf } from './replay.ts'

/** How one agent is replayed. Bounds of generations that are not given are those that each run had. */
export interface ReplayAgentOptions extends RehearsedRunsOptions {
  /**
   * The agent as it is now, or for each run the one that it gets; `undefined` where a run is passed over. A
   * listener gets the copies that it got.
   */
  readonly agent: Agent | Listener | ((opening: RunOpenedRecord) => Agent | Listener | undefined)
  /**
   * What answers its model requests anew: the replay is live. What else it asks for is served where the same
   * was recorded, a tool call by its idempotency key; other tool calls and effects are performed, other asks
   * and memory reads fail the delivery. Default: nothing is performed, and what is not in the record fails
   * the delivery.
   */
  readonly model?: Model
}

/** A recorded delivery, handled by an agent as it is now, and what differs. */
export interface AgentReplay extends InboxOutcome {
  readonly runId: string
  /** The message that was handled; with `@` and a listener's role where that one handled a copy. */
  readonly deliveryId: string
  /** The name of that message's type. */
  readonly type: string
  readonly role: string
  /** The attempt that settled it, which is the one that it is compared with. */
  readonly attempt: number
  /** What that attempt used of models and tools. */
  readonly recorded: Usage
  /** What was used of them now. */
  readonly used: Usage
}

/**
 * Feeds what a role has handled in recorded runs to one agent as it is now, each message by itself, and
 * compares what it publishes and remembers with what was published and remembered. Nothing is sent or
 * stored, in no journal and no memory.
 *
 * Gives the deliveries run by run, in the order in which they were settled, as soon as they and those before
 * them are done. Whoever stops listening stops it. Throws a `NotReplayableError` where a run is unknown.
 */
export function replayAgent(options: ReplayAgentOptions): AsyncGenerator<AgentReplay> {
  const { agent, modelRequestsAtOnce } = options
  const model = options.model && limitRequests(options.model, modelRequestsAtOnce)
  return doWithRuns(options, async (run) => {
    const playing = typeof agent === 'function' ? agent(run.opening) : agent
    return playing === undefined ? [] : inboxOf(playing, run, { ...options, model })
  })
}

async function inboxOf(
  agent: Agent | Listener,
  run: RecordedRun,
  options: Omit<ReplayAgentOptions, 'model'> & { readonly model: Model | undefined },
): Promise<readonly Task<AgentReplay>[]> {
  const { journal, model, runtime } = options
  const { role } = agent
  const limits = { ...options, ...limitsOf(run.opening), ...givenLimits(options) }
  const inbox = await recordedInbox({
    records: run.records,
    role,
    player:
      model === undefined ? servedPlayer(agent, run, limits) : livePlayer(agent, model, limits),
    isListener: isListener(agent),
    memory: journal.memory,
    live: model !== undefined,
    ...(runtime === undefined ? {} : { runtime }),
  })
  return inbox.map((delivery) => async (signal) => ({
    runId: run.opening.runId,
    role,
    ...placeOf(delivery),
    ...(await replayed(delivery, signal)),
  }))
}

function placeOf({
  deliveryId,
  type,
  attempt,
  usage,
}: InboxDelivery): Pick<AgentReplay, 'deliveryId' | 'type' | 'attempt' | 'recorded'> {
  return { deliveryId, type, attempt, recorded: usage }
}

async function replayed(
  delivery: InboxDelivery,
  signal: AbortSignal,
): Promise<InboxOutcome & Pick<AgentReplay, 'used'>> {
  const outcome = await delivery.rehearse(signal)
  return { ...outcome, used: outcome.rehearsal?.usage ?? usageOf([]) }
}

/** An agent that asks a model anew. */
export function livePlayer(
  agent: Agent | Listener,
  model: Model,
  limits: GenerationLimits,
): Subscriber<MessageType> {
  const contextOf: Parameters<typeof agentPlayer>[1] = (worker, delivery) =>
    createContext(worker, delivery, model, limits)
  return isListener(agent) ? listenerPlayer(agent, contextOf) : agentPlayer(agent, contextOf)
}

/** An agent whose model requests are those of the record, under the names that the models had there. */
function servedPlayer(
  agent: Agent | Listener,
  { records }: RecordedRun,
  limits: GenerationLimits,
): Subscriber<MessageType> {
  const players = isListener(agent)
    ? replayPlayers({ agents: [], listeners: [agent] }, records, limits).listeners
    : replayPlayers({ agents: [agent] }, records, limits).roles
  const player = players.get(agent.role)
  if (player === undefined) throw new TypeError(`nobody plays '${agent.role}'`)
  return player
}
