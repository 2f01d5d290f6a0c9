import { createOfflineModel, type Model } from '@nanoagent/agents'
import { createMemoryJournal, type JournalRecord, type Message, Secret } from '@nanoagent/bus'
import { MODEL } from './orders.ts'
import { createPlayer, type RunOrder, type TeamName } from './player.ts'

/** What a message says, whenever it was sent, with its secrets opened. */
type Said = Omit<Message, 'sentAt'>

/** The messages of a run by their ids. */
export type Messages = ReadonlyMap<string, Said>

/** The messages of a run that nothing disturbs, with an offline model and a journal in memory. */
export async function undisturbed(
  team: TeamName,
  order: RunOrder,
  seedOf: (messageId: string) => string,
): Promise<Messages> {
  const journal = createMemoryJournal()
  await using player = createPlayer(team, { journal, model: offlineModel(team), seedOf })
  await player.run(order)
  const records: JournalRecord[] = []
  for await (const record of journal.read()) records.push(record)
  return messagesIn(records)
}

/** What answers the agents of a team without asking anybody, by the name that it has over HTTP. */
export function offlineModel(team: TeamName): Model {
  return { ...createOfflineModel(agentsOf(team)), name: MODEL }
}

/** The agents of a team, to be read alone. */
export function agentsOf(team: TeamName) {
  const nobody = createOfflineModel([])
  const options = { journal: createMemoryJournal(), model: nobody, seedOf: () => '' }
  return createPlayer(team, options).agents
}

/** The messages among records. */
export function messagesIn(records: readonly JournalRecord[]): Messages {
  const messages = new Map<string, Said>()
  for (const record of records) {
    if (record.kind !== 'message') continue
    const { sentAt, ...said } = record.message
    messages.set(said.id, { ...said, data: opened(said.data) })
  }
  return messages
}

function opened<T>(value: T): T
function opened(value: unknown): unknown {
  if (value instanceof Secret) return `${value.handle} = ${value.reveal()}`
  if (Array.isArray(value)) return value.map((item) => opened(item))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, entry]) => [key, opened(entry)]))
}
