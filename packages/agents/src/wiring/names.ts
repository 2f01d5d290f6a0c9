import { isJoinType, type MessageType } from '@nanoagent/bus'
import type { WiringProblem } from '../errors.ts'
import { linksOf } from '../routes.ts'
import type { Wiring } from './wiring.ts'

/** Roles that two play, agents or listeners. */
export function takenRoles({ agents, listeners }: Wiring): readonly WiringProblem[] {
  const played = new Map<string, string>()
  const problems: WiringProblem[] = []
  const players = [
    ...agents.map(({ role }) => ({ role, what: 'agent' })),
    ...listeners.map(({ role }) => ({ role, what: 'listener' })),
  ]
  for (const { role, what } of players) {
    const first = played.get(role)
    if (first === undefined) played.set(role, what)
    else {
      const both = first === what ? `two ${what}s play` : `an ${first} and a ${what} play`
      problems.push({ from: role, to: role, message: `${both} '${role}': rename one` })
    }
  }
  return problems
}

/** A message type, and who brings it into the team. */
interface Use {
  readonly by: string
  readonly type: MessageType
}

/** Message types that share a name but not a definition. */
export function twoSchemas(wiring: Wiring): readonly WiringProblem[] {
  const first = new Map<string, Use>()
  const problems: WiringProblem[] = []
  for (const { by, type } of usesOf(wiring)) {
    const { name } = type
    const known = first.get(name)
    if (known === undefined) first.set(name, { by, type })
    else if (known.type !== type) {
      const both =
        known.by === by ? `'${by}' has two` : `'${known.by}' and '${by}' have two different`
      problems.push({
        from: known.by,
        to: by,
        message: `${both} schemas under the name ${name}: share one definition`,
      })
    }
  }
  return problems
}

/** Every message type of a team by its name: of messages, replies, branches and joins. */
export function typesOf(wiring: Wiring): ReadonlyMap<string, MessageType> {
  return new Map(usesOf(wiring).map(({ type }) => [type.name, type]))
}

function usesOf({ agents, listeners, entry, terminal, context }: Wiring): readonly Use[] {
  return [
    { by: 'entry', type: entry.type },
    { by: 'terminal', type: terminal },
    ...agents.flatMap((agent) =>
      [...agent.accepts, ...linksOf(agent).map(({ type }) => type)].map((type) => ({
        by: agent.role,
        type,
      })),
    ),
    ...listeners.flatMap(({ role, listens }) => listens.map((type) => ({ by: role, type }))),
    ...Object.entries(context).map(([field, type]) => ({ by: `context.${field}`, type })),
  ].flatMap(({ by, type }) => withinIt(type).map((inner) => ({ by, type: inner })))
}

/** A message type with the types that it brings along: its reply, the ends of the branches it joins. */
function withinIt(type: MessageType): readonly MessageType[] {
  return [
    type,
    ...(type.reply === undefined ? [] : [type.reply]),
    ...(isJoinType(type) ? type.join.types : []),
  ]
}
