import {
  createBus,
  type DataOf,
  isOfType,
  type JournalRecord,
  type Message,
  type MessageType,
  type RunEnd,
} from '@nanoagent/bus'
import { createContext } from '../src/context.ts'
import type { Model } from '../src/model.ts'
import type { Team } from '../src/team.ts'
import { recordsOf } from './one-agent.ts'

/** What came of a team's run. */
export interface TeamRun {
  readonly end: RunEnd
  readonly records: readonly JournalRecord[]
  /** The data of the latest message of a type. */
  latest<T extends MessageType>(type: T): DataOf<T> | undefined
}

/** Runs a team on one request, on a bus of its own. */
export async function runTeam(team: Team, model: Model, request: unknown): Promise<TeamRun> {
  await using bus = createBus()
  for (const agent of team.agents) {
    bus.subscribe(agent.role, {
      ...agent,
      handle: (message, delivery) => agent.handle(message, createContext(agent, delivery, model)),
    })
  }
  const { entry, terminal } = team
  const end = await bus.publish(entry.to, entry.type, request, { terminal }).result
  return {
    end,
    records: await recordsOf(bus.journal),
    latest<T extends MessageType>(type: T): DataOf<T> | undefined {
      const ofType = (message: Message): message is Message<T['name'], DataOf<T>> =>
        isOfType(message, type)
      return end.messages.filter(ofType).at(-1)?.data
    },
  }
}
