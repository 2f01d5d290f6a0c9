import { Option } from 'commander'

/** The names of the teams that come with nanoagent, known here without loading them. */
const TEAM_NAMES = ['password'] as const

/** Which team it is about, parsed. */
export interface TeamFlags {
  readonly team: (typeof TEAM_NAMES)[number]
}

/** The option that names the team. */
export function teamOption(): Option {
  return new Option('--team <name>', 'the team that works').choices(TEAM_NAMES).default('password')
}
