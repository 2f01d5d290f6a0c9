import { writeFile } from 'node:fs/promises'
import type { Model, Team } from '@nanoagent/agents'
import { exportRuns, type InputOf, type MessageType } from '@nanoagent/bus'
import { openJournal } from '@nanoagent/bus/sqlite'
import { createOrchestrator, type RunOptions } from '../src/index.ts'

/** How runs are recorded in a file. */
export interface RecordFileOptions<Entry extends MessageType> {
  readonly team: Team<Entry>
  readonly model: Model
  readonly requests: readonly (readonly [request: InputOf<Entry>, options?: RunOptions])[]
  readonly passphrase?: string
}

/** Records runs in a journal beside the file, and exports them all into it; gives their ids. */
export async function recordFile<Entry extends MessageType>(
  path: string,
  { team, model, requests, passphrase }: RecordFileOptions<Entry>,
): Promise<readonly string[]> {
  await using journal = await openJournal(`${path}.db`)
  await using orchestrator = createOrchestrator({ team, model, journal })
  const runIds: string[] = []
  for (const [request, options] of requests) {
    runIds.push((await orchestrator.run(request, options)).runId)
  }
  const lines: string[] = []
  const write = (line: string) => lines.push(line)
  await exportRuns(journal, runIds, write, passphrase === undefined ? {} : { passphrase })
  await writeFile(path, lines.join(''))
  return runIds
}
