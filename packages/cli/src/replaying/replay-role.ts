import { type Agent, askTeam, builtInTeams, chatTeam, type Model } from '@nanoagent/agents'
import type { RunOpenedRecord } from '@nanoagent/bus'
import { replayAgent } from '@nanoagent/orchestrator'
import { readInstructions } from '../chat/instructions.ts'
import { configure, type Environment } from '../configuration.ts'
import { ForeignRunError, UsageError } from '../errors.ts'
import { EXIT } from '../exit-status.ts'
import { openForReading } from '../journal-choice.ts'
import { createModel } from '../model.ts'
import { chosenRuns } from '../reading/chosen-runs.ts'
import { interruptible } from '../reading/interruptible.ts'
import { countText } from '../reading/words.ts'
import { type RecordedCommand, readCommand, teamOf } from '../recorded-command.ts'
import { paintFor } from '../screen/paint.ts'
import { firstCharacters, oneLine } from '../screen/printable.ts'
import type { AgentFlags, AgentReplaying } from './agent-options.ts'
import { showAgentReplays } from './agent-report.ts'
import type { ReplaySettings } from './replay.ts'

/** Gives what a role has handled to its agent of today, and shows what differs; gives the exit status. */
export async function replayRole(
  { flags, role, runs }: AgentReplaying,
  { env, output, interruption }: ReplaySettings,
): Promise<number> {
  const { signal } = interruption
  const known = builtInAgents()
  assertKnown(role, known)
  const told = flags.instructions === undefined ? undefined : readInstructions(flags.instructions)
  const model = await modelFor(flags, env, known)
  await using journal = await openForReading({ flags, env, output })
  const reader = interruptible(journal, signal)
  let foreign = 0
  const agentFor = ({ runId, about }: RunOpenedRecord): Agent | undefined => {
    const command =
      runs.kind === 'one' ? readCommand(runId, about, 'replay') : commandIn(runId, about)
    if (command === undefined) foreign++
    return (
      command && withChanges(command, { role, told, model: model && modelName(flags, command) })
    )
  }
  const replays = replayAgent({
    agent: agentFor,
    journal: { ...reader, memory: journal.memory },
    runs: chosenRuns(reader, runs, flags),
    signal,
    ...(model === undefined ? {} : { model }),
    ...requestsAtOnce(flags),
  })
  const paint = paintFor(process.stdout, flags)
  const shown = { journal: reader, flags, output, paint, isLive: model !== undefined }
  const total = await showAgentReplays(replays, shown)
  if (foreign > 0) {
    const others = foreign === 1 ? 'which was' : 'which were'
    output.notify(
      `nanoagent: ${countText(foreign, 'run')} left out, ${others} not begun by this command`,
    )
  }
  const { same, changed, failed, skipped } = total
  if (same + changed + failed + skipped === 0) {
    throw new UsageError(
      `'${role}' has handled nothing in these runs: nanoagent stats lists who has`,
    )
  }
  return failed > 0 ? EXIT.failed : changed > 0 ? EXIT.diverged : EXIT.pass
}

function builtInAgents(): readonly Agent[] {
  return [builtInTeams['password-full'](), chatTeam(), askTeam()].flatMap(
    ({ agents }): readonly Agent[] => agents,
  )
}

function assertKnown(role: string, agents: readonly Agent[]): void {
  if (agents.some((agent) => agent.role === role)) return
  const roles = agents.map((agent) => agent.role).join(', ')
  throw new UsageError(
    `no agent plays '${firstCharacters(oneLine(role), 40)}', the roles are ${roles}`,
  )
}

/** What answers anew; `undefined` where nothing was asked for that needs it. */
async function modelFor(
  flags: AgentFlags,
  env: Environment,
  agents: readonly Agent[],
): Promise<Model | undefined> {
  const { live, instructions, model, mock, baseUrl } = flags
  const isLive = [live, instructions, model, mock, baseUrl].some((given) => given !== undefined)
  return isLive ? await createModel(await configure(flags, env), agents) : undefined
}

function commandIn(
  runId: string,
  about: Readonly<Record<string, unknown>>,
): RecordedCommand | undefined {
  try {
    return readCommand(runId, about, 'replay')
  } catch (error) {
    if (error instanceof ForeignRunError) return undefined
    throw error
  }
}

/** The model of a live replay by its name, where one was typed or is recorded for every role. */
function modelName(
  { model, mock }: AgentFlags,
  command: RecordedCommand,
): { readonly typed?: string; readonly recorded?: string } {
  if (model !== undefined) return { typed: model }
  return mock === true || command.model === undefined ? {} : { recorded: command.model }
}

interface Changes {
  readonly role: string
  /** Its instructions, in place of its own. */
  readonly told: string | undefined
  /** Where its model is asked anew: which. */
  readonly model: ReturnType<typeof modelName> | undefined
}

/** The agent of a recorded team; `undefined` where nobody played its role. */
function withChanges(
  command: RecordedCommand,
  { role, told, model: named }: Changes,
): Agent | undefined {
  const agent = teamOf(command).agents.find((one) => one.role === role)
  const model = named?.typed ?? agent?.model ?? named?.recorded
  return (
    agent && {
      ...agent,
      ...(told === undefined ? {} : { instructions: told }),
      ...(model === undefined ? {} : { model }),
    }
  )
}

function requestsAtOnce({ requestsAtOnce: most }: AgentFlags) {
  return most === undefined ? {} : { deliveriesAtOnce: most, modelRequestsAtOnce: most }
}
