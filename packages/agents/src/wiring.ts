import { COORDINATOR, type MessageType } from '@nanoagent/bus'
import type { Agent } from './agent.ts'
import type { WiringProblem } from './errors.ts'
import type { Listener } from './listener.ts'
import { linksOf, type Route } from './routes.ts'

/** The agent of a team that plays a role; `never` where nobody does. */
type Playing<Agents extends readonly Agent[], Role extends string> = Extract<
  Agents[number],
  { readonly role: Role }
>

/** The names of the message types that an agent accepts. */
type AcceptedBy<A> = A extends { readonly accepts: readonly MessageType<infer Name>[] }
  ? Name
  : never

/** What is wrong with one route, as a sentence; `never` where TypeScript sees nothing wrong. */
type RouteProblem<
  Agents extends readonly Agent[],
  Terminal extends MessageType,
  From extends string,
  To extends string,
  Name extends string,
> = string extends To
  ? never
  : To extends typeof COORDINATOR
    ? Name extends Terminal['name']
      ? never
      : `'${From}' hands ${Name} to 'coordinator', but the team's terminal type is ${Terminal['name']}`
    : [Playing<Agents, To>] extends [never]
      ? `'${From}' hands ${Name} to '${To}', but no agent of the team plays '${To}'`
      : Name extends AcceptedBy<Playing<Agents, To>>
        ? never
        : `'${From}' hands ${Name} to '${To}', which does not accept ${Name}`

type ProblemsOf<
  Agents extends readonly Agent[],
  Terminal extends MessageType,
  From extends string,
  Emits extends Route,
> =
  Emits extends Route<infer To, infer T>
    ? RouteProblem<Agents, Terminal, From, To, T['name']>
    : never

/** Each agent of a team as it is, or a sentence that says what is wrong with its wiring. */
export type Wired<Agents extends readonly Agent[], Terminal extends MessageType> = {
  readonly [Index in keyof Agents]: Agents[Index] extends Agent<infer From, infer _, infer Emits>
    ? [ProblemsOf<Agents, Terminal, From, Emits>] extends [never]
      ? Agents[Index]
      : ProblemsOf<Agents, Terminal, From, Emits>
    : Agents[Index]
}

/** The entry of a team as it is, or a sentence that says why nobody takes it. */
export type Entered<Agents extends readonly Agent[], Entry extends Route> =
  Entry extends Route<infer To, infer T>
    ? string extends To
      ? Entry
      : [Playing<Agents, To>] extends [never]
        ? `the entry ${T['name']} goes to '${To}', but no agent of the team plays '${To}'`
        : T['name'] extends AcceptedBy<Playing<Agents, To>>
          ? Entry
          : `the entry ${T['name']} goes to '${To}', which does not accept ${T['name']}`
    : Entry

/** What the wiring check looks at. */
export interface Wiring {
  readonly agents: readonly Agent[]
  readonly listeners: readonly Listener[]
  readonly entry: Route
  readonly terminal: MessageType
  /** The named fields of a run's result. */
  readonly context: Readonly<Record<string, MessageType>>
}

/** Everything that is wrong with a team's wiring, in the order of its agents; empty where nothing is. */
export function wiringProblems(wiring: Wiring): readonly WiringProblem[] {
  const { agents, entry, terminal } = wiring
  const routes = [
    { from: 'entry', said: `the entry ${entry.type.name} goes`, ...entry },
    ...agents.flatMap((agent) =>
      linksOf(agent).map((link) => ({
        from: agent.role,
        said: `'${agent.role}' hands ${link.type.name}`,
        ...link,
      })),
    ),
  ]
  const problems: WiringProblem[] = []
  const roles = new Set<string>()
  for (const { role } of agents) {
    if (roles.has(role)) {
      problems.push({ from: role, to: role, message: `two agents play '${role}': rename one` })
    }
    roles.add(role)
  }
  for (const { from, said, to, type } of routes) {
    const problem = (message: string) =>
      problems.push({ from, to, message: `${said} to '${to}', ${message}` })
    if (to === COORDINATOR) {
      if (type.name !== terminal.name) problem(`but the team's terminal type is ${terminal.name}`)
      continue
    }
    const agent = agents.find(({ role }) => role === to)
    if (agent === undefined) {
      const names = [...roles].map((role) => `'${role}'`).join(', ') || 'none'
      problem(`but no agent of the team plays '${to}' (roles: ${names})`)
    } else if (!agent.accepts.some(({ name }) => name === type.name)) {
      const accepted = agent.accepts.map(({ name }) => name).join(', ')
      problem(`which does not accept ${type.name} (it accepts ${accepted})`)
    }
  }
  return [
    ...problems,
    ...twoSchemas(agents, entry, terminal),
    ...noWayOut(agents, entry, terminal),
    ...neverFilled(wiring),
  ]
}

/** Message types that share a name but not a definition. */
function twoSchemas(
  agents: readonly Agent[],
  entry: Route,
  terminal: MessageType,
): readonly WiringProblem[] {
  const uses = [
    { by: 'entry', type: entry.type },
    { by: 'terminal', type: terminal },
    ...agents.flatMap((agent) => [
      ...agent.accepts.map((type) => ({ by: agent.role, type })),
      ...linksOf(agent).map(({ type }) => ({ by: agent.role, type })),
    ]),
  ]
  const first = new Map<string, (typeof uses)[number]>()
  const problems: WiringProblem[] = []
  for (const use of uses) {
    const known = first.get(use.type.name)
    if (known === undefined) first.set(use.type.name, use)
    else if (known.type !== use.type) {
      problems.push({
        from: known.by,
        to: use.by,
        message: `'${known.by}' and '${use.by}' have two different schemas under the name ${use.type.name}: share one definition`,
      })
    }
  }
  return problems
}

/** Named fields whose type nobody publishes. */
function neverFilled({ agents, entry, context }: Wiring): readonly WiringProblem[] {
  const published = new Set([
    entry.type,
    ...agents.flatMap((agent) => linksOf(agent).map(({ type }) => type)),
  ])
  return Object.entries(context)
    .filter(([, type]) => !published.has(type))
    .map(([field, { name }]) => ({
      from: `context.${field}`,
      to: name,
      message: `the context field '${field}' is ${name}, which no agent of the team emits`,
    }))
}

/** Agents that the entry reaches and from which no way leads to the terminal type. */
function noWayOut(
  agents: readonly Agent[],
  entry: Route,
  terminal: MessageType,
): readonly WiringProblem[] {
  const byRole = new Map(agents.map((agent) => [agent.role, agent]))
  const reached = new Set<string>()
  const visit = (role: string): void => {
    if (reached.has(role)) return
    reached.add(role)
    const agent = byRole.get(role)
    for (const { to } of agent === undefined ? [] : linksOf(agent)) visit(to)
  }
  visit(entry.to)
  const leads = new Set<string>([COORDINATOR])
  for (let before = -1; before !== leads.size; ) {
    before = leads.size
    for (const agent of agents)
      if (linksOf(agent).some(({ to }) => leads.has(to))) leads.add(agent.role)
  }
  return [...reached]
    .filter((role) => byRole.has(role) && !leads.has(role))
    .map((role) => ({
      from: role,
      to: terminal.name,
      message: `no path leads from '${role}' to the terminal type ${terminal.name}: let an agent hand it to '${COORDINATOR}'`,
    }))
}
