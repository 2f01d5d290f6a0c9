import { type DataOf, type InputOf, isOfType, type MessageType } from '@nanoagent/bus'
import { namedContext } from '../named-context.ts'
import type { NamedContext, NamedTypes, Team } from '../team.ts'
import { type RememberedValues, writtenIn } from './given-memory.ts'
import { type HarnessOptions, runOnBus, type TestRun } from './harness.ts'

/** How a team is run in a test. */
export interface TeamRunOptions extends HarnessOptions {
  /** What the roles remember from earlier runs, by role and key: JSON with secrets. Default: nothing. */
  readonly memory?: Readonly<Record<string, RememberedValues>>
}

/** What came of a team's run. */
export interface TeamRun<
  Terminal extends MessageType = MessageType,
  Context extends NamedTypes = NamedTypes,
> extends TestRun {
  /** The terminal message's data; absent unless `completed`. */
  readonly output?: DataOf<Terminal>
  /** The team's named fields, as far as the run got. */
  readonly context: NamedContext<Context>
  /** What the roles have written for later runs, by role and key. */
  readonly memory: Readonly<Record<string, RememberedValues>>
}

/**
 * Runs a team on one request, on a bus of its own, until the run and the grace of its listeners are over.
 * Throws where the request is invalid.
 */
export async function runTeam<
  Entry extends MessageType,
  Terminal extends MessageType,
  Context extends NamedTypes,
>(
  team: Team<Entry, Terminal, Context>,
  request: InputOf<Entry>,
  options: TeamRunOptions = {},
): Promise<TeamRun<Terminal, Context>> {
  const { entry, terminal, context, agents, listeners } = team
  const workers = { agents, listeners, memory: options.memory }
  const run = await runOnBus(workers, { ...entry, data: request }, terminal, options)
  const last = run.messages.at(-1)
  return {
    ...run,
    ...(run.status === 'completed' && last !== undefined && isOfType(last, terminal)
      ? { output: last.data }
      : {}),
    context: namedContext(context, run.messages),
    memory: writtenIn(run.records),
  }
}
