import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { type Random, seededRandom } from '@nanoagent/bus'
import { afterAll, expect, it } from 'vitest'
import { type Life, startLife } from './life.ts'
import { lossesIn } from './losses.ts'
import { playModel } from './model-endpoint.ts'
import { packProgram } from './packed.ts'
import { pastLife, readJournal } from './past-life.ts'
import { agentsOf } from './undisturbed.ts'

/** How often a process is killed. */
const KILLS = Number(process.env.NANOAGENT_CRASH_KILLS ?? 200)

const SEED = Number(process.env.NANOAGENT_CRASH_SEED ?? 1)

const LIVE_RUNS = 50

/** The longest life of a process from when it opens its journal, in milliseconds. */
const LONGEST_MS = 500

/** The most appends of a process that is not killed after a time. */
const MOST_APPENDS = 150

const packed = await packProgram()
afterAll(() => packed[Symbol.dispose](), 60_000)

it(`loses nothing of ${LIVE_RUNS} runs at once in ${KILLS} SIGKILLs at random moments`, {
  timeout: 1_200_000,
}, async () => {
  const team = 'password-full'
  const random = seededRandom(SEED)
  await using endpoint = await playModel(agentsOf(team))
  const journal = join(packed.folder, 'journal.db')
  const start = (n: number, fillsTo = LIVE_RUNS) => {
    const name = `life${n}`
    const startsPerAttempt = KILLS + 2
    const about = { journal, baseUrl: endpoint.baseUrl, name, seed: name, team } as const
    return startLife(packed, { ...about, fillsTo, startsPerAttempt, resumes: true, waits: true })
  }
  const first = start(0)
  const lives = [first]
  for (let [life, n] = [first, 1]; n <= KILLS; n++) {
    const next = start(n, n < KILLS ? LIVE_RUNS : 0)
    lives.push(next)
    expect(await killSomewhen(life, random)).toBe('SIGKILL')
    life = next
  }
  const last = lives.at(-1)
  last?.go()
  expect(await last?.end).toBe(0)
  const found = await readJournal(journal)
  const { requests } = endpoint
  expect(await lossesIn({ ...found, team, lives: lives.map(pastLife), requests })).toEqual([])
  const said = lives.flatMap(({ reports }) => reports)
  expect(said.filter(({ what }) => what === 'refused')).toEqual([])
  const opened = found.records.filter(({ kind }) => kind === 'run.opened')
  expect(opened.length).toBeGreaterThanOrEqual(LIVE_RUNS)
})

/** Lets a process begin, and kills it after a time, or a time after a number of its appends. */
async function killSomewhen(life: Life, random: Random): Promise<Life['end']> {
  life.go()
  await life.said(({ what }) => what === 'opens')
  if (random() < 0.5) await wait(random() * LONGEST_MS)
  else {
    let left = Math.floor(random() * MOST_APPENDS)
    await life.said(({ what }) => what === 'acknowledged' && left-- === 0)
    await wait(random() * 10)
  }
  life.kill()
  return life.end
}
