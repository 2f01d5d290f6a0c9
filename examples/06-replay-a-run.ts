// A recorded run is replayed without a model: by the team that made it, and by one whose prompt has changed.
import { createOfflineModel, passwordTeam } from '@nanoagent/agents'
import { createMemoryJournal, describeDivergence } from '@nanoagent/bus'
import { createOrchestrator, replayRun } from '@nanoagent/orchestrator'

const team = passwordTeam()
const model = createOfflineModel(team.agents)
const journal = createMemoryJournal()
await using orchestrator = createOrchestrator({ team, model, journal })
const { runId, status } = await orchestrator.run('A PIN of 6 digits')

const same = await replayRun({ team, journal, runId, attempts: 'all' })
console.log(status, same.status)

const agents = team.agents.map((agent) =>
  agent.role === 'tester' ? { ...agent, instructions: 'Say whether it is any good.' } : agent,
)
const { divergence, deliveries } = await replayRun({ team: { ...team, agents }, journal, runId })
for (const { role, status } of deliveries) console.log(role, status)
if (divergence !== undefined) {
  console.log(divergence.role, divergence.why, describeDivergence(divergence).what)
  console.log(divergence.differences.map(({ path }) => path))
}
