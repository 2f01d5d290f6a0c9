import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { setTimeout as wait } from 'node:timers/promises'
import type { Model } from '@nanoagent/agents'
import { NotResumableError } from '@nanoagent/bus'
import { openJournal } from '@nanoagent/bus/sqlite'
import { afterAll, expect, it, vi } from 'vitest'
import { startLife } from './life.ts'
import { lossesIn } from './losses.ts'
import { playModel } from './model-endpoint.ts'
import { packProgram } from './packed.ts'
import { pastLife, readJournal } from './past-life.ts'
import { createPlayer, type Player } from './player.ts'
import { agentsOf, offlineModel } from './undisturbed.ts'

// Real processes take their time on a busy machine.
vi.setConfig({ testTimeout: 120_000 })

const team = 'password-full'
const RUNS = ['a', 'b', 'c', 'd', 'e']

const packed = await packProgram()
afterAll(() => packed[Symbol.dispose](), 60_000)

function journalIn(name: string): string {
  mkdirSync(join(packed.folder, name))
  return join(packed.folder, name, 'journal.db')
}

function epochsIn(path: string): readonly unknown[] {
  using database = new DatabaseSync(path, { readOnly: true })
  return database
    .prepare('SELECT epoch FROM runs')
    .all()
    .map(({ epoch }) => epoch)
}

it.each([1, 2, 3, 4])(
  'of two processes that go on with the same runs, each run has one: %i',
  async (round) => {
    await using endpoint = await playModel(agentsOf(team))
    const journal = journalIn(`two-${round}`)
    const orders = { journal, baseUrl: endpoint.baseUrl, team } as const
    const first = startLife(packed, {
      ...{ ...orders, name: 'first', seed: 'first' },
      begin: RUNS.map((runId, n) => ({ runId, text: `A PIN of ${n + 5} digits` })),
      dies: { append: 25 * round, moment: 'told' },
    })
    expect(await first.end).toBe('SIGKILL')
    const both = ['one', 'two'].map((name) =>
      startLife(packed, { ...orders, name, seed: 'second', resumes: true, waits: true }),
    )
    for (const life of both) life.go()
    expect(await Promise.all(both.map(({ end }) => end))).toEqual([0, 0])

    const said = both.flatMap(({ reports }) => reports)
    const resumed = said.flatMap((report) => (report.what === 'resumed' ? [report.runId] : []))
    expect(resumed.toSorted()).toEqual(RUNS)
    expect(said.filter(({ what }) => what === 'stopped')).toEqual([])
    expect(epochsIn(journal)).toEqual(RUNS.map(() => 2))
    const [one, two] = both.map(pastLife)
    const second = {
      ...{ name: 'second', seed: 'second' },
      lastSeq: Math.min(one?.lastSeq ?? 0, two?.lastSeq ?? 0),
      acknowledged: [one, two].flatMap((life) => life?.acknowledged ?? []),
    }
    const requests = endpoint.requests.map(({ sender, identity }) => ({
      sender: sender === 'first' ? sender : 'second',
      identity,
    }))
    const lives = [pastLife(first), second]
    expect(await lossesIn({ ...(await readJournal(journal)), team, lives, requests })).toEqual([])
  },
)

const LEASE_MS = 4_000

/** Takes a run over as soon as that is possible; gives its end, and how long that took. */
async function takeOver(player: Player, runId: string) {
  const began = performance.now()
  for (;;) {
    try {
      const { result } = await player.resume(runId)
      return { result, tookMs: performance.now() - began }
    } catch (error) {
      if (!(error instanceof NotResumableError)) throw error
      await wait(50)
    }
  }
}

it.each([
  { trusts: false, name: 'asks for its lease' },
  { trusts: true, name: 'appends' },
])(
  'a process that was stopped beyond its lease and then $name has its run no more',
  async ({ trusts }) => {
    const answers = Promise.withResolvers<void>()
    await using endpoint = await playModel(agentsOf(team), answers.promise)
    const path = journalIn(`stopped-${trusts}`)
    const first = startLife(packed, {
      ...{ journal: path, baseUrl: endpoint.baseUrl, team, name: 'first', seed: 'first' },
      ...{ begin: [{ runId: 'run', text: 'A PIN of 6 digits' }], leaseMs: LEASE_MS, trusts },
    })
    await first.said(({ what }) => what === 'acknowledged')
    first.kill('SIGSTOP')

    await using journal = await openJournal(path, { leaseMs: LEASE_MS })
    const going = Promise.withResolvers<void>()
    const offline = offlineModel(team)
    const model: Model = {
      ...offline,
      generate: (...asked) => going.promise.then(() => offline.generate(...asked)),
    }
    await using player = createPlayer(team, { journal, model, seedOf: () => 'second' })
    const { result, tookMs } = await takeOver(player, 'run')
    expect(tookMs).toBeGreaterThan(LEASE_MS / 2)
    const lastSeq = await journal.lastSeq()

    first.kill('SIGCONT')
    answers.resolve()
    expect(await first.end).toBe(0)
    const why = 'run run is no longer held with epoch 1: another owner took it, and goes on with it'
    const stopped = { what: 'stopped', runId: 'run', error: why }
    expect(first.reports).toContainEqual(stopped)
    going.resolve()
    expect(await result).toMatchObject({ status: 'completed' })

    const past = pastLife(first)
    expect(past.acknowledged.every(([seq]) => seq <= lastSeq)).toBe(true)
    expect(epochsIn(path)).toEqual([2])
    const second = { name: 'second', seed: 'second', lastSeq: 0, acknowledged: [] }
    const { requests } = endpoint
    const lives = [past, second]
    expect(await lossesIn({ ...(await readJournal(path)), team, lives, requests })).toEqual([])
  },
)
