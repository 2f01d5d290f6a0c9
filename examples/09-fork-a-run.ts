// What would have become of a run if one message had said something else? Only what follows from it runs anew.
import { createOfflineModel, passwordTeam } from '@nanoagent/agents'
import { createMemoryJournal, diffRuns, readRun } from '@nanoagent/bus'
import { createOrchestrator, withChanges } from '@nanoagent/orchestrator'

const team = passwordTeam()
const model = createOfflineModel(team.agents)
const journal = createMemoryJournal()
await using orchestrator = createOrchestrator({ team, model, journal })
const { runId } = await orchestrator.run('A PIN of 6 digits')

const before = await readRun(journal, runId)
const plan = before.graph.nodes.get(`${runId}.h`)?.message
if (plan === undefined) throw new Error('the planner has handed nothing off')
const data = withChanges(plan.data, [{ path: 'length', value: 8 }])
const fork = await orchestrator.fork(runId, { at: plan.id, data })
const { status, context } = await fork.result
console.log(status, context.implementation?.config.length, 'digits')

const after = await readRun(journal, fork.id)
console.log('forked from the run:', after.summary.forkedFrom?.runId === runId)
for (const { path, kind, type } of diffRuns(before.graph, after.graph).messages) {
  console.log(kind, path, type)
}
