import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { createOpenAIModel } from '@nanoagent/agents/openai'
import { openJournal } from '@nanoagent/bus/sqlite'
import { startLife } from './life.ts'
import { lossesIn, type PastLife } from './losses.ts'
import type { ModelEndpoint } from './model-endpoint.ts'
import { MODEL, type Orders } from './orders.ts'
import type { Packed } from './packed.ts'
import { pastLife, readJournal } from './past-life.ts'
import { createPlayer, type RunOrder, type TeamName } from './player.ts'

/** Where a run is killed, and by what it is judged. */
export interface KilledRun {
  readonly packed: Packed
  readonly endpoint: ModelEndpoint
  readonly team: TeamName
  readonly order: RunOrder
  readonly dies: NonNullable<Orders['dies']>
}

/**
 * Begins a run in a process that kills itself at one place, lets this process finish the run, and gives
 * what was lost. `undefined` where the run had fewer appends, so that nothing died.
 */
export async function lossesOfKill(killed: KilledRun): Promise<readonly string[] | undefined> {
  const { packed, endpoint, team, order, dies } = killed
  const name = `${team}-${dies.append}-${dies.moment}`
  const path = join(packed.folder, name)
  mkdirSync(path)
  const journal = join(path, 'journal.db')
  const { baseUrl } = endpoint
  const first = startLife(packed, {
    ...{ journal, baseUrl, name, team, dies, seed: 'first', begin: [order] },
  })
  if ((await first.end) !== 'SIGKILL') return undefined
  const second = await finishHere(killed, journal, `${name}-resumed`)
  const lives = [pastLife(first), second]
  return lossesIn({ ...(await readJournal(journal)), team, lives, requests: endpoint.requests })
}

async function finishHere(
  { endpoint, team, order }: KilledRun,
  path: string,
  name: string,
): Promise<PastLife> {
  await using journal = await openJournal(path)
  const lastSeq = await journal.lastSeq()
  const model = createOpenAIModel({ model: MODEL, apiKey: name, baseUrl: endpoint.baseUrl })
  await using player = createPlayer(team, { journal, model, seedOf: () => 'second' })
  let isThere = false
  for await (const { runId, status } of journal.runs()) {
    isThere = true
    if (status === 'open') await (await player.resume(runId)).result
  }
  // Nobody was told of a run that is not there.
  if (!isThere) await player.run(order)
  return { name, seed: 'second', lastSeq, acknowledged: [] }
}
