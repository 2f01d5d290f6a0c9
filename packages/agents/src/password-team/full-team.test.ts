import type { Runtime } from '@nanoagent/bus'
import { describe, expect, it } from 'vitest'
import { drawing } from '../../test/drawing.ts'
import type { Agent } from '../agent.ts'
import type { Model } from '../model.ts'
import { createOfflineModel } from '../offline/offline-model.ts'
import { createVirtualRuntime, runTeam, sleep } from '../testing/index.ts'
import { type PasswordTeamOptions, passwordTeam, SPECIALISTS, type Specialist } from './team.ts'
import { builtInTeams } from './teams.ts'

const request = 'A password for Anna Miller'
const good = 'Kj9#mPx2$vNq8&Lw'
// Strong by itself, but it has the name in it.
const personal = 'Kj9#M1ll3r$vNq8&'

function run(about: string, options: PasswordTeamOptions = {}) {
  const team = passwordTeam({ with: SPECIALISTS, ...options })
  return runTeam(team, about, { model: createOfflineModel(team.agents) })
}

/** The offline model, which takes longer to answer one role. */
function slowFor(role: string, agents: readonly Agent[], runtime: Runtime): Model {
  const model = createOfflineModel(agents)
  return {
    ...model,
    async generate(asked, options) {
      if (asked.agent === role) await sleep(runtime, 500, options.signal)
      return model.generate(asked, options)
    },
  }
}

const story = ({ history }: Awaited<ReturnType<typeof run>>) =>
  history.map(({ from, to, content }) => `${from} → ${to}: ${content}`)

/** The messages in causal order: which branch was sooner does not matter. */
const byId = <T extends { readonly id: string }>(messages: readonly T[]) =>
  messages.toSorted((a, b) => (a.id < b.id ? -1 : 1))

describe('the full password team', () => {
  it('tests, audits and writes at once, and lets the reviewer decide', async () => {
    const { history, ...end } = await run('a password for my bank', { randomInt: drawing(good) })

    expect(end).toMatchObject({ status: 'completed', output: { verdict: 'PASS', attempt: 1 } })
    expect(byId(history).map(({ from, to, type }) => `${from} → ${to}: ${type}`)).toEqual([
      'planner → implementer: plan.ready',
      'implementer → tester: password.ready',
      'tester → reviewer: password.tested',
      'implementer → security-auditor: password.ready',
      'security-auditor → reviewer: audit.reported',
      'implementer → ux-writer: password.ready',
      'ux-writer → planner: purpose.asked',
      'planner → ux-writer: purpose.explained',
      'ux-writer → reviewer: guidance.written',
      'implementer → reviewer: checks.joined',
      'reviewer → coordinator: password.reviewed',
    ])
    const told = history.map(({ id }) => id)
    expect(told.at(-1)).toBe(`${end.runId}.h.j.h`)
  })

  it('names what came of it', async () => {
    const { context } = await run('a password for my bank', { randomInt: drawing(good) })

    expect(context.testResults).toMatchObject({ verdict: 'PASS', score: 5 })
    expect(context.audit).toMatchObject({ verdict: 'PASS', results: [{ verdict: 'PASS' }] })
    expect(context.guidance).toMatchObject({ purpose: 'bank', say: [/no bank asks for it/] })
    expect(context.review).toEqual({
      verdict: 'PASS',
      reasons: [
        'Tester: PASS, very strong, 5/5.',
        'Security Auditor: PASS, no finding speaks against it.',
      ],
      attempt: 1,
      of: 3,
    })
  })

  it('comes to the same messages with the same chance, whichever branch is sooner', async () => {
    const messagesOf = async (slow: string) => {
      const runtime = createVirtualRuntime()
      const team = passwordTeam({ with: SPECIALISTS, randomInt: drawing(personal, good) })
      const model = slowFor(slow, team.agents, runtime)
      const { messages } = await runTeam(team, request, { model, runtime })
      return byId(messages).map(({ sentAt, metadata, ...message }) => message)
    }

    const runs = await Promise.all(['tester', 'security-auditor', 'ux-writer'].map(messagesOf))
    const [first, ...others] = runs.map((messages) => JSON.stringify(messages))
    expect(runs[0]).toHaveLength(22)
    for (const other of others) expect(other).toBe(first)
  })
})

describe('a password that only the auditor fails', () => {
  it('is made again, with what the auditor advises', async () => {
    const { context, ...end } = await run(request, { randomInt: drawing(personal, good) })

    expect(context.implementation?.password.reveal()).toBe(good)
    expect(context.review).toMatchObject({ verdict: 'PASS', attempt: 2, of: 3 })
    const rejected = end.history.find(({ type }) => type === 'password.rejected')
    expect(rejected).toMatchObject({
      from: 'reviewer',
      to: 'implementer',
      data: { attempt: 1, of: 3, recommendations: [expect.stringMatching(/^personal words: /)] },
    })
    expect(end.history.filter(({ type }) => type === 'password.tested')).toMatchObject([
      { data: { verdict: 'PASS' } },
      { data: { verdict: 'PASS' } },
    ])
  })

  it('fails when no retries are left', async () => {
    const { context, ...end } = await run(request, {
      randomInt: drawing(personal, personal, personal),
    })

    expect(end).toMatchObject({ status: 'completed', output: { verdict: 'FAIL', attempt: 3 } })
    expect(context.testResults?.verdict).toBe('PASS')
    expect(context.audit?.verdict).toBe('FAIL')
    expect(context.review?.reasons).toEqual([
      'Tester: PASS, very strong, 5/5.',
      expect.stringMatching(
        /^Security Auditor: FAIL, personal words: It has a word of the request/,
      ),
    ])
    expect(story({ context, ...end })).toContain(
      'reviewer → implementer: Attempt 2 of 3 failed. Handing back to Implementer.',
    )
  })

  it('has hops for as many retries as there may be', async () => {
    const draws = Array.from({ length: 11 }, () => personal)
    const { output, ...end } = await run(request, { randomInt: drawing(...draws), retries: 10 })

    expect(end.status).toBe('completed')
    expect(output).toMatchObject({ verdict: 'FAIL', attempt: 11, of: 11 })
  })

  it('goes to the coordinator at once where the plan allows nothing better', async () => {
    const { context, history } = await run('a passphrase of 3 words')

    expect(context.review).toMatchObject({ verdict: 'FAIL', attempt: 1 })
    expect(context.testResults?.verdict).toBe('PASS')
    expect(history.filter(({ type }) => type === 'password.rejected')).toEqual([])
  })
})

it('fails at once where the tester can never pass the plan', async () => {
  const { context, history } = await run('a password of 8 characters')

  expect(context.review).toMatchObject({
    verdict: 'FAIL',
    attempt: 1,
    reasons: [expect.stringContaining('Use at least 12 characters'), expect.any(String)],
  })
  expect(history.filter(({ type }) => type === 'password.rejected')).toEqual([])
})

describe('a team with one specialist', () => {
  it.for([
    ['security-auditor', 'audit', 'guidance'],
    ['ux-writer', 'guidance', 'audit'],
  ] as const)('%s', async ([specialist, has, lacks]) => {
    const { context, ...end } = await run('a password', { with: [specialist, specialist] })

    expect(end.status).toBe('completed')
    expect(context.review?.verdict).toBe('PASS')
    expect(context[has]).toBeDefined()
    expect(context[lacks]).toBeUndefined()
    expect(end.agents.map(({ role }) => role)).toEqual([
      ...['planner', 'implementer', 'tester', specialist, 'reviewer'],
    ])
  })

  it('is the usual one without any', () => {
    const none: readonly Specialist[] = []
    expect(passwordTeam({ with: none })).toMatchObject({ name: 'password' })
    expect(passwordTeam({ with: none }).agents).toHaveLength(3)
  })

  it('cannot be one that nobody knows', () => {
    // @ts-expect-error no such specialist
    expect(() => passwordTeam({ with: ['auditor'] })).toThrow(
      "no specialist plays 'auditor' (specialists: 'security-auditor', 'ux-writer'): name one of them",
    )
  })
})

it.for(Object.entries(builtInTeams))('has a built-in team by its name: %s', ([name, make]) => {
  expect(make().name).toBe(name)
})
