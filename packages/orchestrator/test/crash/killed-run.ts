import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { createOpenAIModel } from '@nanoagent/agents/openai'
import type { JournalRecord } from '@nanoagent/bus'
import { openJournal } from '@nanoagent/bus/sqlite'
import { type Life, startLife } from './life.ts'
import { type Aftermath, lossesIn, type PastLife } from './losses.ts'
import type { ModelEndpoint } from './model-endpoint.ts'
import type { Orders } from './orders.ts'
import type { Packed } from './packed.ts'
import { createPlayer, type RunOrder, type TeamName } from './player.ts'

/** Where a run is killed, and by what it is judged. */
export interface KilledRun {
  readonly packed: Packed
  readonly endpoint: ModelEndpoint
  readonly team: TeamName
  readonly order: RunOrder
  readonly dies: NonNullable<Orders['dies']>
}

/** What a life tells of itself once it is over. */
export function pastLife({ name, seed, reports }: Life): PastLife {
  const opened = reports.find(({ what }) => what === 'opened')
  return {
    ...{ name, seed },
    lastSeq: opened?.what === 'opened' ? opened.lastSeq : Number.POSITIVE_INFINITY,
    acknowledged: reports.flatMap((said) => (said.what === 'acknowledged' ? said.records : [])),
  }
}

/** Everything that a journal in a file has, and what is wrong with it. */
export async function readJournal(path: string): Promise<Pick<Aftermath, 'records' | 'problems'>> {
  await using journal = await openJournal(path, { mode: 'read' })
  const { problems } = await journal.verify()
  const records: JournalRecord[] = []
  for await (const record of journal.read()) records.push(record)
  return { records, problems }
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
  const model = createOpenAIModel({ model: 'gpt-test', apiKey: name, baseUrl: endpoint.baseUrl })
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
