import type { MessageType } from '@nanoagent/bus'
import { DefinitionError } from './errors.ts'
import { checkModelSettings, type ModelSettings } from './model-settings.ts'
import type { NamedTypes, Team } from './team.ts'

/**
 * The same team with other model settings for some of its roles; what a role's settings leave out
 * stays as its agent has it. Throws a `DefinitionError` for a role that nobody plays, and for
 * settings that no endpoint would take.
 */
export function configureTeam<
  Entry extends MessageType,
  Terminal extends MessageType,
  Context extends NamedTypes,
  Role extends string,
>(
  team: Team<Entry, Terminal, Context, Role>,
  settings: { readonly [Name in NoInfer<Role>]?: ModelSettings },
): Team<Entry, Terminal, Context, Role> {
  const byRole = new Map(Object.entries<ModelSettings | undefined>(settings))
  for (const role of byRole.keys()) {
    if (team.agents.some((agent) => agent.role === role)) continue
    const roles = team.agents.map((agent) => `'${agent.role}'`).join(', ')
    throw new DefinitionError(
      `no agent of team '${team.name}' plays '${role}' (roles: ${roles}): check its model settings`,
    )
  }
  return {
    ...team,
    agents: team.agents.map((agent) => {
      const { model, temperature, maxTokens } = byRole.get(agent.role) ?? {}
      const chosen = {
        ...(model === undefined ? {} : { model }),
        ...(temperature === undefined ? {} : { temperature }),
        ...(maxTokens === undefined ? {} : { maxTokens }),
      }
      checkModelSettings(agent.role, chosen)
      return { ...agent, ...chosen }
    }),
  }
}
