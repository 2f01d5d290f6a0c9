// Recorded runs in a folder are tests: does the team of today do what it did? Where it does not, is that meant?
import { mkdtempDisposable, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createOfflineModel, passwordTeam } from '@nanoagent/agents'
import { createMemoryJournal, exportRuns } from '@nanoagent/bus'
import {
  checkRuns,
  createOrchestrator,
  describeCheckedRun,
  junitXml,
  runFiles,
  updateRuns,
} from '@nanoagent/orchestrator'
import { checkRecordedRuns } from '@nanoagent/orchestrator/testing'

// Of real runs the folder is kept with the code; nanoagent export writes such files, too.
await using folder = await mkdtempDisposable(join(tmpdir(), 'nanoagent-'))
const passphrase = 'only for this example'
const team = passwordTeam()
const model = createOfflineModel(team.agents)
const journal = createMemoryJournal()
await using orchestrator = createOrchestrator({ team, model, journal })
for (const [name, request] of [
  ['pin', 'A PIN of 6 digits'],
  ['bank', 'A password of 20 characters'],
] as const) {
  const { runId, status } = await orchestrator.run(request)
  console.log(status, '-', request)
  const lines: string[] = []
  await exportRuns(journal, [runId], (line) => lines.push(line), { passphrase })
  await writeFile(join(folder.path, `${name}.jsonl`), lines.join(''))
}

// In a test this one call is all: it throws where a run is not replayed alike.
const { counts } = await checkRecordedRuns({ folder: folder.path, team, passphrase })
console.log('identical:', counts.identical)

const agents = team.agents.map((agent) =>
  agent.role === 'tester' ? { ...agent, instructions: 'Say whether it is any good.' } : agent,
)
const changed = { ...team, agents }
const files = await runFiles(folder.path)
const report = await checkRuns({ files, team: changed, passphrase })
for (const run of report.runs) {
  const [what = ''] = describeCheckedRun(run)
  console.log(what.replace(/, run [\w-]+/, ''))
}
console.log('JUnit XML:', /<testsuites[^>]*>/.exec(junitXml(report))?.[0].replace(/ time=.*/, ''))

const by = { team: changed, model: createOfflineModel(agents) }
for (const { file, diff } of await updateRuns({ files, runs: report.runs, by, passphrase })) {
  console.log(file, diff === undefined ? 'stays as it was' : 'is recorded anew')
}
console.log('identical:', (await checkRuns({ files, team: changed, passphrase })).counts.identical)
