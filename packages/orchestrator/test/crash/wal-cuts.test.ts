import { copyFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { canonicalHash, type JournalRecord, seededRandom } from '@nanoagent/bus'
import { openJournal } from '@nanoagent/bus/sqlite'
import { afterAll, expect, it } from 'vitest'
import { type Life, startLife } from './life.ts'
import { lossesIn } from './losses.ts'
import { playModel } from './model-endpoint.ts'
import { packProgram } from './packed.ts'
import { pastLife, readJournal } from './past-life.ts'
import { createPlayer } from './player.ts'
import { agentsOf, offlineModel } from './undisturbed.ts'

/** How many offsets are cut at besides the edges. */
const OFFSETS = Number(process.env.NANOAGENT_CRASH_CUTS ?? 500)

const SEED = Number(process.env.NANOAGENT_CRASH_SEED ?? 1)

const team = 'password-full'
const packed = await packProgram()
afterAll(() => packed[Symbol.dispose](), 60_000)

/** A process that was killed with two runs under way, all of which is in the WAL. */
async function killedLife(journal: string): Promise<Life> {
  await using endpoint = await playModel(agentsOf(team))
  const life = startLife(packed, {
    ...{ journal, team, baseUrl: endpoint.baseUrl, name: 'first', seed: 'first' },
    begin: ['a', 'b'].map((runId) => ({ runId, text: `A password of 20 characters for ${runId}` })),
    dies: { append: 75, moment: 'told' },
  })
  expect(await life.end).toBe('SIGKILL')
  return life
}

/** Where the header, the frames and their pages end. See SQLite's "WAL-mode File Format". */
function edgesOf(wal: Buffer): readonly number[] {
  const frameSize = 24 + wal.readUInt32BE(8)
  const frames = Math.floor((wal.length - 32) / frameSize)
  const starts = Array.from({ length: frames + 1 }, (_none, n) => 32 + n * frameSize)
  return [0, ...starts.flatMap((start) => [start, start + 24])].filter((at) => at <= wal.length)
}

/** Copies a journal with as much of its WAL. */
function copyWith(journal: string, wal: Buffer): string {
  const folder = join(packed.folder, `cut-${wal.length}`)
  mkdirSync(folder)
  const file = join(folder, 'journal.db')
  copyFileSync(journal, file)
  copyFileSync(journal.replace(/db$/, 'key'), join(folder, 'journal.key'))
  writeFileSync(`${file}-wal`, wal)
  return file
}

/** Opens it, and gives what is in it. */
async function stateOf(file: string): Promise<readonly JournalRecord[]> {
  await (await openJournal(file)).close()
  const { records, problems } = await readJournal(file)
  expect(problems).toEqual([])
  return records
}

/** Finishes the runs of a journal, and gives what was lost in that. */
async function lossesOfResume(file: string, life: Life, lastSeq: number) {
  {
    await using journal = await openJournal(file)
    const model = offlineModel(team)
    await using player = createPlayer(team, { journal, model, seedOf: () => 'second' })
    for await (const { runId } of journal.runs({ status: ['open'] })) {
      await (await player.resume(runId)).result
    }
  }
  const past = pastLife(life)
  const acknowledged = past.acknowledged.filter(([seq]) => seq <= lastSeq)
  const second = { name: 'second', seed: 'second', lastSeq, acknowledged: [] }
  const lives = [{ ...past, acknowledged }, second]
  return lossesIn({ ...(await readJournal(file)), team, lives, requests: [] })
}

it('opens in an earlier state wherever the WAL is cut, and goes on from there', {
  timeout: 600_000,
}, async () => {
  const journal = join(packed.folder, 'journal.db')
  const life = await killedLife(journal)
  const batches = life.reports.flatMap((said) =>
    said.what === 'acknowledged' ? [said.records] : [],
  )
  const ends = new Set([0, ...batches.flatMap((records) => records.at(-1)?.[0] ?? [])])
  const acknowledged = new Map(batches.flat())
  const wal = readFileSync(`${journal}-wal`)
  const random = seededRandom(SEED)
  const offsets = Array.from({ length: OFFSETS }, () => Math.floor(random() * wal.length))
  const cuts = new Set([...edgesOf(wal), ...offsets].toSorted((a, b) => a - b))
  /** By the highest number, one file of each state. */
  const states = new Map<number, string>()
  for (const cut of cuts) {
    const file = copyWith(journal, wal.subarray(0, cut))
    const records = await stateOf(file)
    const lastSeq = records.length
    expect(lastSeq).toBeGreaterThanOrEqual([...states.keys()].at(-1) ?? 0)
    if (states.has(lastSeq)) {
      rmSync(dirname(file), { recursive: true })
      continue
    }
    states.set(lastSeq, file)
    if (acknowledged.has(lastSeq)) expect(ends).toContain(lastSeq)
    for (const record of records) {
      expect(acknowledged.get(record.seq) ?? canonicalHash(record)).toBe(canonicalHash(record))
    }
  }
  expect([...states.keys()].at(-1)).toBeGreaterThanOrEqual(acknowledged.size)
  expect(states.size).toBeGreaterThan(5)
  const losses: Record<number, readonly string[]> = {}
  for (const [lastSeq, file] of states) {
    const lost = await lossesOfResume(file, life, lastSeq)
    if (lost.length > 0) losses[lastSeq] = lost
  }
  expect(losses).toEqual({})
})
