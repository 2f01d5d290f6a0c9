import { canonicalHash, type DataOf, type MessageType } from '@nanoagent/bus'
import type { Agent, Route } from './agent.ts'
import { WiringError } from './errors.ts'
import { type Entered, type Wired, wiringProblems } from './wiring.ts'

/** The named fields of a run's result, each the latest message of a type. */
export type NamedTypes = Readonly<Record<string, MessageType>>

/** The data behind the named fields; `undefined` where no such message was published. */
export type NamedContext<Context extends NamedTypes> = {
  readonly [Name in keyof Context]: DataOf<Context[Name]> | undefined
}

/** Agents wired together, an entry and a terminal type. Made by `defineTeam`. */
export interface Team<
  Entry extends MessageType = MessageType,
  Terminal extends MessageType = MessageType,
  Context extends NamedTypes = NamedTypes,
> {
  readonly name: string
  readonly agents: readonly Agent[]
  readonly entry: Route<string, Entry>
  readonly terminal: Terminal
  readonly context: Context
}

/**
 * Wires agents together. What is wrong with the wiring is a compile error where TypeScript can tell,
 * and always a `WiringError` that names both ends: an emitted type that its recipient does not
 * accept, a role that nobody or two play, two schemas under one name, no path to the terminal type.
 */
export function defineTeam<
  const Agents extends readonly Agent[],
  EntryTo extends string,
  Entry extends MessageType,
  Terminal extends MessageType,
  const Context extends NamedTypes = Record<never, never>,
>(definition: {
  readonly name: string
  readonly agents: Agents & Wired<Agents, Terminal>
  /** Who gets the request, and as which message type: `to('planner', RequestSubmitted)`. */
  readonly entry: Route<EntryTo, Entry> & Entered<Agents, Route<EntryTo, Entry>>
  /** The type that ends a run when it is handed to `coordinator`. */
  readonly terminal: Terminal
  /** Names for the fields of a run's result. */
  readonly context?: Context
}): Team<Entry, Terminal, Context>
export function defineTeam(definition: {
  readonly name: string
  readonly agents: readonly Agent[]
  readonly entry: Route
  readonly terminal: MessageType
  readonly context?: NamedTypes
}): Team {
  const { name, agents, entry, terminal, context = {} } = definition
  const problems = wiringProblems({ agents, entry, terminal })
  if (problems.length > 0) throw new WiringError(name, problems)
  return { name, agents, entry, terminal, context }
}

/** What a run's record says of the team that made it: enough to see later what has changed. */
export function teamSignature({ name, agents, entry, terminal }: Team): object {
  return {
    team: name,
    entry: { to: entry.to, type: entry.type.name },
    terminal: terminal.name,
    agents: agents.map((agent) => ({
      role: agent.role,
      accepts: agent.accepts.map(({ name }) => name),
      emits: agent.emits.map(({ to, type }) => `${type.name} to ${to}`),
      tools: agent.tools.map(({ name }) => name),
      hash: canonicalHash({
        instructions: agent.instructions,
        schemas: [...agent.accepts, ...agent.emits.map(({ type }) => type)].map((type) =>
          type.jsonSchema(),
        ),
        tools: agent.tools.map(({ spec }) => spec),
      }),
    })),
  }
}
