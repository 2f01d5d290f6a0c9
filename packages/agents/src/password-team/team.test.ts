import { inspect } from 'node:util'
import { createMemoryJournal, type DataOf, type JournalRecord, type Secret } from '@nanoagent/bus'
import { describe, expect, expectTypeOf, it } from 'vitest'
import { recordsOf } from '../../test/answerer.ts'
import { copying, startProcess } from '../../test/process.ts'
import type { Agent } from '../agent.ts'
import type { Model, ModelRequest } from '../model.ts'
import { createOfflineModel } from '../offline/offline-model.ts'
import { runTeam, seededRandomInt } from '../testing/index.ts'
import type { PasswordReady, PasswordTested, RequestSubmitted } from './messages.ts'
import { type AnyPasswordTeam, passwordTeam } from './team.ts'
import { builtInTeams } from './teams.ts'

const team = passwordTeam()
const full = builtInTeams['password-full']()

/** The offline model, and every request to it. */
function listening(team: { readonly agents: readonly Agent[] } = full): {
  model: Model
  requests: readonly ModelRequest[]
} {
  const offline = createOfflineModel(team.agents)
  const requests: ModelRequest[] = []
  return {
    requests,
    model: {
      name: offline.name,
      generate(request, options) {
        requests.push(request)
        return offline.generate(request, options)
      },
    },
  }
}

describe.each([team, full])('the value of a password of team $name', (team) => {
  it.for([
    ['a password of 24 characters'],
    ['5 passwords'],
    ['a passphrase of 7 words'],
    ['a 12-digit PIN'],
    ['an 8-character password'],
  ] as const)('is nowhere but in the message, behind reveal(): %s', async ([request]) => {
    const { model, requests } = listening()
    const { records, context, messages } = await runTeam(team, request, { model })

    const values = context.implementation?.passwords.map((password) => password.reveal()) ?? []
    expect(values.length).toBeGreaterThan(0)
    const everything = [
      JSON.stringify([messages, records, requests]),
      inspect([messages, records, requests], { depth: null, showHidden: true }),
      String(context.implementation?.passwords),
    ].join('\n')
    for (const value of values) expect(everything.includes(value)).toBe(false)
  })

  it('is a handle that names its origin', async () => {
    const { context, ...end } = await runTeam(team, 'a password', { model: listening().model })

    expect(context.implementation?.password.handle).toMatch(/^secret:/)
    expect(context.implementation?.password.handle).toContain(end.runId)
  })
})

describe('the password team', () => {
  it('hands off from planner to implementer to tester to the coordinator', async () => {
    const { records, ...end } = await runTeam(team, 'a password for my bank', {
      model: listening().model,
    })

    expect(end.messages.map(({ from, to, type }) => `${from} → ${to}: ${type}`)).toEqual([
      'coordinator → planner: request.submitted',
      'planner → implementer: plan.ready',
      'implementer → tester: password.ready',
      'tester → coordinator: password.tested',
    ])
    expect(end.messages.slice(1).map(({ content }) => content)).toEqual([
      'Plan created. Handing off to Implementer.',
      'Password generated. Handing off to Tester for validation.',
      'Validation complete. Verdict: PASS',
    ])
    const lines = records.flatMap((record) => (record.kind === 'log' ? [record.text] : []))
    expect(lines).toEqual([
      'Analyzing user requirements...',
      'Plan created. Handing off to Implementer.',
      'Executing implementation plan...',
      'Generating password with config: {config}',
      'Password generated: {passwords}',
      'Handing off to Tester for validation.',
      'Validating generated password...',
      'Validation complete. Strength: {strength}, Verdict: {verdict}',
    ])
  })

  it('plans the same for the same request, and asks the planner the same', async () => {
    const runs = await Promise.all(
      [1, 2].map(async () => {
        const { model, requests } = listening()
        const { context } = await runTeam(team, '3 passwords, 18 characters, no symbols', { model })
        return { plan: context.plan, request: requests[0], context }
      }),
    )

    expect(runs[0]?.plan).toEqual(runs[1]?.plan)
    expect(runs[0]?.request).toEqual(runs[1]?.request)
    expect(runs[0]?.context.implementation?.password.reveal()).not.toBe(
      runs[1]?.context.implementation?.password.reveal(),
    )
  })

  it('makes the same of the same chance', async () => {
    const made = async () => {
      const repeatable = passwordTeam({ randomInt: seededRandomInt(1) })
      const { context } = await runTeam(repeatable, 'a password', { model: listening().model })
      return context.implementation?.password.reveal()
    }

    expect(await made()).toBe(await made())
  })

  it('makes fewer, and says so, where there are not as many different passwords as are asked for', async () => {
    const request = "3 passwords of 8 characters that contain 'Abcdef1!'"
    const { context, ...end } = await runTeam(team, request, { model: listening().model })

    expect(end.status).toBe('completed')
    expect(context.implementation?.passwords).toHaveLength(1)
    expect(context.plan?.why).toContain('Only 1 different can be made')
  })

  it('recommends something where it fails a password of eight characters', async () => {
    const { context, ...end } = await runTeam(team, 'an 8-character password', {
      model: listening().model,
    })

    expect(end.status).toBe('completed')
    const { verdict, recommendations, score } = context.testResults ?? {}
    expect({ verdict, score }).toEqual({ verdict: 'FAIL', score: 3 })
    expect(recommendations).toContainEqual(expect.stringContaining('at least 12 characters'))
  })

  it('has messages of these types', () => {
    expectTypeOf<DataOf<typeof RequestSubmitted>>().toEqualTypeOf<string>()
    expectTypeOf<DataOf<typeof PasswordReady>['passwords']>().toEqualTypeOf<readonly Secret[]>()
    expectTypeOf<DataOf<typeof PasswordTested>['verdict']>().toEqualTypeOf<'PASS' | 'FAIL'>()
    expect(team.agents.map(({ role }) => role)).toEqual(['planner', 'implementer', 'tester'])
  })
})

describe('the password team in another process', () => {
  const isStep = ({ kind }: JournalRecord) => kind === 'step'

  /** A run that is killed when it has recorded so many steps, and gone on with from copies. */
  async function interruptedAfter(steps: number, team: AnyPasswordTeam) {
    const journal = copying(createMemoryJournal({ isAlive: () => false }))
    const first = startProcess(journal, team.agents, listening().model)
    const killed = Promise.withResolvers<void>()
    let seen = 0
    first.bus.observe((record) => {
      if (!isStep(record) || ++seen !== steps) return
      first.kill()
      killed.resolve()
    })
    const { entry, terminal } = team
    first.bus.publish(entry.to, entry.type, '2 passwords', { terminal, runId: 'r' })
    await killed.promise
    const second = startProcess(journal, team.agents, listening().model)
    await using _ = second.bus
    const end = await (await second.bus.resume('r')).result
    return { end, records: await recordsOf(journal) }
  }

  it.for([[1], [2], [3], [4], [5], [6], [7], [8], [9], [10], [11]] as const)(
    'goes on where it was killed after %d steps, and repeats none',
    async ([steps]) => {
      const { end, records } = await interruptedAfter(steps, team)

      expect(end).toMatchObject({ status: 'completed', usage: { modelCalls: 5, toolCalls: 3 } })
      expect(records.filter(isStep)).toHaveLength(11)
    },
  )

  it.for([[4], [5], [7], [9], [11], [13], [15], [17], [20]] as const)(
    'goes on after %d steps with specialists at work, and repeats none',
    async ([steps]) => {
      const { end, records } = await interruptedAfter(steps, full)

      expect(end).toMatchObject({ status: 'completed', message: { type: 'password.reviewed' } })
      expect(end.usage).toMatchObject({ modelCalls: 9, toolCalls: 8 })
      expect(records.filter(isStep)).toHaveLength(20)
    },
  )
})
