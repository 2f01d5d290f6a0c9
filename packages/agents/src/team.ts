import { canonicalHash, type DataOf, type MessageType } from '@nanoagent/bus'
import type { Agent } from './agent.ts'
import { WiringError } from './errors.ts'
import type { Listener } from './listener.ts'
import { linksOf, type Route } from './routes.ts'
import type { Entered, Wired } from './wiring/wired.ts'
import { wiringProblems } from './wiring/wiring.ts'

/** The named fields of a run's result, each the latest message of a type. */
export type NamedTypes = Readonly<Record<string, MessageType>>

/** The data behind the named fields; `undefined` where no such message was published. */
export type NamedContext<Context extends NamedTypes> = {
  readonly [Name in keyof Context]: DataOf<NonNullable<Context[Name]>> | undefined
}

/** Agents wired together, an entry and a terminal type. Made by `defineTeam`. */
export interface Team<
  Entry extends MessageType = MessageType,
  Terminal extends MessageType = MessageType,
  Context extends NamedTypes = NamedTypes,
  Role extends string = string,
> {
  readonly name: string
  readonly agents: readonly Agent<Role>[]
  readonly listeners: readonly Listener[]
  readonly entry: Route<string, Entry>
  readonly terminal: Terminal
  readonly context: Context
}

/**
 * Wires agents together. What is wrong with the wiring is a compile error where TypeScript can tell,
 * and always a `WiringError` that names both ends: an emitted type that its recipient does not
 * accept, a role that nobody or two play, two schemas under one name, no path to the terminal type, a
 * branch that could leave its fan-out or cannot end.
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
  /** Who gets copies of messages between the agents. Default: nobody. */
  readonly listeners?: readonly Listener[]
  /** Who gets the request, and as which message type: `to('planner', RequestSubmitted)`. */
  readonly entry: Route<EntryTo, Entry> & Entered<Agents, Route<EntryTo, Entry>>
  /** The type that ends a run when it is handed to `coordinator`. */
  readonly terminal: Terminal
  /** Names for the fields of a run's result. */
  readonly context?: Context
}): Team<Entry, Terminal, Context, Agents[number]['role']>
export function defineTeam(definition: {
  readonly name: string
  readonly agents: readonly Agent[]
  readonly listeners?: readonly Listener[]
  readonly entry: Route
  readonly terminal: MessageType
  readonly context?: NamedTypes
}): Team {
  const { name, agents, listeners = [], entry, terminal, context = {} } = definition
  const problems = wiringProblems({ agents, listeners, entry, terminal, context })
  if (problems.length > 0) throw new WiringError(name, problems)
  return { name, agents, listeners, entry, terminal, context }
}

/** What a run's record says of one agent that could take part in it. Hashes are SHA-256. */
export interface AgentSignature {
  readonly role: string
  readonly version?: string
  readonly accepts: readonly string[]
  /** As `type to role`. */
  readonly emits: readonly string[]
  /** As `type to role, type to role joined as type to role`; absent where it does not fan out. */
  readonly fansOut?: readonly string[]
  /** As `type to role`; absent where it asks nobody. */
  readonly asks?: readonly string[]
  readonly tools: readonly string[]
  readonly model?: string
  readonly temperature?: number
  readonly maxTokens?: number
  readonly instructionsHash: string
  /** Of the schemas of what it accepts and emits. */
  readonly schemasHash: string
  /** Of names, descriptions, parameters, results and `once` of its tools. */
  readonly toolsHash: string
}

/** What a run's record says of the team that made it: enough to see later what has changed. */
export interface TeamSignature {
  readonly team: string
  readonly entry: string
  readonly terminal: string
  readonly agents: readonly AgentSignature[]
}

/** The signature of a team as it is defined now. */
export function teamSignature({ name, agents, entry, terminal }: Team): TeamSignature {
  return {
    team: name,
    entry: `${entry.type.name} to ${entry.to}`,
    terminal: terminal.name,
    agents: agents.map(agentSignature),
  }
}

function agentSignature(agent: Agent): AgentSignature {
  const { role, version, accepts, emits, fansOut, asks } = agent
  const { tools, instructions, model, temperature, maxTokens } = agent
  const shown = ({ to, type }: Route) => `${type.name} to ${to}`
  return {
    role,
    ...(version === undefined ? {} : { version }),
    accepts: accepts.map(({ name }) => name),
    emits: emits.map(shown),
    ...(fansOut.length === 0
      ? {}
      : {
          fansOut: fansOut.map(
            ({ branches, join }) => `${branches.map(shown).join(', ')} joined as ${shown(join)}`,
          ),
        }),
    ...(asks.length === 0 ? {} : { asks: asks.map(shown) }),
    tools: tools.map(({ name }) => name),
    ...(model === undefined ? {} : { model }),
    ...(temperature === undefined ? {} : { temperature }),
    ...(maxTokens === undefined ? {} : { maxTokens }),
    instructionsHash: canonicalHash(instructions),
    schemasHash: canonicalHash(
      [...accepts, ...linksOf(agent).map(({ type }) => type)].map((type) => type.jsonSchema()),
    ),
    toolsHash: canonicalHash(tools.map(({ spec, result, once }) => ({ ...spec, result, once }))),
  }
}
