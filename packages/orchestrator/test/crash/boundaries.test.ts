import { afterAll, describe, expect, it } from 'vitest'
import { inParallel } from './in-parallel.ts'
import { lossesOfKill } from './killed-run.ts'
import { playModel } from './model-endpoint.ts'
import type { Orders } from './orders.ts'
import { packProgram } from './packed.ts'
import { agentsOf } from './undisturbed.ts'

const packed = await packProgram()
afterAll(() => packed[Symbol.dispose](), 60_000)

/** Processes at once: as many as there are cores in CI. */
const AT_ONCE = 2

type Moment = NonNullable<Orders['dies']>['moment']

/** What is told at once is what makes the next append, so that the last moment is much like the first. */
function momentsOf(append: number): readonly Moment[] {
  return append % 3 === 1 ? ['before', 'stored', 'told'] : ['before', 'stored']
}

const RUNS = [
  { team: 'password-full', text: 'A password of 20 characters for my bank' },
  { team: 'chat', text: 'Give me 3 password options to choose from' },
] as const

describe.each(RUNS)('a run of $team', ({ team, text }) => {
  it('goes on from wherever a SIGKILL left it, as if nothing had happened', {
    timeout: 600_000,
  }, async () => {
    await using endpoint = await playModel(agentsOf(team))
    const order = { runId: 'run', text }
    const losses: Record<string, readonly string[]> = {}
    let kills = 0
    const killAt = async (append: number): Promise<boolean> => {
      const ofEach = await Promise.all(
        momentsOf(append).map((moment) =>
          lossesOfKill({ packed, endpoint, team, order, dies: { append, moment } }),
        ),
      )
      for (const [index, lost] of ofEach.entries()) {
        if (lost === undefined) continue
        kills++
        if (lost.length > 0) losses[`append ${append}, ${momentsOf(append)[index]}`] = lost
      }
      return ofEach.some((lost) => lost !== undefined)
    }
    await inParallel(AT_ONCE, killAt)
    expect(losses).toEqual({})
    expect(kills).toBeGreaterThan(team === 'chat' ? 10 : 80)
  })
})
