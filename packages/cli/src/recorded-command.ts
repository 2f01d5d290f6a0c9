import {
  type AnyPasswordTeam,
  type AskTeam,
  askTeam,
  builtInTeams,
  type ChatTeam,
  chatTeam,
  configureTeam,
  type Model,
  type ModelSettings,
  type Team,
} from '@nanoagent/agents'
import type { Journal } from '@nanoagent/bus'
import { z } from 'zod'
import type { RunFlags, TalkArguments, TalkFlags } from './arguments.ts'
import { talkSettings } from './chat/talk-settings.ts'
import {
  type Configuration,
  configure,
  type Environment,
  type ModelFlags,
} from './configuration.ts'
import { ForeignRunError } from './errors.ts'
import { ROLES } from './per-role.ts'
import { SPECIALISTS, TEAM_NAMES } from './team-choice.ts'

const settings = z.strictObject({
  model: z.exactOptional(z.string()),
  temperature: z.exactOptional(z.number()),
  maxTokens: z.exactOptional(z.number()),
})

/** Where a model was asked. */
const endpointSchema = z.strictObject({
  /** Without credentials, query and fragment. */
  baseUrl: z.string(),
  /** The fingerprint of `baseUrl` in the journal that it was recorded in. */
  mark: z.string(),
})

/** Which model answered, without the key. */
const answering = {
  mode: z.literal(['mock', 'live']),
  /** The model for every role; absent in mock mode. */
  model: z.exactOptional(z.string()),
  /** Absent in mock mode. */
  endpoint: z.exactOptional(endpointSchema),
}

const runSchema = z.strictObject({
  name: z.literal('run'),
  ...answering,
  team: z.literal(TEAM_NAMES),
  with: z.array(z.literal(SPECIALISTS)),
  retries: z.number(),
  roles: z.partialRecord(z.literal(ROLES), settings),
})

const chatSchema = z.strictObject({
  name: z.literal('chat'),
  ...answering,
  instructions: z.exactOptional(z.string()),
  settings,
})

const askSchema = z.strictObject({ name: z.literal('ask'), ...answering, settings })

const commandSchema = z.discriminatedUnion('name', [runSchema, chatSchema, askSchema])

/** What the record of a run keeps of the command that began it: enough to make its team again. */
export type RecordedCommand = z.infer<typeof commandSchema>

/** The settings of the model, as they are recorded. */
function answeringModel(configuration: Configuration): Pick<RecordedCommand, 'mode' | 'model'> {
  const { mode } = configuration
  return mode === 'mock' ? { mode } : { mode, model: configuration.model }
}

/** The command as it is recorded where another model may answer from now on. */
export function answeredBy(
  { model: _model, endpoint: _endpoint, ...command }: RecordedCommand,
  configuration: Configuration,
): RecordedCommand {
  return { ...command, ...answeringModel(configuration) }
}

/**
 * The model that is recorded, where it was asked if that is given, unless another one or another place was
 * typed.
 */
export async function configureAgain(
  { mode, model }: RecordedCommand,
  flags: ModelFlags,
  env: Environment,
  baseUrl?: string,
): Promise<Configuration> {
  const isTyped = flags.model !== undefined || flags.baseUrl !== undefined
  if (mode === 'mock' && !isTyped) return { mode: 'mock', isImplied: false }
  const recorded = {
    ...(model === undefined ? {} : { model }),
    ...(baseUrl === undefined ? {} : { baseUrl }),
  }
  return await configure({ ...recorded, ...flags }, env)
}

/** A run of a password team, as it is recorded. */
export function recordedRun(
  { team, with: specialists = [], retries, roles }: RunFlags,
  configuration: Configuration,
): z.infer<typeof runSchema> {
  const added = [...specialists]
  return { name: 'run', ...answeringModel(configuration), team, with: added, retries, roles }
}

/** A run in which one agent talks, as it is recorded. */
export function recordedTalk<Name extends TalkArguments['command']>(
  name: Name,
  flags: TalkFlags,
  configuration: Configuration,
): Pick<RecordedCommand, 'mode' | 'model'> & { name: Name; settings: ModelSettings } {
  return { name, ...answeringModel(configuration), settings: talkSettings(flags) }
}

/** What the record of a run says about it: the command that began it, and where its model is asked. */
export function aboutRun(
  command: RecordedCommand,
  { endpoint }: Model,
  journal: Pick<Journal, 'memory'>,
): { readonly command: RecordedCommand } {
  if (endpoint === undefined) return { command }
  const recorded = { baseUrl: endpoint, mark: markOf(endpoint, journal) }
  return { command: { ...command, endpoint: recorded } }
}

/**
 * Where the model of a recorded run was asked. `undefined` where that is not known, and where another
 * journal's export says so: a key must not be sent wherever a file names.
 */
export function recordedBaseUrl(
  { endpoint }: RecordedCommand,
  journal: Pick<Journal, 'memory'>,
): string | undefined {
  if (endpoint === undefined) return undefined
  const { baseUrl, mark } = endpoint
  return mark === markOf(baseUrl, journal) ? baseUrl : undefined
}

function markOf(baseUrl: string, { memory }: Pick<Journal, 'memory'>): string {
  return memory.fingerprint(`endpoint ${baseUrl}`)
}

/** The team of a recorded run. */
export function runTeam(command: z.infer<typeof runSchema>): AnyPasswordTeam {
  const { team, retries, with: specialists, roles } = command
  return configureTeam(builtInTeams[team]({ retries, with: specialists }), roles)
}

/** The team of a recorded line of a conversation. */
export function chattingTeam({ instructions, settings }: z.infer<typeof chatSchema>): ChatTeam {
  const options = instructions === undefined ? {} : { instructions }
  return configureTeam(chatTeam(options), { assistant: settings })
}

/** The team of a recorded question. */
export function askingTeam({ settings }: z.infer<typeof askSchema>): AskTeam {
  return configureTeam(askTeam(), { answerer: settings })
}

/** The team of whatever was recorded. */
export function teamOf(command: RecordedCommand): Team {
  switch (command.name) {
    case 'run':
      return runTeam(command)
    case 'chat':
      return chattingTeam(command)
    case 'ask':
      return askingTeam(command)
  }
}

/**
 * Reads what a run's record says about it, to do this with it. Throws a `ForeignRunError` where this
 * command cannot have begun it.
 */
export function readCommand(
  runId: string,
  about: Readonly<Record<string, unknown>>,
  action: 'resume' | 'replay' | 'fork',
): RecordedCommand {
  const { command } = about
  if (command === undefined) {
    throw new ForeignRunError(
      `run ${runId} was not begun by this command: ${action} it with the program that made it`,
    )
  }
  const parsed = commandSchema.safeParse(command)
  if (parsed.success) return parsed.data
  const [issue] = parsed.error.issues
  throw new ForeignRunError(
    `run ${runId} was begun in a way that this version does not know ` +
      `(${issue?.path.join('.')}: ${issue?.message}): ${action} it with the version that began it`,
  )
}
