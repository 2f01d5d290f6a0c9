import {
  type AnyPasswordTeam,
  type PasswordTeamOptions,
  passwordTeam,
  SPECIALISTS,
} from './team.ts'

/** The teams that come with nanoagent, by their names. */
export const builtInTeams: Readonly<
  Record<'password' | 'password-full', (options?: PasswordTeamOptions) => AnyPasswordTeam>
> = {
  password: (options = {}) => passwordTeam(options),
  'password-full': (options = {}) => passwordTeam({ ...options, with: SPECIALISTS }),
}
