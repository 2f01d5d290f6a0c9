import { inspect } from 'node:util'
import { createMemoryJournal, type DataOf, type JournalRecord, type Secret } from '@nanoagent/bus'
import { describe, expect, expectTypeOf, it } from 'vitest'
import { recordsOf } from '../../test/one-agent.ts'
import { copying, startProcess } from '../../test/process.ts'
import { runTeam } from '../../test/run-team.ts'
import type { Model, ModelRequest } from '../model.ts'
import { createOfflineModel } from '../offline/offline-model.ts'
import { PasswordReady, PasswordTested, PlanReady, type RequestSubmitted } from './messages.ts'
import { passwordTeam } from './team.ts'

const team = passwordTeam()

/** The offline model, and every request to it. */
function listening(): { model: Model; requests: readonly ModelRequest[] } {
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

describe('the value of a password', () => {
  it.for([
    ['a password of 24 characters'],
    ['5 passwords'],
    ['a passphrase of 7 words'],
    ['a 12-digit PIN'],
    ['an 8-character password'],
  ] as const)('is nowhere but in the message, behind reveal(): %s', async ([request]) => {
    const { model, requests } = listening()
    const { end, records, latest } = await runTeam(team, model, request)

    const values = latest(PasswordReady)?.passwords.map((password) => password.reveal()) ?? []
    expect(values.length).toBeGreaterThan(0)
    const everything = [
      JSON.stringify([end, records, requests]),
      inspect([end, records, requests], { depth: null, showHidden: true }),
      String(latest(PasswordReady)?.passwords),
    ].join('\n')
    for (const value of values) expect(everything.includes(value)).toBe(false)
  })

  it('is a handle that names its origin', async () => {
    const { end, latest } = await runTeam(team, listening().model, 'a password')

    expect(latest(PasswordReady)?.password.handle).toMatch(/^secret:/)
    expect(latest(PasswordReady)?.password.handle).toContain(end.runId)
  })
})

describe('the password team', () => {
  it('hands off from planner to implementer to tester to the coordinator', async () => {
    const { end, records } = await runTeam(team, listening().model, 'a password for my bank')

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
        const { latest } = await runTeam(team, model, '3 passwords, 18 characters, no symbols')
        return { plan: latest(PlanReady), request: requests[0], latest }
      }),
    )

    expect(runs[0]?.plan).toEqual(runs[1]?.plan)
    expect(runs[0]?.request).toEqual(runs[1]?.request)
    expect(runs[0]?.latest(PasswordReady)?.password.reveal()).not.toBe(
      runs[1]?.latest(PasswordReady)?.password.reveal(),
    )
  })

  it('makes the same of the same chance', async () => {
    const made = async () => {
      let state = 1
      const repeatable = passwordTeam({
        randomInt: (max) => {
          state = (state * 48_271) % 2_147_483_647
          return state % max
        },
      })
      const { latest } = await runTeam(repeatable, listening().model, 'a password')
      return latest(PasswordReady)?.password.reveal()
    }

    expect(await made()).toBe(await made())
  })

  it('makes fewer, and says so, where there are not as many different passwords as are asked for', async () => {
    const request = "3 passwords of 8 characters that contain 'Abcdef1!'"
    const { end, latest } = await runTeam(team, listening().model, request)

    expect(end.status).toBe('completed')
    expect(latest(PasswordReady)?.passwords).toHaveLength(1)
    expect(latest(PlanReady)?.why).toContain('Only 1 different can be made')
  })

  it('recommends something where it fails a password of eight characters', async () => {
    const { end, latest } = await runTeam(team, listening().model, 'an 8-character password')

    expect(end.status).toBe('completed')
    const { verdict, recommendations, score } = latest(PasswordTested) ?? {}
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
  async function interruptedAfter(steps: number) {
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

  it.for([[1], [2], [3], [4], [5], [6], [7], [8]] as const)(
    'goes on where it was killed after %d steps, and repeats none',
    async ([steps]) => {
      const { end, records } = await interruptedAfter(steps)

      expect(end).toMatchObject({ status: 'completed', usage: { modelCalls: 5, toolCalls: 3 } })
      expect(records.filter(isStep)).toHaveLength(8)
    },
  )
})
