import {
  type AnyPasswordTeam,
  builtInTeams,
  createOfflineModel,
  type Model,
  passwordTeam,
} from '@nanoagent/agents'
import { type RunStatus, type Runtime, type Secret, secretsIn, systemRuntime } from '@nanoagent/bus'
import { openJournal } from '@nanoagent/bus/sqlite'
import { createOrchestrator } from '@nanoagent/orchestrator'

/** What the command records of a run of this team with `--mock`. */
const command = { name: 'run', mode: 'mock', with: [], retries: 2, roles: {} }

/** How a run is recorded that the command then takes for one of its own. */
export interface RecordOptions {
  readonly prompt?: string
  readonly team?: AnyPasswordTeam
  readonly model?: Model
  readonly runtime?: Runtime
}

/** Records a run in a file; gives its id and the values of its secrets. */
export async function recordRun(
  path: string,
  { prompt = 'a PIN of 8 digits', team = passwordTeam(), model, runtime }: RecordOptions = {},
): Promise<{ readonly runId: string; readonly status: RunStatus; readonly secrets: string[] }> {
  await using journal = await openJournal(path)
  await using orchestrator = createOrchestrator({
    team,
    model: model ?? createOfflineModel(team.agents),
    journal,
    about: { command: { ...command, team: team.name } },
    delivery: { attempts: 2, backoffMs: 0 },
    ...(runtime === undefined ? {} : { runtime }),
  })
  const { runId, status, history } = await orchestrator.run(prompt)
  const secrets: readonly Secret[] = history.flatMap(({ data }) => secretsIn(data))
  return { runId, status, secrets: secrets.map((secret) => secret.reveal()) }
}

/** The team whose agent in this role has other instructions than today's. */
export function teamBefore(role: string, instructions: string): AnyPasswordTeam {
  const team = builtInTeams.password()
  const agents = team.agents.map((agent) =>
    agent.role === role ? { ...agent, instructions } : agent,
  )
  return { ...team, agents }
}

/** A model that fails at each role's first request, in a way that another attempt may mend. */
export function flakyModel(team: AnyPasswordTeam, roles: readonly string[]): Model {
  const model = createOfflineModel(team.agents)
  const left = new Set(roles)
  return {
    ...model,
    generate: (request, options) =>
      left.delete(request.agent)
        ? Promise.reject(new Error('the line is busy'))
        : model.generate(request, options),
  }
}

/** A world in which a minute passes between any two looks at the clock. */
export function slowRuntime(): Runtime {
  let minutes = 0
  return { ...systemRuntime, elapsed: () => 60_000 * minutes++ }
}
