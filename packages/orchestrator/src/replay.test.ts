import {
  type AnyPasswordTeam,
  builtInTeams,
  createOfflineModel,
  type Team,
} from '@nanoagent/agents'
import { createMemoryJournal, type InputOf, type MessageType } from '@nanoagent/bus'
import { describe, expect, it } from 'vitest'
import { createOrchestrator, replayRun } from './index.ts'

/** Records a run of a team offline, and replays it. */
async function recordAndReplay<Entry extends MessageType>(
  team: Team<Entry>,
  request: InputOf<Entry>,
) {
  const journal = createMemoryJournal()
  const model = createOfflineModel(team.agents)
  await using orchestrator = createOrchestrator({ team, model, journal })
  const { runId, status } = await orchestrator.run(request)
  return { status, report: await replayRun({ team, journal, runId }) }
}

const REQUESTS = [
  'A password of 20 characters for my bank',
  '3 passwords',
  'a PIN',
  'a passphrase of 6 words for my laptop',
  'a password of 4 characters without digits',
]

describe('a run of a built-in team is replayed identically', () => {
  const teams = Object.entries<() => AnyPasswordTeam>(builtInTeams)
  it.each(
    teams.flatMap(([name, team]) => REQUESTS.map((request) => [name, request, team] as const)),
  )('%s: %s', async (_name, request, team) => {
    const { report } = await recordAndReplay(team(), request)

    expect(report.divergence).toBeUndefined()
    expect(report.status).toBe('identical')
    expect(report.deliveries.map(({ status }) => status)).not.toContain('skipped')
  })
})
