import { type Agent, type Listener, limitRequests, type Model } from '@nanoagent/agents'
import { type Message, overheardMessages, type Rehearsal } from '@nanoagent/bus'
import { doWithRuns, isListener, type RehearsedRunsOptions } from './rehearsed-runs.ts'
import { livePlayer } from './replay-agent.ts'

/** How an agent is attached to runs that are past. */
export interface AttachAgentOptions extends RehearsedRunsOptions {
  /** Who was not there. */
  readonly agent: Agent | Listener
  /** What answers its model requests. */
  readonly model: Model
}

/** What an agent made of a message of a past run, apart from that run. */
export interface AttachedDelivery extends Rehearsal {
  readonly runId: string
  /** The message's id with `@` and the role: no record has it. */
  readonly deliveryId: string
  /** Of the agent. */
  readonly role: string
  /** As it was published in the run. */
  readonly message: Message
}

/**
 * Runs an agent that was not there over runs that are past: it gets each message whose type it accepts, in
 * journal order, and what it would have published, remembered and logged is collected. Its model and tool
 * calls are performed; it remembers nothing, and what it asks other roles fails the delivery, since nobody
 * answers. It has one attempt at each message. Nothing is sent or stored, in no journal and no memory.
 *
 * Gives the deliveries run by run. Whoever stops listening stops it. Throws a `NotReplayableError` where a
 * run is unknown.
 */
export function attachAgent(options: AttachAgentOptions): AsyncGenerator<AttachedDelivery> {
  const { agent, journal, runtime, modelRequestsAtOnce } = options
  const { role } = agent
  const player = livePlayer(agent, limitRequests(options.model, modelRequestsAtOnce), options)
  return doWithRuns(options, async ({ opening, records }) => {
    const { runId } = opening
    const messages = await overheardMessages({
      records,
      role,
      player,
      isListener: isListener(agent),
      memory: journal.memory,
      ...(runtime === undefined ? {} : { runtime }),
    })
    return messages.map(({ deliveryId, message, rehearse }) => async (signal) => ({
      runId,
      deliveryId,
      role,
      message,
      ...(await rehearse(signal)),
    }))
  })
}
