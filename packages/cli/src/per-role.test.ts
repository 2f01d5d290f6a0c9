import { builtInTeams } from '@nanoagent/agents'
import { expect, it } from 'vitest'
import { ROLES } from './per-role.ts'

it("knows the full password team's roles, which must not load it", () => {
  expect(ROLES).toEqual(builtInTeams['password-full']().agents.map(({ role }) => role))
})
