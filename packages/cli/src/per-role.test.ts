import { passwordTeam } from '@nanoagent/agents'
import { expect, it } from 'vitest'
import { ROLES } from './per-role.ts'

it("knows the password team's roles, which must not load it", () => {
  expect(ROLES).toEqual(passwordTeam().agents.map(({ role }) => role))
})
