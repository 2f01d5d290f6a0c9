// The built-in team, without a key: a request becomes a plan, a password and a verdict.
import { createOfflineModel, passwordTeam } from '@nanoagent/agents'
import { createOrchestrator } from '@nanoagent/orchestrator'

const team = passwordTeam()
const model = createOfflineModel(team.agents)
await using orchestrator = createOrchestrator({ team, model })

const { status, context } = await orchestrator.run('A passphrase of 6 words for my laptop')

console.log(status, context.testResults?.verdict)
console.log(context.plan?.why)
console.log(context.implementation?.password.reveal())
