import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Model } from '@nanoagent/agents'
import { createMemoryJournal, NotResumableError } from '@nanoagent/bus'
import { openJournal } from '@nanoagent/bus/sqlite'
import { afterAll, describe, expect, it, vi } from 'vitest'
import { jumpingRuntime } from './jumping-clock.ts'
import { startLife } from './life.ts'
import { lossesIn, type PastLife } from './losses.ts'
import { playModel } from './model-endpoint.ts'
import { packProgram } from './packed.ts'
import { pastLife, readJournal } from './past-life.ts'
import { createPlayer } from './player.ts'
import { agentsOf, offlineModel } from './undisturbed.ts'

// Real processes take their time on a busy machine.
vi.setConfig({ testTimeout: 120_000 })

const HOUR_MS = 3_600_000
const team = 'password-full'
const order = { runId: 'run', text: 'A password of 20 characters for my bank' }
const timeoutMs = 120_000

const packed = await packProgram()
afterAll(() => packed[Symbol.dispose](), 60_000)

/** Goes on with the run in this process, whose clock jumps before that and with each model request. */
async function resumeHere(path: string, jumpMs: number): Promise<PastLife> {
  const runtime = jumpingRuntime()
  await using journal = await openJournal(path, { runtime })
  const lastSeq = await journal.lastSeq()
  const offline = offlineModel(team)
  const model: Model = {
    ...offline,
    generate(request, options) {
      runtime.jump(jumpMs)
      return offline.generate(request, options)
    },
  }
  const seedOf = () => 'second'
  await using player = createPlayer(team, { journal, model, runtime, seedOf, timeoutMs })
  runtime.jump(jumpMs)
  expect(await (await player.resume('run')).result).toMatchObject({ status: 'completed' })
  return { name: 'second', seed: 'second', lastSeq, acknowledged: [] }
}

/** Whether a process with such a clock can have the run. */
async function canTake(path: string, jumpMs: number): Promise<boolean> {
  const runtime = jumpingRuntime()
  runtime.jump(jumpMs)
  await using journal = await openJournal(path, { runtime })
  const options = { journal, model: offlineModel(team), runtime, seedOf: () => '' }
  await using player = createPlayer(team, options)
  try {
    await player.resume('run')
    return true
  } catch (error) {
    if (error instanceof NotResumableError) return false
    throw error
  }
}

describe.each([-HOUR_MS, HOUR_MS])(
  'a wall clock that jumps %i ms while a run is live',
  (jumpMs) => {
    it.each([-HOUR_MS, HOUR_MS])(
      'and %i ms in others loses no lease, no order and no time',
      async (otherMs) => {
        await using endpoint = await playModel(agentsOf(team))
        const folder = join(packed.folder, `${jumpMs}${otherMs}`)
        mkdirSync(folder)
        const path = join(folder, 'journal.db')
        const life = startLife(packed, {
          ...{ journal: path, baseUrl: endpoint.baseUrl, name: 'first', seed: 'first', team },
          ...{ begin: [order], timeoutMs, stops: 25, jumps: { append: 12, ms: jumpMs } },
        })
        let appends = 0
        await life.said(({ what }) => what === 'acknowledged' && ++appends === 24)
        for (const ms of [0, jumpMs, otherMs]) expect(await canTake(path, ms)).toBe(false)
        life.kill()
        expect(await life.end).toBe('SIGKILL')
        const lives = [pastLife(life), await resumeHere(path, otherMs)]
        const { requests } = endpoint
        expect(await lossesIn({ ...(await readJournal(path)), team, lives, requests })).toEqual([])
      },
    )

    it('ends a run at its deadline, and not before', async () => {
      const runtime = jumpingRuntime()
      const journal = createMemoryJournal({ runtime })
      const model: Model = { name: 'silent', generate: () => new Promise(() => {}) }
      const options = { journal, model, runtime, seedOf: () => '', timeoutMs: 300 }
      await using player = createPlayer(team, options)
      const began = performance.now()
      const running = player.run(order)
      runtime.jump(jumpMs)
      expect(await running).toMatchObject({ status: 'timed_out' })
      expect(performance.now() - began).toBeGreaterThanOrEqual(299)
    })
  },
)
