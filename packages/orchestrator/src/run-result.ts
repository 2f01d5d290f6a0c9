import { type NamedContext, type NamedTypes, namedContext, type Team } from '@nanoagent/agents'
import {
  type DataOf,
  isOfType,
  type JournalRecord,
  type Message,
  type MessageType,
  type RunEnd,
  type RunStatus,
  summaryOf,
  type Usage,
} from '@nanoagent/bus'

/** What came of a run. */
export interface RunResult<
  Terminal extends MessageType = MessageType,
  Context extends NamedTypes = NamedTypes,
> {
  readonly runId: string
  readonly status: RunStatus
  /** Why, for every status but `completed`. */
  readonly reason?: string
  /** The terminal message's data; absent unless `completed`. */
  readonly output?: DataOf<Terminal>
  /** The team's named fields, as far as the run got. */
  readonly context: NamedContext<Context>
  /** The handoffs in journal order: every message but the root. */
  readonly history: readonly Message[]
  readonly usage: Usage
  readonly durationMs: number
}

type Results<Terminal extends MessageType, Context extends NamedTypes> = Pick<
  Team<MessageType, Terminal, Context>,
  'terminal' | 'context'
>

/** How a run of a team ended, with what that team names. */
export function resultOf<Terminal extends MessageType, Context extends NamedTypes>(
  team: Results<Terminal, Context>,
  { message, messages, ...end }: RunEnd,
): RunResult<Terminal, Context> {
  return {
    ...end,
    ...(message !== undefined && isOfType(message, team.terminal) ? { output: message.data } : {}),
    context: namedContext(team.context, messages),
    history: messages.slice(1),
  }
}

/**
 * What came of a recorded run of a team, from all its records in journal order; `undefined` where it is
 * open. Data that no longer fits its type is left out of `output` and `context`. Of the time of a run that
 * was opened again all counts, from its opening to its end.
 */
export function recordedResult<Terminal extends MessageType, Context extends NamedTypes>(
  team: Results<Terminal, Context>,
  records: readonly JournalRecord[],
): RunResult<Terminal, Context> | undefined {
  const summary = summaryOf(records)
  const ended = records.at(-1)
  if (summary?.durationMs === undefined || ended?.kind !== 'run.ended') return undefined
  const { status, reason, usage } = ended
  const types = [team.terminal, ...Object.values(team.context)]
  const messages = records.flatMap((record) => (record.kind === 'message' ? record.message : []))
  const readable = messages.filter((message) => isReadable(message, types))
  // It is in the same append, right before the end that it brings about.
  const message = status === 'completed' ? messages.at(-1) : undefined
  const result = resultOf(team, {
    runId: summary.runId,
    status,
    ...(reason === undefined ? {} : { reason }),
    ...(message !== undefined && readable.includes(message) ? { message } : {}),
    messages: readable,
    usage,
    durationMs: summary.durationMs,
  })
  return { ...result, history: messages.slice(1) }
}

function isReadable({ type, data }: Message, types: readonly MessageType[]): boolean {
  const known = types.find(({ name }) => name === type)
  try {
    known?.parse(data)
    return true
  } catch {
    return false
  }
}
