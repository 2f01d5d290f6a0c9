import { defineMessage } from '@nanoagent/bus'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { defineAgent } from './agent.ts'
import { configureTeam } from './configure-team.ts'
import { DefinitionError } from './errors.ts'
import type { ModelSettings } from './model-settings.ts'
import { passwordTeam } from './password-team/team.ts'
import { to } from './routes.ts'
import { defineTeam, type Team, teamSignature } from './team.ts'

const Asked = defineMessage('question.asked', z.string())
const Answered = defineMessage('question.answered', z.string())

function writerWith(settings: ModelSettings) {
  return defineAgent({
    role: 'writer',
    description: 'Writes.',
    accepts: [Asked],
    emits: [to('coordinator', Answered)],
    handle() {},
    ...settings,
  })
}

const settingsOf = (team: Team) =>
  teamSignature(team).agents.map(({ role, model, temperature, maxTokens }) => ({
    ...{ role, model, temperature, maxTokens },
  }))

describe('configureTeam', () => {
  it('gives roles other settings, which the signature shows, and leaves the team as it is', () => {
    const team = passwordTeam()

    const configured = configureTeam(team, {
      planner: { model: 'gpt-4.1', temperature: 0 },
      tester: { maxTokens: 300 },
    })

    expect(settingsOf(configured)).toEqual([
      { role: 'planner', model: 'gpt-4.1', temperature: 0 },
      { role: 'implementer' },
      { role: 'tester', maxTokens: 300 },
    ])
    expect(settingsOf(team).every(({ model }) => model === undefined)).toBe(true)
  })

  it("keeps what an agent's own definition says and the settings leave out", () => {
    const team = defineTeam({
      name: 'answers',
      agents: [writerWith({ model: 'large', temperature: 1, maxTokens: 50 })],
      entry: to('writer', Asked),
      terminal: Answered,
    })

    expect(settingsOf(configureTeam(team, { writer: { model: 'small' } }))).toEqual([
      { role: 'writer', model: 'small', temperature: 1, maxTokens: 50 },
    ])
  })

  it('refuses a role that nobody plays, naming those of the team', () => {
    const team: Team = passwordTeam()

    expect(() => configureTeam(team, { planer: { model: 'm' } })).toThrow(
      new DefinitionError(
        "no agent of team 'password' plays 'planer' (roles: 'planner', 'implementer', 'tester'): " +
          'check its model settings',
      ),
    )
  })

  it('lets TypeScript refuse it where the roles are known', () => {
    // @ts-expect-error nobody plays 'planer'
    const misuse = () => configureTeam(passwordTeam(), { planer: { model: 'm' } })

    expect(misuse).toThrow(DefinitionError)
  })
})

describe('model settings', () => {
  it.for([
    { settings: { model: ' ' }, says: "'writer' has an empty model name: name one" },
    { settings: { temperature: -0.1 }, says: 'has the temperature -0.1: give one from 0 to 2' },
    { settings: { temperature: 2.1 }, says: 'has the temperature 2.1: give one from 0 to 2' },
    { settings: { temperature: Number.NaN }, says: 'has the temperature NaN' },
    { settings: { maxTokens: 0 }, says: 'has 0 as maxTokens: give a whole number from 1' },
    { settings: { maxTokens: 1.5 }, says: 'has 1.5 as maxTokens' },
  ])('$settings are refused for an agent and for a team', ({ settings, says }) => {
    const team = defineTeam({
      name: 'answers',
      agents: [writerWith({})],
      entry: to('writer', Asked),
      terminal: Answered,
    })

    for (const wrong of [
      () => writerWith(settings),
      () => configureTeam(team, { writer: settings }),
    ]) {
      expect(wrong).toThrow(DefinitionError)
      expect(wrong).toThrow(says)
    }
  })

  it.for([{ temperature: 0 }, { temperature: 2 }, { maxTokens: 1 }])('%j are taken', (settings) => {
    expect(writerWith(settings)).toMatchObject(settings)
  })
})
