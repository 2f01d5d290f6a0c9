// Everything that happens is a record: watch a run live, then read its causal graph.
import { createOfflineModel, passwordTeam } from '@nanoagent/agents'
import { causalGraph, type JournalRecord } from '@nanoagent/bus'
import { createOrchestrator } from '@nanoagent/orchestrator'

const team = passwordTeam()
await using orchestrator = createOrchestrator({ team, model: createOfflineModel(team.agents) })

const run = orchestrator.start('A PIN of 6 digits')
const records: JournalRecord[] = []
for await (const record of run.records) {
  records.push(record)
  if (record.kind === 'message') console.log(`${record.message.from} → ${record.message.to}`)
}

const graph = causalGraph(records)
for (const { message, attempts } of graph.nodes.values()) {
  const steps = attempts.flatMap(({ steps }) => steps.map(({ name }) => name))
  console.log(message.type, attempts.at(-1)?.outcome ?? 'collected', steps)
}
console.log(graph.status, graph.usage)
