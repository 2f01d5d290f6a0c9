import { AsyncLocalStorage } from 'node:async_hooks'
import {
  type Agent,
  builtInTeams,
  chatTeam,
  type Model,
  type NamedTypes,
  type RandomInt,
  type Team,
} from '@nanoagent/agents'
import {
  type InputOf,
  type Journal,
  type MessageType,
  type Runtime,
  seededRandom,
  seedFrom,
} from '@nanoagent/bus'
import { createOrchestrator, type RunResult } from '../../src/index.ts'
import { errandTeam } from './errands.ts'

/** The teams whose runs are killed. */
export type TeamName = 'password-full' | 'chat' | 'errands'

/** What a run is begun with. */
export interface RunOrder {
  readonly runId: string
  /** The request, as a person would write it. */
  readonly text: string
}

/** A team that is played in this process. */
export interface Player extends AsyncDisposable {
  readonly agents: readonly Agent[]
  /** Begins a run and gives its end. */
  run(order: RunOrder): Promise<RunResult>
  /** Goes on with an open run; resolves to its end once it has the run. */
  resume(runId: string): Promise<{ readonly result: Promise<RunResult> }>
}

/** What a team is played with. */
export interface PlayerOptions {
  readonly journal: Journal
  readonly model: Model
  /** The seed of what is left to chance while a message is handled. */
  readonly seedOf: (messageId: string) => string
  readonly runtime?: Runtime | undefined
  readonly startsPerAttempt?: number | undefined
  /** Longest time of a run. Default: no limit. */
  readonly timeoutMs?: number | undefined
  /** The file in which errands leave their effects. */
  readonly effects?: string | undefined
}

/** Plays a team. Chance depends on the message that is handled alone, and not on what is handled beside it. */
export function createPlayer(name: TeamName, options: PlayerOptions): Player {
  const chance = new AsyncLocalStorage<RandomInt>()
  const randomInt: RandomInt = (max) => {
    const draw = chance.getStore()
    if (draw === undefined) throw new Error('no message is handled')
    return draw(max)
  }
  const chanceFor = (agent: Agent): Agent => ({
    ...agent,
    handle: (message, ctx) => {
      const random = seededRandom(seedFrom(`${options.seedOf(message.id)} ${message.id}`))
      const draw: RandomInt = (max) => Math.floor(random() * max)
      return chance.run(draw, () => agent.handle(message, ctx))
    },
  })
  const asItIs = (text: string) => text
  switch (name) {
    case 'chat':
      return playerOf(chatTeam({ randomInt }), options, chanceFor, inNewConversation)
    case 'password-full':
      return playerOf(builtInTeams[name]({ randomInt }), options, chanceFor, asItIs)
    case 'errands':
      return playerOf(errandTeam(options.effects ?? ''), options, chanceFor, asItIs)
  }
}

const inNewConversation = (text: string) => ({ text, turns: [], passwords: [] })

function playerOf<Entry extends MessageType, Terminal extends MessageType, C extends NamedTypes>(
  team: Team<Entry, Terminal, C>,
  { journal, model, runtime, startsPerAttempt, timeoutMs }: PlayerOptions,
  chanceFor: (agent: Agent) => Agent,
  requestOf: (text: string) => InputOf<Entry>,
): Player {
  const orchestrator = createOrchestrator({
    ...{ journal, model },
    team: { ...team, agents: team.agents.map(chanceFor) },
    modelRequestsAtOnce: 64,
    ...(runtime === undefined ? {} : { runtime }),
    ...(startsPerAttempt === undefined ? {} : { delivery: { startsPerAttempt } }),
    ...(timeoutMs === undefined ? {} : { limits: { timeoutMs } }),
  })
  return {
    agents: team.agents,
    run: ({ runId, text }) => orchestrator.run(requestOf(text), { runId }),
    async resume(runId) {
      const { result } = await orchestrator.resume(runId)
      return { result }
    },
    [Symbol.asyncDispose]: () => orchestrator.close(),
  }
}
