import { createReadStream } from 'node:fs'
import type { Team } from '@nanoagent/agents'
import { NotReplayableError, type RunOpenedRecord } from '@nanoagent/bus'
import { type CheckedRun, type CheckRunsOptions, checkRuns } from '@nanoagent/orchestrator'
import { ForeignRunError } from '../errors.ts'
import { readCommand, teamOf } from '../recorded-command.ts'

/** A file that is to be checked. */
export interface FileToCheck {
  /** What it is called in the report. */
  readonly name: string
  readonly path: string
}

/** How each file is checked. */
export type FileOptions = Pick<
  CheckRunsOptions,
  'attempts' | 'passphrase' | 'isWithoutSecrets' | 'signal'
>

/** Runs of one file that are replayed at once: while one waits for something, others go on. */
const RUNS_AT_ONCE = 4

/** Replays the runs of one file with the teams that they name; tells of each, as data without secrets. */
export async function checkFile(
  { name, path }: FileToCheck,
  options: FileOptions,
  onRun: (run: CheckedRun) => void,
): Promise<void> {
  await checkRuns({
    ...options,
    files: [{ name, open: () => createReadStream(path) }],
    team: createTeams(),
    atOnce: RUNS_AT_ONCE,
    onRun: (run) => onRun(JSON.parse(JSON.stringify(run))),
  })
}

/** Most teams that are kept: runs of one file are mostly of few. */
const TEAMS = 20

/** Makes the teams that runs name, each once. */
function createTeams(): (run: RunOpenedRecord) => Team {
  const teams = new Map<string, Team>()
  return (run) => {
    const key = JSON.stringify(run.about.command)
    const known = teams.get(key)
    if (known !== undefined) return known
    if (teams.size === TEAMS) teams.clear()
    const team = recordedTeam(run)
    teams.set(key, team)
    return team
  }
}

/** The team that a run's record names. Throws a `NotReplayableError` where this command cannot make it. */
function recordedTeam({ runId, about }: RunOpenedRecord): Team {
  try {
    return teamOf(readCommand(runId, about, 'replay'))
  } catch (error) {
    if (!(error instanceof ForeignRunError)) throw error
    throw new NotReplayableError(runId, error.message.replace(`run ${runId} `, 'it '))
  }
}
