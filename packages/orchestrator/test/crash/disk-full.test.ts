import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { type Journal, JournalError } from '@nanoagent/bus'
import { openJournal } from '@nanoagent/bus/sqlite'
import { afterAll, describe, expect, it, vi } from 'vitest'
import { startLife } from './life.ts'
import { playModel } from './model-endpoint.ts'
import { packProgram } from './packed.ts'
import { readJournal } from './past-life.ts'
import { createPlayer, type Player } from './player.ts'
import { mountSmallDisk } from './small-disk.ts'
import { agentsOf, messagesIn, offlineModel, undisturbed } from './undisturbed.ts'

// Real processes take their time on a busy machine.
vi.setConfig({ testTimeout: 120_000 })

const team = 'password-full'
const text = 'A password of 20 characters for my bank'
const model = offlineModel(team)
const play = (journal: Journal) => createPlayer(team, { journal, model, seedOf: () => 'seed' })

const packed = await packProgram()
const disk = mountSmallDisk(8_000_000)
afterAll(() => {
  packed[Symbol.dispose]()
  disk?.[Symbol.dispose]()
})

const NO_ROOM = /journal\.db: there is no room for the journal: make some, or choose another disk$/

/** Bytes that are left when a run begins, of which it needs about 260,000. */
const LEFT = [20_000, 50_000, 80_000, 110_000, 140_000, 170_000, 200_000, 230_000]

/** A journal of its own on the small disk. */
function journalOn(path: string, name: string): string {
  mkdirSync(join(path, name))
  return join(path, name, 'journal.db')
}

async function resumeAll(journal: Journal, player: Player): Promise<void> {
  for await (const { runId } of journal.runs({ status: ['open'] })) {
    await (await player.resume(runId)).result
  }
}

/** Whether all runs of the journal are as they would be if nothing had happened. */
async function expectUndisturbed(path: string): Promise<void> {
  const { records, problems } = await readJournal(path)
  expect(problems).toEqual([])
  for (const runId of new Set(records.map((record) => record.runId))) {
    const ofRun = records.filter((record) => record.runId === runId)
    const wanted = await undisturbed(team, { runId, text }, () => 'seed')
    expect(ofRun.at(-1)).toMatchObject({ kind: 'run.ended', status: 'completed' })
    expect(messagesIn(ofRun)).toEqual(wanted)
  }
}

// Mounting a disk is not permitted everywhere.
describe.skipIf(disk === undefined)('a disk that is full in the middle of runs', () => {
  const { path = '' } = disk ?? {}

  it.each(LEFT)(
    'stops them with a clear error, and they go on when there is room: %i',
    async (left) => {
      const file = journalOn(path, `same-${left}`)
      await using journal = await openJournal(file)
      await using player = play(journal)
      disk?.fill(left)
      const stopping = ['a', 'b'].map((runId) => player.run({ runId, text }))
      const stopped = await Promise.allSettled(stopping)
      disk?.empty()

      for (const run of stopped) {
        expect(run).toMatchObject({ status: 'rejected', reason: expect.any(JournalError) })
        expect(run).toMatchObject({ reason: { message: expect.stringMatching(NO_ROOM) } })
      }
      await player.run({ runId: 'another', text })
      await resumeAll(journal, player)
      await expectUndisturbed(file)
    },
  )

  it.each([80_000, 200_000])(
    'lets another process go on with what one had to stop: %i',
    async (left) => {
      const file = journalOn(path, `other-${left}`)
      await using endpoint = await playModel(agentsOf(team))
      const { baseUrl } = endpoint
      const orders = {
        journal: file,
        baseUrl,
        name: 'first',
        seed: 'seed',
        team,
        waits: true,
      } as const
      const first = startLife(packed, { ...orders, begin: [{ runId: 'a', text }] })
      await (await openJournal(file)).close()
      disk?.fill(left)
      first.go()
      expect(await first.end).toBe(0)
      disk?.empty()

      const stopped = { what: 'stopped', runId: 'a', error: expect.stringMatching(NO_ROOM) }
      expect(first.reports).toContainEqual(stopped)
      await using journal = await openJournal(file)
      await using player = play(journal)
      await resumeAll(journal, player)
      await expectUndisturbed(file)
    },
  )

  it('makes no journal without room, and says so', async () => {
    const file = journalOn(path, 'none')
    disk?.fill(0)
    await expect(openJournal(file)).rejects.toMatchObject({ code: 'journal_full' })
    disk?.empty()
    await using journal = await openJournal(file)
    expect(await journal.lastSeq()).toBe(0)
  })
})
