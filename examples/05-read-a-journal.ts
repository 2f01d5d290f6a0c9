// A journal in a file outlives its process: find a run in it, read what happened, add up what roles did.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createOfflineModel, passwordTeam } from '@nanoagent/agents'
import { differences, findRun, listRuns, readRun, runStats } from '@nanoagent/bus'
import { openJournal } from '@nanoagent/bus/sqlite'
import { createOrchestrator } from '@nanoagent/orchestrator'

const folder = await mkdtemp(join(tmpdir(), 'nanoagent-'))
const path = join(folder, 'journal.db')

{
  const team = passwordTeam()
  await using journal = await openJournal(path)
  await using orchestrator = createOrchestrator({
    team,
    model: createOfflineModel(team.agents),
    journal,
  })
  for (const request of ['A PIN of 6 digits', 'A password for a bank']) {
    await orchestrator.run(request)
  }
}

{
  await using journal = await openJournal(path, { mode: 'read' })
  for await (const { runId, status, verdict, request } of listRuns(journal)) {
    console.log(runId, status, verdict, request)
  }
  const { graph, runId } = await readRun(journal, await findRun(journal, 'last~1'))
  for (const { message, attempts } of graph.nodes.values()) {
    const cause = graph.nodes.get(message.causationId ?? '')?.message
    const runs = { before: runId, after: runId }
    const kept = differences(cause?.data, message.data, runs).filter(({ kind }) => kind === 'same')
    console.log(message.type, attempts.at(-1)?.outcome ?? 'collected', kept.length, 'fields kept')
  }
  const { roles } = await runStats(journal)
  for (const { role, handled, attemptMs } of roles) console.log(role, handled, attemptMs)
}

await rm(folder, { recursive: true })
