import { type PasswordTeam, type PasswordTeamOptions, passwordTeam } from './team.ts'

/** The teams that come with nanoagent, by their names. */
export const builtInTeams: Readonly<
  Record<'password', (options?: PasswordTeamOptions) => PasswordTeam>
> = {
  password: (options = {}) => passwordTeam(options),
}
