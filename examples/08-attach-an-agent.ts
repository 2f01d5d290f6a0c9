// What would an agent have said of runs that it was not in? It listens to them afterwards.
import { createOfflineModel, passwordTeam, securityAuditor } from '@nanoagent/agents'
import { createMemoryJournal } from '@nanoagent/bus'
import { attachAgent, createOrchestrator } from '@nanoagent/orchestrator'

const team = passwordTeam()
const journal = createMemoryJournal()
await using orchestrator = createOrchestrator({
  team,
  model: createOfflineModel(team.agents),
  journal,
})

const runs: string[] = []
for (const request of ['A password of 20 characters', 'A PIN of 4 digits']) {
  const { runId, status } = await orchestrator.run(request)
  console.log(status, '-', request)
  runs.push(runId)
}
const recorded = await journal.lastSeq()

const agent = securityAuditor({ next: 'reviewer' })
const model = createOfflineModel([agent])
for await (const { role, message, messages, lines, usage } of attachAgent({
  agent,
  journal,
  runs,
  model,
})) {
  console.log(`\n${role} hears ${message.type} from ${message.from} to ${message.to}`)
  for (const { text, data } of lines) {
    console.log(
      ' ',
      text.replace(/\{(\w+)\}/g, (_, name) => String(data[name])),
    )
  }
  for (const { type, to } of messages) console.log(`  it would have published ${type} to ${to}`)
  console.log(`  ${usage.modelCalls} model calls, ${usage.toolCalls} tool calls`)
}

console.log('\nstored:', (await journal.lastSeq()) - recorded)
