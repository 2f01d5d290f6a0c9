import { builtInTeams, SPECIALISTS as known } from '@nanoagent/agents'
import { expect, it } from 'vitest'
import { rolesOf, SPECIALISTS, TEAM_NAMES } from './team-choice.ts'

it('knows the teams and the specialists of the library, which must not load it', () => {
  expect(TEAM_NAMES).toEqual(Object.keys(builtInTeams))
  expect(SPECIALISTS).toEqual(known)
})

it.for([
  { team: 'password' },
  { team: 'password', with: ['ux-writer'] },
  { team: 'password', with: ['security-auditor', 'ux-writer'] },
  { team: 'password-full' },
  { team: 'password-full', with: ['ux-writer'] },
] as const)('knows who plays in $team with $with', (flags) => {
  const { agents } = builtInTeams[flags.team]({ with: [], ...flags })
  expect(rolesOf(flags)).toEqual(agents.map(({ role }) => role))
})
