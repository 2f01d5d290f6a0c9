import { createOfflineModel, builtInTeams } from '@nanoagent/agents'
import { createMemoryJournal } from '@nanoagent/bus'
import { createOrchestrator } from '@nanoagent/orchestrator'
import { createOutput } from './src/screen/output.ts'
import { paintFor } from './src/screen/paint.ts'
import { parseReading } from './src/reading/command-line.ts'
import { showRuns } from './src/reading/runs.ts'
import { showRun } from './src/reading/show.ts'
import { showDeadLetters } from './src/reading/dead-letters.ts'
import { showStats } from './src/reading/stats.ts'
import { tail } from './src/reading/tail.ts'
const journal = createMemoryJournal()
for (const [name, req] of [['password','A PIN of 6 digits'],['password-full','Generate a 24-character password for server admin in Zürich, please with 銀行'],['password','a Wi-Fi password for guests']] as const) {
  const team = builtInTeams[name]()
  await using o = createOrchestrator({ team, model: createOfflineModel(team.agents), journal, about: {} })
  await o.run(req, { thread: 'x' })
}
{ const team = builtInTeams.password()
  const model = createOfflineModel(team.agents)
  await using o = createOrchestrator({ team, model: {...model, async generate() { throw new Error('the endpoint is down') }}, journal, delivery: {attempts: 2, backoffMs: 1} })
  await o.run('it fails') }
const typed = parseReading(process.argv[2] as 'runs', process.argv.slice(3), { version: '1', write: (t) => process.stdout.write(t) })
if (typed) {
const { reading } = typed
const output = createOutput(process.stdout, process.stderr)
const screen = { output, paint: paintFor(process.stdout, reading.flags), now: Date.now() }
if (reading.name === 'runs') await showRuns(journal, reading.flags, screen)
if (reading.name === 'show') await showRun(journal, reading, screen)
if (reading.name === 'dead-letters') await showDeadLetters(journal, reading.flags, screen)
if (reading.name === 'stats') await showStats(journal, reading.flags, screen)
if (reading.name === 'tail') await tail(journal, reading, {...screen, signal: AbortSignal.timeout(500)})
}
